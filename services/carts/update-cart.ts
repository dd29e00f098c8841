import type { Input } from "../../lib/contract.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import { change, invalid } from "./change.ts";
import type * as carts from "./contract.ts";
import type { Content, StoredCart } from "./model.ts";
import { optionsFor } from "./options-for.ts";
import * as store from "./store.ts";

/** Says where to send it, to whom to write, and how to ship. */
export const updateCart =
  (r: Resources): Handler<typeof carts.updateCart> =>
  (input, ctx) =>
    change(r, ctx, input.id, async (before) => {
      const after = await updated(ctx, before, input);
      return { after, save: (tx) => store.setDelivery(tx, before, after) };
    });

type Wishes = Input<typeof carts.updateCart>;

async function updated(ctx: Pick<Ctx, "call">, before: StoredCart, wishes: Wishes): Promise<Content> {
  const email = wishes.email ?? before.email;
  if (!wishes.shippingAddress && !wishes.shippingOptionId) return { ...before, email };
  const shippingAddress = wishes.shippingAddress ?? before.shippingAddress;
  if (!shippingAddress) throw invalid("shippingOptionId", "needs a shippingAddress first");
  const options = await optionsFor(ctx, { ...before, email }, shippingAddress.country);
  if (options.length === 0) throw invalid("shippingAddress.country", "the shop does not ship there");
  const wanted = wishes.shippingOptionId ?? before.shippingOptionId;
  const isServed = options.some(({ id }) => id === wanted);
  if (wishes.shippingOptionId && !isServed) throw invalid("shippingOptionId", "does not serve this country");
  // An option that was chosen for another country and does not serve this one has to be chosen anew.
  return { ...before, email, shippingAddress, shippingOptionId: isServed ? wanted : null };
}
