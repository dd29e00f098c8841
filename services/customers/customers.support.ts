import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { openDatabase } from "../../lib/database.ts";
import type { Caller } from "../../lib/edge.ts";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { provision } from "../../lib/provision.ts";
import { service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { adopt } from "../carts/contract.ts";
import { type Letter, sendLetter } from "../notifications/contract.ts";
import * as customers from "./contract.ts";
import { customersWith } from "./customers.service.ts";
import { Hasher } from "./hasher.ts";

interface Post {
  readonly key: string;
  readonly to: string;
  readonly letter: z.output<typeof Letter>;
}

/** Where a stand-in has no migrations, and so no database. */
const folder = join(tmpdir(), "no-migrations");

/** Takes letters as notifications does: the same key again is none. `refusals` of them fail first, after they were taken. */
export function postOffice() {
  const taken = new Map<string, Post>();
  const told: Post[] = [];
  const office = { refusals: 0 };
  const schema = service(
    "notifications",
    { sendLetter },
    () => ({
      actions: {
        sendLetter: async (post) => {
          told.push(post);
          if (!taken.has(post.key)) taken.set(post.key, post);
          if (office.refusals-- > 0) throw new Error("The answer got lost.");
          return {};
        },
      },
    }),
    { folder },
  );
  return {
    schema,
    /** Everything that was handed over, again and again. */
    told,
    /** What arrived in a mailbox. */
    letters: (to: string) => [...taken.values()].filter((post) => post.to === to),
    failNext: (times: number) => void (office.refusals = times),
  };
}

/** Adopts carts: whoever names one gets it, others have none. */
export function cartKeeper() {
  const asked: { customerId: string; email: string; cartId?: string | undefined }[] = [];
  const schema = service(
    "carts",
    { adopt },
    () => ({
      actions: {
        adopt: async (given) => {
          asked.push(given);
          return { cartId: given.cartId ?? null };
        },
      },
    }),
    { folder },
  );
  return { schema, asked };
}

/** Customers on two nodes, with stand-ins for the neighbours, and the ways of a person who has an account. */
export async function startCustomers(hasher = new Hasher()) {
  const post = postOffice();
  const keeper = cartKeeper();
  const nodes = await startNodes({ services: [], schemas: [customersWith(hasher), post.schema, keeper.schema] });
  const url = await provision(nodes.environment.config, "customers");
  const db = openDatabase(url, { service: "customers-test", poolSize: 2 });
  const register = (email: string, password = PASSWORD) => nodes.request(customers.register, { email, password });
  const login = (email: string, password = PASSWORD) => nodes.request(customers.login, { email, password });
  return {
    nodes,
    /** The service's database, to look at what is kept, and to let time pass. */
    sql: db.sql,
    hasher,
    post,
    keeper,
    register,
    login,
    refresh: (refreshToken: string, idempotencyKey?: string) =>
      nodes.request(customers.refresh, { refreshToken }, idempotencyKey === undefined ? {} : { idempotencyKey }),
    /** The types of events about a customer. */
    async told(customerId: string) {
      const { events } = await nodes.call(kernelContract("customers").feed, { after: 0, limit: 1_000 });
      return events.filter(({ key }) => key === customerId).map(({ type }) => type);
    },
    me: (caller: Caller) => nodes.request(customers.getMe, {}, { caller }),
    /** The token in the latest letter of a kind. */
    tokenFor: (email: string, kind: "password_reset" | "verify_email", count = 1) =>
      eventually(() => {
        const letters = post.letters(email).filter(({ letter }) => letter.kind === kind);
        if (letters.length < count) throw new Error(`${email} has ${letters.length} letters`);
        const { letter } = letters.at(-1)!;
        return new URL("link" in letter ? letter.link : "", "http://shop").searchParams.get("token")!;
      }),
    /** A new customer, signed in. */
    async newcomer() {
      const email = newEmail();
      const session = await register(email);
      return { email, session, caller: callerOf(session.accessToken) };
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await nodes[Symbol.asyncDispose]();
    },
  };
}

export type Customers = Awaited<ReturnType<typeof startCustomers>>;

export const PASSWORD = "tangled marmot";
export const newEmail = (): string => `${newId("ada").slice(-12)}@example.org`;

/** Whom the gateway would see behind an access token. */
export function callerOf(accessToken: string): Caller & { kind: "customer" } {
  const { sub, sid } = JSON.parse(Buffer.from(accessToken.split(".")[1]!, "base64url").toString()) as {
    sub: string;
    sid: string;
  };
  return { kind: "customer", id: sub, session: sid };
}

export const berlin = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" as const };

interface Refusal {
  readonly type: string;
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly retryAfter?: number };
}

/** What a call fails with, as it arrives from another node. */
export const refusalOf = (call: Promise<unknown>): Promise<Refusal> =>
  call.then(
    () => Promise.reject(new Error("It was not refused.")),
    (error: Refusal) => error,
  );
