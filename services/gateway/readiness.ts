import type { Call } from "../../lib/contract.ts";
import { keepsUp, kernelContract } from "../../lib/kernel-contract.ts";

/** Why a service is not ready. */
export interface Problem {
  readonly service: string;
  readonly reason: string;
}

interface Asking {
  readonly call: Call;
  /** The services that the shop is made of. */
  readonly needs: readonly string[];
  readonly isLive: (service: string) => boolean;
  /** The shop was ready once: whoever is only a little behind does not count. */
  readonly wasReady: boolean;
}

/** Asks every service; none of them may be missing. An empty list means that the shop is ready. */
export async function findProblems({ call, needs, isLive, wasReady }: Asking): Promise<Problem[]> {
  const reasons = await Promise.all(
    needs.map((service) => (isLive(service) ? reasonOf({ call, wasReady }, service) : "is not running")),
  );
  return needs.flatMap((service, at) => {
    const reason = reasons[at];
    return reason ? [{ service, reason }] : [];
  });
}

async function reasonOf({ call, wasReady }: Pick<Asking, "call" | "wasReady">, service: string): Promise<string | null> {
  try {
    const health = await call(kernelContract(service).health, {});
    return health.isReady || (wasReady && keepsUp(health)) ? null : (health.reason ?? "is not ready");
  } catch {
    return "does not answer";
  }
}
