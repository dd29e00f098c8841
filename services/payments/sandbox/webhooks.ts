import type { Sql } from "../../../lib/database.ts";
import { errorFields, type Log } from "../../../lib/log.ts";
import { standardHeaders } from "../signatures.ts";

interface Told {
  readonly id: string;
  readonly type: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly reference: string | null;
  readonly copies: number;
  readonly createdAt: string;
}

const BATCH = 20;
const TRIES = 6;
const PATIENCE = 5_000;

/**
 * Leases what is due; what is not delivered is due again after 1, 2, 4, … seconds. Best effort, as providers do it: after some
 * tries, or ten minutes without an address, a message is given up.
 */
const lease = (sql: Sql): Promise<Told[]> => sql<Told[]>`
  with given_up as (
    delete from sandbox.webhook where tries >= ${TRIES} and due_at <= now() or created_at < now() - interval '10 minutes'
    returning id
  ), due as materialized (
    select id from sandbox.webhook
    where due_at <= now() and id not in (select id from given_up) order by due_at limit ${BATCH} for update skip locked
  )
  update sandbox.webhook w set tries = w.tries + 1, due_at = now() + 2 ^ w.tries * interval '1 second' + interval '5 seconds'
  from due where w.id = due.id
  returning w.id, w.type, w.order_id, w.amount, w.currency, w.reference, w.copies, w.created_at`;

interface Post {
  readonly sql: Sql;
  readonly log: Log;
  readonly webhookKey: Buffer;
  /** Where the shop is, if it is known. */
  readonly shopUrl: () => string | undefined;
}

/** Sends the sandbox's webhooks that are due. */
export async function deliverWebhooks(post: Post, stopping: AbortSignal): Promise<void> {
  const url = post.shopUrl();
  if (!url) return;
  while (!stopping.aborted) {
    const told = await lease(post.sql);
    await Promise.all(told.map((each) => deliver(post, url, each)));
    if (told.length < BATCH) return;
  }
}

async function deliver({ sql, log, webhookKey }: Post, url: string, told: Told): Promise<void> {
  const { id, type, orderId, amount, currency, reference, copies, createdAt } = told;
  const body = JSON.stringify({ type, timestamp: createdAt, data: { orderId, amount, currency, reference } });
  try {
    for (let copy = 1; copy <= copies; copy++) {
      const response = await fetch(`${url.replace(/\/+$/, "")}/webhooks/payments/sandbox`, {
        method: "POST",
        headers: { "content-type": "application/json", ...standardHeaders(id, body, webhookKey, Date.now()) },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The shop answered ${response.status}.`);
    }
  } catch (error) {
    return log.info("A webhook of the sandbox was not taken; it is tried again", { id, ...errorFields(error) });
  }
  await sql`delete from sandbox.webhook where id = ${id}`;
}
