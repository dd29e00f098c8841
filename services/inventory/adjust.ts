import type { Input } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import type { Caller } from "../../lib/edge.ts";
import { type Fault, fault } from "../../lib/fault.ts";
import type { Handler } from "../../lib/service.ts";
import { announceFlips } from "./announce-flips.ts";
import type * as inventory from "./contract.ts";
import * as store from "./store.ts";

type Request = Input<typeof inventory.adjust>;

export const adjust: Handler<typeof inventory.adjust> = (request, ctx) =>
  ctx.commit((tx) => adjustShelf(tx, request, nameOf(ctx.caller)));

const nameOf = (caller: Caller): string => ("id" in caller ? `${caller.kind}:${caller.id}` : caller.kind);

/** Changes what is on hand, never to less than what is reserved. */
export async function adjustShelf(tx: Tx, { sku, delta, reason }: Request, by: string): Promise<store.Adjusted> {
  const adjusted = await store.adjust(tx, { sku, delta, reason, by });
  if (!adjusted) throw await refusal(tx, { sku, delta });
  await announceFlips(tx, flips(adjusted, delta));
  return adjusted;
}

function flips({ sku, free }: store.Adjusted, delta: number): store.Flip[] {
  if (free === null) return [];
  const [was, isAvailable] = [free - delta > 0, free > 0];
  return was === isAvailable ? [] : [{ sku, isAvailable }];
}

async function refusal(tx: Tx, { sku, delta }: Pick<Request, "sku" | "delta">): Promise<Fault> {
  const shelf = await store.findShelf(tx, sku);
  if (!shelf) return fault("not_found", `There is no SKU "${sku}".`);
  if (!shelf.isTracked) {
    const details = [{ field: "sku", message: "is not tracked" }];
    return fault("invalid", `The stock of "${sku}" is not tracked.`, { details });
  }
  const { onHand, reserved, available } = shelf;
  const message = `Of "${sku}" there are ${onHand} on hand and ${reserved} reserved, so ${-delta} cannot be taken away.`;
  return fault("insufficient_stock", message, { details: [{ sku, onHand, reserved, available }] });
}
