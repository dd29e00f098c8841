import type { Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { service } from "../../lib/service.ts";
import type { Database } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { findVariants, productChanged } from "../../services/catalog/contract.ts";

type Facts = Output<typeof findVariants>["variants"][number];

interface Wishes extends Partial<
  Pick<Facts, "sku" | "requiresShipping" | "isTaxable" | "taxClass" | "categories" | "grams" | "productId">
> {
  /** In minor units. */
  readonly price: number;
}

/** A catalog of a few variants in memory: what the others need of the real one, to the letter of its contract. */
export function smallCatalog(currency = "EUR") {
  const sold = new Map<string, Facts>();
  let db: Database | undefined;
  return {
    schema: service("catalog", { findVariants, productChanged }, (resources) => {
      db = resources.db;
      return {
        actions: {
          findVariants: async ({ variantIds }) => ({
            variants: [...new Set(variantIds)].flatMap((id) => sold.get(id) ?? []),
          }),
        },
      };
    }),
    /** Announces how many of a variant there are. */
    async stock({ id, productId, sku }: Facts, quantity: number): Promise<void> {
      const variants = [{ variantId: id, sku, isTracked: true, policy: "deny" as const, quantity }];
      await db?.transaction((tx) => announce(tx, productChanged, { productId, variants }));
    },
    /** Publishes a variant. */
    sell({ price, ...wishes }: Wishes): Facts {
      const id = newId("var");
      const facts = { sku: `SKU-${sold.size + 1}`, productTitle: "Brick", handle: "brick", title: "Red", image: null, grams: 10 };
      const variant = {
        ...facts,
        requiresShipping: true,
        isTaxable: true,
        taxClass: "standard",
        categories: [],
        productId: newId("prod"),
        ...wishes,
        id,
        price: money(price, currency),
      };
      sold.set(id, variant);
      return variant;
    },
    /** Takes a variant out of the shop. */
    withdraw: ({ id }: Facts): void => void sold.delete(id),
  };
}
