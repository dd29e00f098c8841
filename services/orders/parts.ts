import { z } from "zod";
import type { Input } from "../../lib/contract.ts";
import type { returnOrder } from "./contract.ts";
import type { Part } from "./model.ts";
import type { OrderRow } from "./read-store.ts";

/** Units of an order's lines, by SKU. */
export const Parts = z.array(z.object({ sku: z.string(), quantity: z.int().positive() }));

type Named = NonNullable<Input<typeof returnOrder>["lines"]>;

/** The units that a request names, by SKU. What the order does not have keeps the name that was given, to be refused by it. */
export const partsOf = ({ lines }: OrderRow, named: Named): Part[] =>
  named.map(({ sku, variantId, quantity }) => {
    const found = lines.find((line) => line.variantId === variantId);
    return { sku: sku ?? found?.sku ?? String(variantId), quantity };
  });

type Titled = Part & { readonly title: string; readonly variantTitle: string };

/** Units with what people call them. */
export const titled = ({ lines }: OrderRow, parts: readonly Part[]): Titled[] =>
  parts.flatMap((part) => {
    const line = lines.find(({ sku }) => sku === part.sku);
    return line ? [{ ...part, title: line.title, variantTitle: line.variantTitle }] : [];
  });

/** For the timeline: "2 x BRICK, 1 x PLATE". */
export const inWords = (parts: readonly Part[]): string => parts.map(({ sku, quantity }) => `${quantity} x ${sku}`).join(", ");
