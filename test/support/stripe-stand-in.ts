import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Form, StripeBooks, StripeError } from "./stripe-books.ts";

/** What has become of the first request under a key. */
interface Kept {
  readonly fingerprint: string;
  answer?: { readonly status: number; readonly body: string };
}

/** Something that goes wrong with the next request whose path ends so: before it is executed, or after. */
interface Trouble {
  readonly path: string;
  readonly is: "500 and nothing done" | "500 and done" | "done and silent" | "409";
}

export interface StripeStandIn extends AsyncDisposable {
  readonly url: string;
  readonly secretKey: string;
  readonly books: StripeBooks;
  readonly webhookSecret: string;
  /** Every request that was executed or refused: method and path. Replays are marked. */
  readonly requests: readonly string[];
  trouble(trouble: Trouble): void;
  /** Has the stand-in send events to this address from now on. */
  notify(url: string): void;
}

/**
 * An outside party that behaves as Stripe documents it: forms in, JSON out, errors with type and code, answers kept under
 * their idempotency key with the errors, 409 while a key is in use, 400 for a key that comes back with another request. Payment
 * method `pm_card_visa_in_silence` pays and is never answered, `pm_card_500` is answered with 500 and not executed.
 */
export async function startStripeStandIn(): Promise<StripeStandIn> {
  const secretKey = `sk_test_${randomUUID()}`;
  const webhookSecret = `whsec_${randomUUID()}`;
  const kept = new Map<string, Kept>();
  const troubles: Trouble[] = [];
  const requests: string[] = [];
  let webhookUrl: string | undefined;
  const books = new StripeBooks((type, object) => {
    if (webhookUrl) void sendEvent(webhookUrl, webhookSecret, type, object);
  });

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) =>
      answer(response, 500, { error: { type: "api_error", message: String(error) } }),
    );
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://stripe");
    if (request.headers.authorization !== `Bearer ${secretKey}`) {
      return answer(response, 401, { error: { type: "invalid_request_error" } });
    }
    const label = `${request.method} ${pathname}`;
    if (request.method === "GET") {
      requests.push(label);
      return attempt(response, () => look(books, pathname, searchParams));
    }
    const form = await formOf(request);
    const key = String(request.headers["idempotency-key"] ?? randomUUID());
    const fingerprint = JSON.stringify([pathname, form]);
    const first = kept.get(key);
    if (first) return replay(response, first, { fingerprint, label });
    requests.push(label);
    const mine: Kept = { fingerprint };
    kept.set(key, mine);
    const trouble = takeTrouble(pathname, form);
    if (trouble === "409") {
      kept.delete(key);
      return answer(response, 409, { error: { type: "idempotency_error", code: "idempotency_key_in_use" } });
    }
    const done = trouble === "500 and nothing done" ? SERVER_ERROR : execute(() => change(books, pathname, form));
    mine.answer = trouble === "500 and done" ? SERVER_ERROR : done;
    if (trouble === "done and silent") return;
    answer(response, mine.answer.status, mine.answer.body);
  }

  function replay(response: ServerResponse, first: Kept, { fingerprint, label }: { fingerprint: string; label: string }): void {
    requests.push(`${label} (replayed)`);
    if (first.fingerprint !== fingerprint) return answer(response, 400, { error: { type: "idempotency_error" } });
    if (!first.answer) return answer(response, 409, { error: { type: "idempotency_error", code: "idempotency_key_in_use" } });
    answer(response, first.answer.status, first.answer.body, { "Idempotent-Replayed": "true" });
  }

  function takeTrouble(pathname: string, form: Form): Trouble["is"] | undefined {
    if (form.payment_method === "pm_card_500") return "500 and nothing done";
    if (form.payment_method === "pm_card_visa_in_silence") return "done and silent";
    const index = troubles.findIndex(({ path }) => pathname.endsWith(path));
    return index < 0 ? undefined : troubles.splice(index, 1)[0]!.is;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    secretKey,
    webhookSecret,
    books,
    requests,
    trouble: (next) => void troubles.push(next),
    notify: (url) => void (webhookUrl = url),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SERVER_ERROR = { status: 500, body: JSON.stringify({ error: { type: "api_error" } }) };

async function formOf(request: IncomingMessage): Promise<Form> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
}

function execute(work: () => object): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(work()) };
  } catch (error) {
    if (error instanceof StripeError) return { status: error.status, body: JSON.stringify(error.body) };
    throw error;
  }
}

function attempt(response: ServerResponse, work: () => object): void {
  const { status, body } = execute(work);
  answer(response, status, body);
}

function answer(response: ServerResponse, status: number, body: string | object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function look(books: StripeBooks, pathname: string, query: URLSearchParams): object {
  const intent = /^\/v1\/payment_intents\/(\w+)$/.exec(pathname)?.[1];
  if (intent) return books.intent(intent);
  if (pathname === "/v1/refunds") return { object: "list", data: books.refundsOf(query.get("payment_intent") ?? "") };
  throw new StripeError(404, "invalid_request_error", "resource_missing");
}

function change(books: StripeBooks, pathname: string, form: Form): object {
  if (pathname === "/v1/payment_intents") return books.create(form);
  if (pathname === "/v1/refunds") return books.refund(form);
  const [, intent, what] = /^\/v1\/payment_intents\/(\w+)\/(\w+)$/.exec(pathname) ?? [];
  if (intent && what === "confirm") return books.confirm(intent, form);
  if (intent && what === "capture") return books.capture(intent, form);
  if (intent && what === "cancel") return books.cancel(intent);
  throw new StripeError(404, "invalid_request_error", "resource_missing");
}

async function sendEvent(url: string, secret: string, type: string, object: object): Promise<void> {
  const body = JSON.stringify({ id: `evt_${randomUUID()}`, object: "event", type, data: { object } });
  const time = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  // Best effort: Stripe would send it again, and no test here needs that.
  await fetch(url, { method: "POST", headers: { "stripe-signature": `t=${time},v1=${signature}` }, body }).catch(() => undefined);
}
