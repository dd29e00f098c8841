import { money } from "../../lib/money.ts";
import type { Ctx, Resources } from "../../lib/service.ts";
import * as pricing from "../pricing/contract.ts";
import type { Cart } from "./contract.ts";
import { type Content, view } from "./model.ts";

type Unpriced = Content & Pick<Cart, "id" | "status" | "version">;

/** The cart for its owner, with the prices of now. An option that no longer serves the country counts as not chosen. */
export async function priced(r: Resources, { call }: Pick<Ctx, "call">, cart: Unpriced): Promise<Cart> {
  const { id, status, version, items, email, shippingAddress, shippingOptionId } = cart;
  const shown = { id, status, version, items, email, shippingAddress, shippingOptionId };
  if (items.length === 0) return view(shown, { lines: [], totals: nothing(r.config.currency) });
  const quote = await call(pricing.quote, {
    lines: items.map(({ variantId, quantity }) => ({ variantId, quantity })),
    ...(shippingAddress && { country: shippingAddress.country }),
    ...(shippingOptionId && { shippingOptionId }),
  });
  if (quote.outcome === "unshippable") return priced(r, { call }, { ...cart, shippingOptionId: null });
  return view(shown, quote);
}

function nothing(currency: string): Cart["totals"] {
  const zero = money(0, currency);
  return { items: zero, discount: zero, shipping: zero, tax: zero, total: zero };
}
