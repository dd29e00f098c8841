import { money } from "../../lib/money.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as catalog from "./contract.ts";
import { fold, wordsOf } from "./model.ts";
import { readCursor, writeCursor } from "./search-cursor.ts";
import * as store from "./search-store.ts";

/** Lists products. A search is sorted by relevance if not said otherwise, anything else by age. */
export const findProducts =
  ({ db }: Resources): Handler<typeof catalog.findProducts> =>
  async ({ q = "", sort: wanted = "relevance", limit, cursor, ...filters }) => {
    const text = fold(q);
    const words = wordsOf(text);
    const sort = wanted === "relevance" && words.length === 0 ? "newest" : wanted;
    const after = cursor === undefined ? undefined : readCursor(sort, cursor);
    const { total, hits } = await store.findHits(db.sql, { ...filters, text, words, sort, after, limit: limit + 1 });
    const data = hits.slice(0, limit);
    const nextCursor = hits.length > limit ? writeCursor(sort, data.at(-1)!.keys) : null;
    return { data: data.map(itemOf), meta: { limit, nextCursor, total } };
  };

const itemOf = ({ id, handle, title, image, priceAmount, currency, isInStock }: store.Hit) => ({
  id: id as catalog.ProductId,
  handle,
  title,
  image,
  price: money(priceAmount, currency),
  inStock: isInStock,
});
