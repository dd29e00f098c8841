import type { Call } from "../../lib/contract.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { errorFields, type Log } from "../../lib/log.ts";
import type { Shapes } from "./openapi.ts";
import type { LiveService } from "./routes.ts";

/** The services' own words about their actions, asked once for each set of nodes and remembered while a service is away. */
export class Descriptions {
  readonly #call: Call;
  readonly #log: Log;
  readonly #askedOf = new Map<string, string>();
  readonly #shapes = new Map<string, Shapes>();

  constructor(call: Call, log: Log) {
    this.#call = call;
    this.#log = log;
  }

  shapesOf(action: string): Shapes | undefined {
    return this.#shapes.get(action);
  }

  /** Asks those that are new or were replaced. One that does not answer is asked again next time. */
  async refresh(services: readonly LiveService[]): Promise<void> {
    await Promise.all(
      services.filter(({ fullName, actions }) => `${fullName}.describe` in actions).map((service) => this.#ask(service)),
    );
  }

  async #ask({ fullName, nodes }: LiveService): Promise<void> {
    const version = nodes.toSorted().join(" ");
    if (this.#askedOf.get(fullName) === version) return;
    try {
      const { actions } = await this.#call(kernelContract(fullName).describe, {});
      for (const { name, input, output } of actions) this.#shapes.set(name, { input, output });
      this.#askedOf.set(fullName, version);
    } catch (error) {
      this.#log.warn(`${fullName} did not describe itself`, errorFields(error));
    }
  }
}
