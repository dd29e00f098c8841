import { money } from "../../lib/money.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as catalog from "./contract.ts";
import { findAll } from "./find-all-store.ts";
import { fold, wordsOf } from "./model.ts";
import { readCursor, writeCursor } from "./search-cursor.ts";

const SORT = "newest";

export const findAllProducts =
  ({ db }: Resources): Handler<typeof catalog.findAllProducts> =>
  async ({ q = "", status, category, limit, cursor }) => {
    const after = cursor === undefined ? undefined : readCursor(SORT, cursor);
    const found = await findAll(db.sql, { words: wordsOf(fold(q)), status, category, after, limit: limit + 1 });
    const last = found.length > limit ? found[limit - 1] : undefined;
    const data = found.slice(0, limit).map(({ priceAmount, currency, createdAt: _, ...item }) => ({
      ...item,
      price: money(priceAmount, currency),
    }));
    return { data, meta: { limit, nextCursor: last ? writeCursor(SORT, [last.createdAt, last.id]) : null } };
  };
