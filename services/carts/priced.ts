import { money } from "../../lib/money.ts";
import type { Ctx, Resources } from "../../lib/service.ts";
import * as pricing from "../pricing/contract.ts";
import type { Cart } from "./contract.ts";
import { type Content, type StoredCart, view } from "./model.ts";

type Unpriced = Content & Pick<StoredCart, "id" | "status" | "version" | "customerId" | "orderId">;

/** The cart for its owner, with the prices of now. An option that no longer serves the country counts as not chosen. */
export async function priced(r: Resources, ctx: Pick<Ctx, "call">, cart: Unpriced): Promise<Cart> {
  const { id, status, version, customerId, items, email, shippingAddress, shippingOptionId } = cart;
  const shown = { id, status, version, customerId, items, email, shippingAddress, shippingOptionId };
  if (items.length + cart.coupons.length === 0) return view(shown, nothing(r.config.currency));
  const quote = await quoted(ctx, cart);
  if (quote.outcome === "unshippable") return priced(r, ctx, { ...cart, shippingOptionId: null });
  return view(shown, quote);
}

type Asked = Content & Partial<Pick<StoredCart, "orderId">>;

/** What pricing says of a cart, or of one as it would be. */
export const quoted = ({ call }: Pick<Ctx, "call">, cart: Asked) =>
  call(pricing.quote, {
    lines: cart.items.map(({ variantId, quantity }) => ({ variantId, quantity })),
    coupons: [...cart.coupons],
    ...(cart.shippingAddress && { country: cart.shippingAddress.country }),
    ...(cart.shippingOptionId && { shippingOptionId: cart.shippingOptionId }),
    ...(cart.email && { buyer: cart.email }),
    ...(cart.orderId && { orderId: cart.orderId }),
  });

function nothing(currency: string) {
  const zero = money(0, currency);
  const totals = { items: zero, discount: zero, shipping: zero, tax: zero, includedTax: zero, total: zero };
  return { lines: [], coupons: [], inapplicable: [], totals };
}
