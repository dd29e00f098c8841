import { money } from "../../lib/money.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as catalog from "./contract.ts";
import { correct } from "./correct.ts";
import { countFacets } from "./facet-store.ts";
import { fold, wordsOf } from "./model.ts";
import { readCursor, writeCursor } from "./search-cursor.ts";
import * as store from "./search-store.ts";

/** Lists products. A search is sorted by relevance if not said otherwise, anything else by age. */
export const findProducts =
  ({ db }: Resources): Handler<typeof catalog.findProducts> =>
  async ({ q = "", sort: wanted = "relevance", limit, cursor, filter = {}, facets = "", ...filters }) => {
    const text = fold(q);
    const words = wordsOf(text);
    const sort = wanted === "relevance" && words.length === 0 ? "newest" : wanted;
    const after = cursor === undefined ? undefined : readCursor(sort, cursor);
    const given = { ...filters, filter: filtersOf(filter), sort, after, limit: limit + 1 };
    const names = namesOf(facets);

    const find = async (spellings: Pick<store.Search, "text" | "words">) => {
      const search = { ...given, ...spellings };
      const [found, counts] = await Promise.all([
        store.findHits(db.sql, search),
        names.length > 0 ? countFacets(db.sql, search, names) : [],
      ]);
      return { ...found, counts };
    };

    let found = await find({ text, words: words.map((word) => [word]) });
    if (found.total === 0 && words.length > 0) {
      const spellings = await correct(db.sql, words);
      if (spellings) found = await find({ text: spellings.map(([first]) => first).join(" "), words: spellings });
    }
    const { total, hits, counts } = found;
    const data = hits.slice(0, limit);
    const meta = {
      limit,
      nextCursor: hits.length > limit ? writeCursor(sort, data.at(-1)!.keys) : null,
      total: Math.min(total, store.COUNTED),
      isTotalExact: total <= store.COUNTED,
    };
    return { data: data.map(itemOf), meta: names.length > 0 ? { ...meta, facets: facetsOf(names, counts) } : meta };
  };

const partsOf = (list: string): string[] => [...new Set(list.split(",").map(fold))].filter((part) => part !== "");

const namesOf = (facets: string): string[] => partsOf(facets).slice(0, MOST_FACETS);
const MOST_FACETS = 10;

const filtersOf = (filter: Readonly<Record<string, string>>) =>
  Object.entries(filter).map(([name, values]) => ({ name: fold(name), values: partsOf(values) }));

const facetsOf = (names: readonly string[], counts: readonly { name: string; label: string; count: number }[]) =>
  Object.fromEntries(
    names.map((name) => {
      const own = counts.filter((one) => one.name === name);
      return [name, Object.fromEntries(own.map(({ label, count }) => [label, count]))];
    }),
  );

const itemOf = ({ id, handle, title, image, priceAmount, currency, isInStock }: store.Hit) => ({
  id: id as catalog.ProductId,
  handle,
  title,
  image,
  price: money(priceAmount, currency),
  inStock: isInStock,
});
