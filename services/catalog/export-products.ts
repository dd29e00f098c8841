import { z } from "zod";
import type { Sql } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as catalog from "./contract.ts";
import { draftOf } from "./full-product.ts";
import { countUpTo, type FullProductRow, readColumns, readStretch } from "./full-store.ts";
import { csvLine, exportColumns, exportRows, rowLine } from "./shopify-export.ts";

/** Where the next piece begins: with a row of a product, and with the columns that there were when the export began. */
const Cursor = z.object({ id: z.string(), row: z.int().min(0), version: z.int(), columns: z.int() });
type Cursor = z.output<typeof Cursor>;

const START: Cursor = { id: "", row: 0, version: 0, columns: 2 ** 31 - 1 };

/** In characters. A piece ends with the row that fills it. */
const FULL = 200_000;
const STRETCH = 50;

export const exportProducts =
  ({ db }: Resources): Handler<typeof catalog.exportProducts> =>
  async ({ cursor }) => {
    const from = cursor === undefined ? START : readCursor(cursor);
    const { names, last } = await readColumns(db.sql, from.columns);
    const columns = exportColumns(names);
    const { csv, next } = await piece(db.sql, { ...from, columns: last }, columns);
    const counts = await countUpTo(db.sql, next?.id ?? BEHIND_ALL);
    const head = cursor === undefined ? csvLine(columns) : "";
    return { csv: head + csv, nextCursor: next ? writeCursor(next) : null, ...counts };
  };

const BEHIND_ALL = "~";

async function piece(sql: Sql, from: Cursor, columns: readonly string[]): Promise<{ csv: string; next: Cursor | undefined }> {
  const lines: string[] = [];
  let size = 0;
  // One more than a stretch, to know where the next one begins.
  const products = await readStretch(sql, from.id, STRETCH + 1);
  for (const [at, product] of products.entries()) {
    const start = at === 0 && product.id === from.id ? from.row : 0;
    if (start > 0 && product.version !== from.version) throw changed(product);
    const here = { id: product.id, version: product.version, columns: from.columns };
    if (at === STRETCH) return { csv: lines.join(""), next: { ...here, row: 0 } };
    for (const [row, texts] of exportRows(draftOf(product)).entries()) {
      if (row < start) continue;
      if (size >= FULL) return { csv: lines.join(""), next: { ...here, row } };
      const line = rowLine(texts, columns);
      lines.push(line);
      size += line.length;
    }
  }
  return { csv: lines.join(""), next: undefined };
}

const changed = ({ handle }: FullProductRow) =>
  fault("conflict", `The product ${handle} was changed while it was exported. Export again.`);

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

function readCursor(text: string): Cursor {
  const { success, data } = Cursor.safeParse(parsed(text));
  if (success && !data.id.includes("\0")) return data;
  throw fault("malformed", "The cursor is not one that this export gave.", { details: [{ field: "cursor" }] });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
