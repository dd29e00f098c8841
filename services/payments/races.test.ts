import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { silent } from "../../test/support/logs.ts";
import { authorizePayment } from "./authorize.ts";
import type { Failed, Provider } from "./provider.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { findEntries } from "./sandbox/store.ts";
import { findPayment } from "./store.ts";
import type { Till } from "./till.ts";
import { voidPayment } from "./void-authorization.ts";

const PATIENCE = 40;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase("payments");
});
afterAll(async () => database[Symbol.asyncDispose]());

/** What goes wrong on the way to the provider and back. A late request arrives when nobody waits for its answer any more. */
interface Fate {
  readonly delay: number;
  readonly is: "fine" | "failing" | "late" | "lost on the way" | "lost on the way back";
}

const fate = (isHard: boolean): fc.Arbitrary<Fate> =>
  fc.record({
    delay: fc.integer({ min: 0, max: 12 }),
    is: fc.oneof(
      { weight: 4, arbitrary: fc.constant("fine" as const) },
      { weight: isHard ? 8 : 1, arbitrary: fc.constant("failing" as const) },
      {
        weight: isHard ? 2 : 1,
        arbitrary: fc.constantFrom("late" as const, "lost on the way" as const, "lost on the way back" as const),
      },
    ),
  });

const FINE: Fate = { delay: 1, is: "fine" };

async function suffer<T>({ delay, is }: Fate, deal: () => Promise<T>): Promise<T | Failed> {
  await pause(is === "late" ? PATIENCE + delay : delay);
  if (is === "failing") return { outcome: "failed", reason: "provider_down" };
  if (is === "lost on the way") throw new Error("The request was lost.");
  const answer = await deal();
  if (is === "lost on the way back") throw new Error("The answer was lost.");
  await pause(delay);
  return answer;
}

/** The sandbox at the end of a bad line. Once the fates are used up the line is good. */
const onBadLine = (provider: Provider, payings: Fate[], others: Fate[]): Provider => ({
  name: provider.name,
  authorize: (given, signal) => suffer(payings.shift() ?? FINE, () => provider.authorize(given, signal)),
  capture: (given, signal) => suffer(others.shift() ?? FINE, () => provider.capture(given, signal)),
  voidAuthorization: (given, signal) => suffer(others.shift() ?? FINE, () => provider.voidAuthorization(given, signal)),
  refund: (given, signal) => suffer(others.shift() ?? FINE, () => provider.refund(given, signal)),
  readWebhook: (message) => provider.readWebhook(message),
  find: (orderId, signal) => suffer(others.shift() ?? FINE, () => provider.find(orderId, signal)),
});

/** As a saga does it: again until the outcome is known. */
async function insistOn<T extends { outcome: string }>(deal: () => Promise<T>): Promise<T["outcome"]> {
  const { outcome } = await deal();
  return outcome === "unknown" ? insistOn(deal) : outcome;
}

interface Story {
  readonly payingAt: number[];
  readonly voidingAt: number[];
  readonly payings: Fate[];
  readonly others: Fate[];
}

const instants = (most: number) => fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: most });
const stories: fc.Arbitrary<Story> = fc.record({
  payingAt: instants(4),
  voidingAt: fc.oneof(fc.constant<number[]>([]), instants(2)),
  payings: fc.array(fate(true), { maxLength: 10 }),
  others: fc.array(fate(false), { maxLength: 10 }),
});

async function play({ payingAt, voidingAt, payings, others }: Story) {
  const orderId = newId("ord");
  const till: Till = {
    db: database,
    log: silent,
    provider: onBadLine(sandbox({ sql: database.sql, webhookKey: Buffer.alloc(32) }), [...payings], [...others]),
    patience: PATIENCE,
  };
  const pay = () => insistOn(() => authorizePayment(till, { orderId, amount: money(4_200, "EUR"), token: "tok_ok" }));
  const cancel = () => insistOn(() => voidPayment(till, orderId));
  const voids = voidingAt.map((at) => pause(at).then(cancel));
  const answers = await Promise.all(payingAt.map((at) => pause(at).then(pay)));
  await Promise.all(voids);
  // Until the late ones have arrived, too.
  await pause(PATIENCE + Math.max(0, ...payings.map(({ delay }) => delay)));
  const movements = (await findEntries(database.sql, orderId)).map(({ type }) => type);
  return { answers, movements, status: (await findPayment(database.sql, orderId))?.status };
}

test("whatever fails or is lost, late or simultaneous: shop and provider agree on what is paid", async () => {
  const judge = async (story: Story) => {
    const { answers, movements, status } = await play(story);
    const isHeld = movements.join() === "authorize";
    expect(status === "authorized").toBe(isHeld);
    expect(movements.filter((type) => type === "authorize").length).toBeLessThanOrEqual(1);
    if (story.voidingAt.length > 0) expect(isHeld).toBe(false);
    else expect(new Set(answers).size).toBeLessThanOrEqual(1);
    if (answers.includes("failed")) expect(isHeld).toBe(false);
  };
  // Four stories at a time, since they mostly wait.
  const property = fc.asyncProperty(
    fc.tuple(stories, stories, stories, stories),
    async (four) => void (await Promise.all(four.map(judge))),
  );
  await fc.assert(property, { numRuns: 25 });
}, 120_000);

test("an authorization that comes through while its payment is being given up is given back", async () => {
  const orderId = newId("ord");
  const books = sandbox({ sql: database.sql, webhookKey: Buffer.alloc(32) });
  const [giveUpBegun, isBooked, isReleased] = [1, 2, 3].map(() => Promise.withResolvers<void>()) as Gates;
  let asked = 0;
  const provider: Provider = {
    ...books,
    async authorize(given, signal) {
      if (++asked > 1) return { outcome: "failed", reason: "provider_down" };
      await giveUpBegun.promise;
      const answer = await books.authorize(given, signal);
      isBooked.resolve();
      await isReleased.promise;
      return answer;
    },
    async voidAuthorization(given, signal) {
      giveUpBegun.resolve();
      await isBooked.promise;
      const answer = await books.voidAuthorization(given, signal);
      isReleased.resolve();
      await early;
      return answer;
    },
  };
  const till: Till = { db: database, log: silent, provider, patience: 10_000 };
  const pay = () => authorizePayment(till, { orderId, amount: money(4_200, "EUR"), token: "tok_ok" });
  const early = pay();
  await eventually(() => expect(asked).toBe(1));
  expect(await insistOn(pay)).toBe("failed");
  expect((await early).outcome).not.toBe("authorized");
  expect((await findEntries(database.sql, orderId)).map(({ type }) => type)).toEqual(["authorize", "void"]);
});

type Gate = PromiseWithResolvers<void>;
type Gates = [Gate, Gate, Gate];

test("a request that arrives after its payment was given up moves no money", async () => {
  const late: Fate = { is: "late", delay: 600 };
  const failing: Fate = { is: "failing", delay: 0 };
  const payings = [late, ...Array.from({ length: 12 }, () => failing)];
  const { answers, movements } = await play({ payingAt: [0, 20], voidingAt: [], payings, others: [] });
  expect({ answers, movements }).toEqual({ answers: ["failed", "failed"], movements: [] });
});

test("a payment has failed only when the provider has said that the order is barred", async () => {
  const orderId = newId("ord");
  const isDown = async (): Promise<Failed> => ({ outcome: "failed", reason: "provider_down" });
  const books = sandbox({ sql: database.sql, webhookKey: Buffer.alloc(32) });
  const payUnder = (provider: Provider) =>
    authorizePayment(
      { db: database, log: silent, provider, patience: 1_000 },
      { orderId, amount: money(4_200, "EUR"), token: "tok_ok" },
    );
  const unbarred = { ...books, authorize: isDown, voidAuthorization: isDown };
  for (let tries = 1; tries <= 6; tries++) expect(await payUnder(unbarred)).toEqual({ outcome: "unknown" });
  expect(await payUnder(books)).toEqual({ outcome: "failed", reason: "provider_down" });
  expect(await books.find(orderId, new AbortController().signal)).toMatchObject({ outcome: "voided", released: null });
});
