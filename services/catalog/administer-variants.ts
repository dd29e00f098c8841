import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { change } from "./change.ts";
import type * as catalog from "./contract.ts";
import type { ProductDraft } from "./draft.ts";
import type { FullProductRow } from "./full-store.ts";
import { changedVariant, newVariant } from "./variant-drafts.ts";

type Config = Pick<Resources, "config">;

const namesOf = ({ options }: ProductDraft) => options.map(({ name }) => name);

export const addVariant =
  ({ config: { currency } }: Config): Handler<typeof catalog.addVariant> =>
  ({ id, version, ...said }, ctx) =>
    ctx.commit((tx) =>
      change(tx, { id, version, currency }, (draft) => {
        const variant = newVariant(said, { handle: draft.handle, names: namesOf(draft) });
        return { ...draft, variants: [...draft.variants, variant] };
      }),
    );

export const changeVariant =
  ({ config: { currency } }: Config): Handler<typeof catalog.changeVariant> =>
  ({ id, variantId, version, ...changes }, ctx) =>
    ctx.commit((tx) =>
      change(tx, { id, version, currency }, (draft, row) => {
        const sku = skuOf(row, variantId);
        const edit = (variant: ProductDraft["variants"][number]) =>
          variant.sku === sku ? changedVariant(variant, changes, namesOf(draft)) : variant;
        return { ...draft, variants: draft.variants.map(edit) };
      }),
    );

export const archiveVariant =
  ({ config: { currency } }: Config): Handler<typeof catalog.archiveVariant> =>
  ({ id, variantId }, ctx) =>
    ctx.commit((tx) =>
      change(tx, { id, currency }, (draft, row) => {
        const sku = skuOf(row, variantId);
        const variants = draft.variants.filter((variant) => variant.sku !== sku);
        if (variants.length > 0) return { ...draft, variants };
        throw fault("conflict", "This is the product's last variant. Archive the product instead.");
      }),
    );

/** Of a variant that is on sale. */
function skuOf({ variants }: FullProductRow, id: string): string {
  const found = variants.find((variant) => variant.id === id && !variant.isArchived);
  if (!found) throw fault("not_found");
  return found.sku;
}
