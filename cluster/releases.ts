import { mkdir } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { OperatorError } from "../lib/operator-error.ts";
import { type Deployment, readHistory, writeHistory } from "./releases/history.ts";
import { type Frozen, snapshot } from "./releases/snapshot.ts";
import {
  listReleases,
  readRelease,
  type Release,
  relink,
  removeLeftovers,
  removeRelease,
  writeRelease,
} from "./releases/store.ts";

export type { Release } from "./releases/store.ts";

/** A service whose working tree is not what is deployed. */
export interface Change {
  readonly service: string;
  /** Of the working tree. */
  readonly version: string;
  /** Undefined when it was never deployed. */
  readonly deployed: string | undefined;
}

interface Options {
  /** The folder of the running shop; releases are kept in `releases` there. */
  readonly data: string;
  /** The source tree, with its `node_modules`. The default is this checkout. */
  readonly root?: string;
  /** The files that a node's process starts from, besides the service. */
  readonly entries?: readonly string[];
}

const CHECKOUT = join(import.meta.dirname, "..");
const KEPT = 5;

/**
 * The releases of one running shop. A release is a copy of what one service loads, named by the hash of it, so a service
 * whose files and whose kernel have not changed keeps its version. What is deployed is only written down here: whoever rolls
 * out says so with `deployed` and `rolledBack`. One process at a time may write.
 */
export class Releases {
  readonly #folder: string;
  readonly #look: () => ReturnType<typeof snapshot>;
  readonly #modules: string;

  constructor({ data, root = CHECKOUT, entries }: Options) {
    this.#folder = resolve(data, "releases");
    this.#look = () => snapshot(root, entries);
    this.#modules = join(resolve(root), "node_modules");
  }

  /** The version that a release of the working tree would have now. */
  async versionOf(service: string): Promise<string> {
    return (await this.#look().freeze(service)).version;
  }

  /** The versions of all services in the working tree, from one look at it. */
  async versions(): Promise<Map<string, string>> {
    return new Map((await this.#freezeAll()).map(({ service, version }) => [service, version]));
  }

  /** Freezes a service as it is now. Does nothing when that release exists. */
  async release(service: string): Promise<Release> {
    const frozen = await this.#look().freeze(service);
    const folder = this.#folderOf(service);
    const known = await readRelease(join(folder, frozen.version));
    if (known) {
      await relink(known, this.#modules);
      return known;
    }
    // Node strips the types of no file below a folder of that name.
    if (folder.split(sep).includes("node_modules")) {
      throw new OperatorError(`Releases cannot be kept in ${folder}, below node_modules: choose another folder with --data.`);
    }
    await mkdir(folder, { recursive: true });
    return writeRelease(folder, frozen, this.#modules);
  }

  /** The releases of a service, newest first. */
  list(service: string): Promise<Release[]> {
    return listReleases(this.#folderOf(service));
  }

  /** The release that serves now; undefined when none was ever deployed. */
  async current(service: string): Promise<Release | undefined> {
    return this.#at(service, -1);
  }

  /** The release that a rollback goes to; undefined when there is none. */
  async previous(service: string): Promise<Release | undefined> {
    return this.#at(service, -2);
  }

  /** Writes down that a release serves from now on. */
  async deployed({ service, version }: Release): Promise<void> {
    const folder = this.#folderOf(service);
    const history = await readHistory(folder);
    if (history.at(-1)?.version === version) return;
    await writeHistory(folder, [...history, { version, at: new Date().toISOString() }]);
  }

  /** Writes down that the release before serves again: the next rollback goes to the one before that. */
  async rolledBack(service: string): Promise<void> {
    const folder = this.#folderOf(service);
    await writeHistory(folder, (await readHistory(folder)).slice(0, -1));
  }

  /** The services whose working tree is not what is deployed, those included that never were. */
  async changed(): Promise<Change[]> {
    const frozen = await this.#freezeAll();
    const changes = await Promise.all(
      frozen.map(async ({ service, version }) => {
        const deployed = (await readHistory(this.#folderOf(service))).at(-1)?.version;
        return { service, version, deployed };
      }),
    );
    return changes.filter(({ version, deployed }) => version !== deployed);
  }

  /** True when a release was made with other packages than `node_modules` holds now, and so may not run as it did. */
  async hasOtherPackages({ lock }: Release): Promise<boolean> {
    return (await this.#look().lock()) !== lock;
  }

  /** Removes the releases that are not among the five newest, are not deployed, not what a rollback goes to, and not `inUse`. */
  async collect(service: string, inUse: readonly string[] = []): Promise<string[]> {
    const folder = this.#folderOf(service);
    const [releases, history] = await Promise.all([listReleases(folder), readHistory(folder)]);
    const needed = new Set([...history.slice(-2).map(({ version }) => version), ...inUse]);
    const spare = releases.filter(({ version }) => !needed.has(version)).slice(Math.max(0, KEPT - needed.size));
    const gone = new Set(spare.map(({ version }) => version));
    const left = history.filter(({ version }) => !gone.has(version));
    // First forgotten, then removed: a rollback never aims at what is gone.
    if (left.length < history.length) await writeHistory(folder, withoutRepeats(left));
    for (const release of spare) await removeRelease(release);
    await removeLeftovers(folder);
    return [...gone];
  }

  #folderOf(service: string): string {
    return join(this.#folder, service);
  }

  async #freezeAll(): Promise<Frozen[]> {
    const { services, freeze } = this.#look();
    return Promise.all(services.map(freeze));
  }

  async #at(service: string, place: number): Promise<Release | undefined> {
    const folder = this.#folderOf(service);
    const version = (await readHistory(folder)).at(place)?.version;
    return version === undefined ? undefined : readRelease(join(folder, version));
  }
}

const withoutRepeats = (history: readonly Deployment[]): Deployment[] =>
  history.filter(({ version }, index) => version !== history[index - 1]?.version);
