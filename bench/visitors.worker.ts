import { randomUUID } from "node:crypto";
import { ADDRESS } from "../test/support/shopper.ts";
import { now } from "./clock.ts";
import { type Answer, type Ask, client } from "./http.ts";
import { openLoop } from "./open-loop.ts";
import type { Order, Purchase, Request, Visit, Visitors } from "./visitors.ts";

// The people in front of the shop, in a process of their own, so that neither the shop nor who measures holds them up. It gets
// its task over IPC, says "going", and when it is told "stop" finishes what it has begun and tells everything it has seen.

const requests: Request[] = [];
const purchases: Purchase[] = [];
const stop = new AbortController();

/** Sends one request and writes it down; undefined when it failed. */
async function send(ask: Ask, { kind, due, expected, request }: Visit): Promise<Answer | undefined> {
  const sent = now();
  let failure: string | null = null;
  let answer: Answer | undefined;
  try {
    answer = await ask(...request);
    if (!expected.includes(answer.status)) failure = `${answer.status} ${JSON.stringify(answer.body)}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    failure = code ?? message;
  }
  const what = `${request[0]} ${request[1].replaceAll(/(cart|item)_[0-9a-z]+/g, ":id")}`;
  const isImpaired = answer?.headers.warning !== undefined || isIncomplete(answer?.body);
  requests.push({ kind, due, sent, ended: now(), failure: failure && `${what}: ${failure}`, isImpaired });
  return failure === null ? answer : undefined;
}

const isIncomplete = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "degraded" in body && Array.isArray(body.degraded) && body.degraded.length > 0;

function browsing({ pages }: Visitors, ask: Ask): (due: number) => Promise<void> {
  let last = 0;
  return async (due) => {
    const path = pages[last++ % pages.length]!;
    await send(ask, { kind: "browse", due, expected: [200], request: ["GET", path] });
  };
}

/** A whole purchase, one request after the other. Each is due when the answer before it has come. */
function buying({ variants }: Visitors, ask: Ask): (due: number) => Promise<void> {
  let last = 0;
  return async (due) => {
    const { id, sku } = variants[last++ % variants.length]!;
    const step = (dueAt: number, status: number, ...request: Parameters<Ask>) =>
      send(ask, { kind: "cart", due: dueAt, expected: [status], request });
    const cart = (await step(due, 201, "POST", "/store/v1/carts", {}))?.body as { id: string } | undefined;
    if (!cart) return;
    const path = `/store/v1/carts/${cart.id}`;
    if (!(await step(now(), 201, "POST", `${path}/items`, { variantId: id, quantity: 1 }))) return;
    const details = { email: "ada@example.com", shippingAddress: ADDRESS, shippingOptionId: "standard" };
    if (!(await step(now(), 200, "PATCH", path, details))) return;
    const payment = { payment: { method: "card", token: "tok_ok" } };
    const answer = await send(ask, {
      kind: "checkout",
      due: now(),
      // 202: the order stands, its outcome is still open. The audit waits for it.
      expected: [201, 202],
      request: ["POST", `${path}/checkout`, payment, { "idempotency-key": randomUUID() }],
    });
    const order = answer?.body as Order | undefined;
    const state = order ? (answer?.status === 201 ? "confirmed" : "open") : "unknown";
    purchases.push({ cartId: cart.id, sku, due, ended: now(), orderId: order?.id ?? null, state });
  };
}

async function visit(task: Visitors): Promise<void> {
  const ask = client(task.url);
  const buy = buying(task, ask);
  const again = async (): Promise<void> => {
    while (!stop.signal.aborted) await buy(now());
  };
  await Promise.all([
    openLoop(task.browse, stop.signal, browsing(task, ask)),
    openLoop(task.buy, stop.signal, buy),
    ...Array.from({ length: task.eager ?? 0 }, again),
  ]);
  process.send!({ requests, purchases }, () => process.disconnect());
}

// Whoever sent them has gone.
process.on("disconnect", () => process.exit());

process.on("message", (message: Visitors | "stop") => {
  if (message === "stop") return stop.abort();
  void visit(message);
  process.send!("going");
});
