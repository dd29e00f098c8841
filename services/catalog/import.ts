import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as catalog from "./contract.ts";
import * as store from "./import-store.ts";

/** Keeps one piece of a file until its import is done. */
export const receiveUpload =
  (): Handler<typeof catalog.receiveUpload> =>
  ({ upload, index, base64 }, ctx) =>
    ctx.commit(async (tx) => {
      await store.insertPiece(tx, { upload, place: index, bytes: Buffer.from(base64, "base64") });
      return {};
    });

/** Takes an upload for import and answers at once; the work is a job's. Starting an upload again answers how far it is. */
export const startImport =
  (): Handler<typeof catalog.startImport> =>
  ({ upload }, ctx) =>
    ctx.commit(async (tx) => {
      const known = await store.findImportOf(tx, upload);
      if (known) return viewOf(known);
      const { isWhole } = await store.measureUpload(tx, upload);
      if (!isWhole) throw fault("invalid", "The file did not arrive in full. Send it again.");
      return viewOf(await store.openImport(tx, newId("imp"), upload));
    });

export const getImport =
  ({ db }: Resources): Handler<typeof catalog.getImport> =>
  async ({ id }) => {
    const row = await store.readImport(db.sql, id);
    if (!row) throw fault("not_found");
    return viewOf(row);
  };

const MOST_ERRORS = 1_000;

function viewOf({ errors, errorCount, ...row }: store.ImportRow) {
  const shown = errors.slice(0, MOST_ERRORS);
  const others = errorCount - shown.length;
  const rest = { line: 0, column: "", message: `${others} more errors are not shown` };
  return { ...row, errors: others > 0 ? [...shown, rest] : shown };
}
