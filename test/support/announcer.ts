import type { z } from "zod";
import type { Event } from "../../lib/contract.ts";
import type { Database } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { service } from "../../lib/service.ts";

/** Stands in for a service whose events a test wants to tell: it has that service's database and a real feed, and no actions. */
export function announcer(name: string, events: Readonly<Record<string, Event>>) {
  let db: Database | undefined;
  const schema = service(name, events, (resources) => {
    db = resources.db;
    return { actions: {} };
  });
  return {
    schema,
    /** Announces it, committed. */
    async announce<P extends z.ZodType>(event: Event<P>, payload: z.input<P>): Promise<void> {
      if (!db) throw new Error(`${name} has not started.`);
      await db.transaction((tx) => announce(tx, event, payload));
    },
  };
}
