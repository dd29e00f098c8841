import type { Output } from "../../lib/contract.ts";
import { add } from "../../lib/money.ts";
import type { Ctx } from "../../lib/service.ts";
import * as shipping from "../shipping/contract.ts";
import type { Content } from "./model.ts";
import { quoted } from "./priced.ts";

type Options = Output<typeof shipping.findOptions>["options"];

/** How what is in a cart can be sent to a country, by its weight and at prices that know what it costs after discounts. */
export async function optionsFor({ call }: Pick<Ctx, "call">, cart: Content, country: string): Promise<Options> {
  const { options } = await call(shipping.findOptions, { country, ...(await goodsOf({ call }, cart)) });
  return options;
}

async function goodsOf({ call }: Pick<Ctx, "call">, cart: Content) {
  if (cart.items.length === 0) return {};
  const quote = await quoted({ call }, { ...cart, shippingOptionId: null });
  if (quote.outcome === "unshippable") throw new Error("pricing found an option where none was chosen");
  const { lines, totals, grams } = quote;
  return { grams, total: add(totals.items, ...lines.map(({ discount }) => discount)) };
}
