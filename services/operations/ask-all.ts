import { kernelContract, type KernelContract } from "../../lib/kernel-contract.ts";
import { errorFields } from "../../lib/log.ts";
import type { Resources } from "../../lib/definition.ts";

/** What the services said that answered, by their names, and the names of those that did not. */
export interface Answers<T> {
  readonly said: ReadonlyMap<string, T>;
  readonly degraded: string[];
}

/** Asks every live service at the same time. One that fails takes nothing away from what the others say. */
export async function askAll<T>(
  { peers, log }: Pick<Resources, "peers" | "log">,
  ask: (actions: KernelContract, service: string) => Promise<T>,
): Promise<Answers<T>> {
  const services = [...new Set(peers())].toSorted();
  const answers = await Promise.allSettled(services.map((service) => ask(kernelContract(service), service)));
  const said = new Map<string, T>();
  const degraded: string[] = [];
  for (const [at, service] of services.entries()) {
    const answer = answers[at]!;
    if (answer.status === "fulfilled") said.set(service, answer.value);
    else {
      degraded.push(service);
      log.warn(`${service} did not answer`, errorFields(answer.reason));
    }
  }
  return { said, degraded };
}
