import type { Database } from "../../lib/database.ts";

/** The text of every statement that `work` sends through this pool, but for the borders of transactions and the positions of the feed. */
export async function statementsOf(db: Database, work: () => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  const { options } = db.sql;
  options.debug = (_connection, text) => void texts.push(text.trim());
  try {
    await work();
  } finally {
    options.debug = false;
  }
  return texts.filter((text) => !/^(begin|commit|rollback)/.test(text) && !/pg_catalog\.pg_type|kernel\.stamp_feed/.test(text));
}
