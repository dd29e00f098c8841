import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { change, write } from "./change.ts";
import type * as catalog from "./contract.ts";
import { viewOf } from "./full-product.ts";
import { readFull, readFullOf } from "./full-store.ts";
import { sanitiseHtml } from "./html.ts";
import { slugOf } from "./model.ts";
import { lockProducts } from "./product-store.ts";
import { given, newVariant } from "./variant-drafts.ts";

type Config = Pick<Resources, "config">;

export const getFullProduct =
  ({ db }: Resources): Handler<typeof catalog.getFullProduct> =>
  async ({ id }) => {
    const row = await readFull(db.sql, id);
    if (!row) throw fault("not_found");
    return viewOf(row);
  };

export const createProduct =
  ({ config: { currency } }: Config): Handler<typeof catalog.createProduct> =>
  ({ handle: wanted, description, options, variants, extra, ...said }, ctx) =>
    ctx.commit(async (tx) => {
      await lockProducts(tx);
      const handle = (wanted ?? slugOf(said.title)).normalize("NFC");
      if (await readFullOf(tx, handle)) {
        const message = `There is a product with the handle ${handle}.`;
        throw fault("conflict", message, { details: [{ field: "handle", message }] });
      }
      const draft = {
        ...said,
        handle,
        description: sanitiseHtml(description),
        cells: extra,
        options: options.map((name) => ({ name, values: [] })),
        variants: variants.map((variant) => newVariant(variant, { handle, names: options })),
      };
      return write(tx, draft, currency);
    });

export const changeProduct =
  ({ config: { currency } }: Config): Handler<typeof catalog.changeProduct> =>
  ({ id, version, description, extra, ...said }, ctx) =>
    ctx.commit((tx) =>
      change(tx, { id, version, currency }, (draft) => ({
        ...draft,
        ...given(said),
        ...(description !== undefined && { description: sanitiseHtml(description) }),
        cells: { ...draft.cells, ...extra },
      })),
    );

export const archiveProduct =
  ({ config: { currency } }: Config): Handler<typeof catalog.archiveProduct> =>
  ({ id }, ctx) =>
    ctx.commit((tx) => change(tx, { id, currency }, (draft) => ({ ...draft, status: "archived" })));
