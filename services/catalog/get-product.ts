import { fault } from "../../lib/fault.ts";
import { errorFields } from "../../lib/log.ts";
import { money } from "../../lib/money.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import * as inventory from "../inventory/contract.ts";
import type * as catalog from "./contract.ts";
import * as store from "./store.ts";

/** One product. Without inventory it is shown all the same, and says that it does not know what is available. */
export const getProduct =
  ({ db, log }: Resources): Handler<typeof catalog.getProduct> =>
  async ({ idOrHandle }, ctx) => {
    const found = await store.readProduct(db.sql, idOrHandle);
    if (!found) throw fault("not_found");
    const { currency, optionNames, variants, ...product } = found;
    const skus = variants.filter(({ isTracked }) => isTracked).map(({ sku }) => sku);
    const available = await findAvailability(ctx, skus).catch((error: unknown) => {
      log.warn("a product is shown without availability", errorFields(error));
      return undefined;
    });
    return {
      ...product,
      options: optionNames.map((name) => ({ name, values: valuesOf(variants, name) })),
      variants: variants.map((variant) => variantOf(variant, currency, available?.[variant.sku] ?? null)),
      degraded: available ? [] : ["availability"],
    };
  };

const valuesOf = (variants: readonly store.VariantOnSale[], name: string): string[] => [
  ...new Set(variants.flatMap(({ options }) => options[name] ?? [])),
];

const MOST = 500;

async function findAvailability(ctx: Pick<Ctx, "call">, skus: string[]): Promise<Record<string, number | null>> {
  const calls: string[][] = [];
  for (let from = 0; from < skus.length; from += MOST) calls.push(skus.slice(from, from + MOST));
  const answers = await Promise.all(calls.map((some) => ctx.call(inventory.findAvailability, { skus: some })));
  return Object.assign({}, ...answers.map(({ available }) => available));
}

function variantOf(
  { priceAmount, compareAtAmount, isTracked: _, ...variant }: store.VariantOnSale,
  currency: string,
  available: number | null,
) {
  const compareAtPrice = compareAtAmount === null ? undefined : money(compareAtAmount, currency);
  return { ...variant, price: money(priceAmount, currency), ...(compareAtPrice && { compareAtPrice }), available };
}
