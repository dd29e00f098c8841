import type { Call } from "../../lib/contract.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import type { Resources } from "../../lib/service.ts";
import { readOrder } from "./read-store.ts";

interface Stopping {
  readonly orderId: string;
  readonly by: string;
  readonly call: Call;
}

const PATIENCE = 2_000;

/**
 * Has the checkout of a pending order undone. `stopping`: not all of it is back yet. `stopped`: it came to nothing.
 * `stands`: it was confirmed before anybody could stop it.
 */
export async function stopCheckout(r: Resources, { orderId, by, call }: Stopping): Promise<"stopping" | "stopped" | "stands"> {
  const before = await standing(r, orderId);
  if (before !== "stopping") return before;
  // Refused when the checkout is being undone already, or is over: either way it ends by itself.
  await call(kernelContract("orders").steerSaga, { id: orderId, move: "compensate", by });
  await r.sagas.outcome(orderId, PATIENCE);
  return standing(r, orderId);
}

async function standing(r: Resources, orderId: string) {
  const order = await readOrder(r.db.sql, orderId, "administration");
  if (order?.status === "pending") return "stopping";
  return !order || order.reason !== null ? "stopped" : "stands";
}
