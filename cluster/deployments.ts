import { fault } from "../lib/fault.ts";
import type { Rollout } from "./contract.ts";
import type { Source } from "./fleet.ts";
import type { Release, Releases } from "./releases.ts";
import type { Supervisor } from "./supervisor.ts";

interface Options {
  readonly releases: Releases;
  readonly supervisor: Supervisor;
  /** Replaces the nodes of a service; answers why it stopped, if it did. `watch` as in `rollout.ts`. */
  readonly rollOut: (service: string, source: Source, watch: number) => Promise<string | undefined>;
  /** Milliseconds that a new release is watched where nothing else is said. */
  readonly watch: number;
  readonly say: (line: string) => void;
}

/** Releases services and rolls them out. */
export class Deployments {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Freezes services as they are in the checkout now. */
  async release(services: readonly string[]): Promise<{ service: string; version: string }[]> {
    const { releases } = this.#options;
    return Promise.all(services.map(async (service) => ({ service, version: (await releases.release(service)).version })));
  }

  /** Deploys what has changed of these services, one after the other, and stops at the first that goes back. */
  async deploy(services: readonly string[], watch = this.#options.watch): Promise<Rollout[]> {
    const { releases, supervisor } = this.#options;
    const versions = await releases.versions();
    const rollouts: Rollout[] = [];
    for (const service of services) {
      const before = this.#sourceOf(service);
      if (versions.get(service) === before.version) {
        rollouts.push({ service, from: before.version, to: before.version, outcome: "unchanged", reason: null });
        continue;
      }
      const release = await releases.release(service);
      const rollout = await this.#replace(release, watch);
      rollouts.push(rollout);
      if (rollout.outcome === "went_back") break;
      await releases.deployed(release);
      const { version } = supervisor.wanted(service)!.source;
      await releases.collect(service, [version]);
    }
    return rollouts;
  }

  /** Puts the release before in the place of the one that serves. It is not compared with that one, which it is to save people from. */
  async rollback(service: string): Promise<Rollout> {
    const { releases } = this.#options;
    const before = await releases.previous(service);
    if (!before) throw fault("conflict", `There is no release of ${service} to go back to.`);
    const rollout = await this.#replace(before, 0);
    if (rollout.outcome === "deployed") await releases.rolledBack(service);
    return rollout;
  }

  /** What every service runs when nothing ran before: its release of the checkout. */
  async first(services: readonly string[]): Promise<Map<string, Source>> {
    const { releases } = this.#options;
    const made = await Promise.all(services.map((service) => releases.release(service)));
    for (const release of made) await releases.deployed(release);
    return new Map(made.map(({ service, version, folder }) => [service, { version, folder }]));
  }

  async #replace(release: Release, watch: number): Promise<Rollout> {
    const { supervisor } = this.#options;
    try {
      return await supervisor.inTurn(release.service, () => this.#takeOver(release, watch));
    } finally {
      // Of a rollout that stopped halfway this brings back what it has taken away.
      await supervisor.settle(release.service);
    }
  }

  async #takeOver({ service, version, folder }: Release, watch: number): Promise<Rollout> {
    const { supervisor, rollOut, say } = this.#options;
    const before = this.#sourceOf(service);
    const rollout = { service, from: before.version, to: version };
    if (before.version === version) return { ...rollout, outcome: "unchanged", reason: null };
    const reason = await rollOut(service, { version, folder }, watch);
    if (reason !== undefined) return { ...rollout, outcome: "went_back", reason };
    await supervisor.serves(service, { version, folder });
    say(`${service} is at ${version}, was at ${before.version}`);
    return { ...rollout, outcome: "deployed", reason: null };
  }

  #sourceOf(service: string): Source {
    return this.#options.supervisor.wanted(service)!.source;
  }
}
