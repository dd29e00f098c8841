import { setTimeout as pause } from "node:timers/promises";
import { isDatabaseDown } from "../../lib/database.ts";
import { errorFields } from "../../lib/log.ts";
import type { Job, Resources } from "../../lib/service.ts";
import { LeaseLost, readFile } from "./import-read.ts";
import { feedHead, settlement } from "./import-settle.ts";
import * as store from "./import-store.ts";

const LOOK_AGAIN = 100;
const PATIENCE = 2_000;

/** Works on the imports that were started, on any node; what one node leaves undone, another takes up. */
export const importJob = (r: Resources): Job => ({
  name: "import",
  every: 300,
  async work(stopping) {
    const lease = await store.leaseImport(r.db.sql);
    if (!lease) return;
    const head = lease.feedHead ?? (await read(r, lease, stopping));
    if (head !== undefined) await settle(r, lease, { head, stopping });
  },
});

/** Answers the end of the feed that inventory has to get to; undefined when there is nothing more to do here. */
async function read(r: Resources, lease: store.Lease, stopping: AbortSignal): Promise<number | undefined> {
  try {
    if (!(await readFile(r, lease, stopping))) {
      await store.giveBack(r.db.sql, lease);
      return undefined;
    }
    return await afterReading(r, lease);
  } catch (error) {
    if (error instanceof LeaseLost) return undefined;
    if (isDatabaseDown(error)) throw error;
    r.log.error("an import failed", { import: lease.id, ...errorFields(error) });
    const problem = { line: 0, column: "", message: "something went wrong on our side; what was read before is in" };
    await r.db.transaction((tx) => store.finish(tx, lease, { status: "failed", error: problem }));
    return undefined;
  }
}

async function afterReading({ db, call }: Resources, lease: store.Lease): Promise<number | undefined> {
  const row = await store.readImport(db.sql, lease.id);
  const isUnreadable = row && row.errorCount > 0 && row.created + row.updated + row.unchanged + row.failed === 0;
  if (isUnreadable) {
    await db.transaction((tx) => store.finish(tx, lease, { status: "failed" }));
    return undefined;
  }
  const head = await feedHead(call);
  const isMine = await db.transaction((tx) => store.markRead(tx, lease, head));
  return isMine ? head : undefined;
}

async function settle(
  { db, call }: Resources,
  lease: store.Lease,
  { head, stopping }: { head: number; stopping: AbortSignal },
): Promise<void> {
  const isSettled = settlement(call, head);
  const end = performance.now() + PATIENCE;
  while (performance.now() < end && !stopping.aborted) {
    if (await isSettled()) {
      await db.transaction((tx) => store.finish(tx, lease, { status: "completed" }));
      return;
    }
    if (!(await store.renewLease(db.sql, lease))) return;
    await pause(LOOK_AGAIN);
  }
  await store.giveBack(db.sql, lease);
}
