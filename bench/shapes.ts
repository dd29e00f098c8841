import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Shape, type Shop, startShop } from "../test/support/shop.ts";
import { type Audit, audit, problemsOf } from "./audit.ts";
import { stockUp } from "./crowd.ts";
import { cpuOf } from "./processes.ts";
import { median, percentile, print, save } from "./report.ts";
import { type Estimate, estimate, show } from "./statistics.ts";
import { type Purchase, type Seen, sendVisitors, waits } from "./visitors.ts";

// The price of the split: the same orders in one process and in a process per service. Both shops run side by side, and only one at a
// time has visitors: A B B A, so that a slow minute of the machine hits both.

/** Purchases a second of the calm samples: a fraction of what either shape can do, so that nobody queues. */
const CALM = 5;
/** Buyers at once of the busy samples. */
const EAGER = 16;
/** Reactions to the last orders have ended by then. */
const AFTERWARDS = 1_000;

interface Length {
  readonly rounds: number;
  readonly calm: number;
  readonly busy: number;
}
const FULL: Length = { rounds: 5, calm: 10_000, busy: 6_000 };
const QUICK: Length = { rounds: 2, calm: 4_000, busy: 3_000 };

interface Side {
  readonly shop: Shop;
  readonly goods: Awaited<ReturnType<typeof stockUp>>;
  readonly purchases: Purchase[];
}

interface Load {
  readonly seen: Seen;
  /** Seconds. */
  readonly took: number;
  readonly cpu: number;
}

interface Sample {
  readonly calm: Load;
  readonly busy: Load;
}

type Round = Record<Shape, readonly [Sample, Sample]>;

async function open(shape: Shape): Promise<Side> {
  const shop = await startShop({ shape });
  return { shop, goods: await stockUp(shop), purchases: [] };
}

async function load({ shop, goods, purchases }: Side, buy: number, eager: number, time: number): Promise<Load> {
  const process = { pid: shop.process.pid!, data: shop.data };
  const before = await cpuOf(process);
  const began = performance.now();
  using visitors = await sendVisitors({ url: shop.url, ...goods, browse: 0, buy, eager });
  await sleep(time);
  const seen = await visitors.leave();
  const took = (performance.now() - began) / 1_000;
  await sleep(AFTERWARDS);
  purchases.push(...seen.purchases);
  return { seen, took, cpu: (await cpuOf(process)) - before };
}

const sample = async (side: Side, { calm, busy }: Length): Promise<Sample> => ({
  calm: await load(side, CALM, 0, calm),
  busy: await load(side, 0, EAGER, busy),
});

/** `npm run bench -- shapes`: what an order costs in either shape. */
export async function benchShapes({ quick }: { quick: boolean }): Promise<void> {
  const length = quick ? QUICK : FULL;
  const sides: Record<Shape, Side> = { "one process": await open("one process"), split: await open("split") };
  try {
    for (const side of Object.values(sides)) await load(side, CALM, EAGER, length.busy);
    const rounds: Round[] = [];
    for (let round = 0; round < length.rounds; round++) rounds.push(await measureRound(sides, length));
    const books = { "one process": await close(sides["one process"]), split: await close(sides.split) };
    tell(rounds, books);
    await save("shapes", { length, rounds: rounds.map((round) => figuresOf(round, books)) });
  } finally {
    for (const { shop } of Object.values(sides)) {
      await shop.stop();
      await rm(shop.data, { recursive: true, force: true });
    }
  }
}

async function measureRound(sides: Record<Shape, Side>, length: Length): Promise<Round> {
  const samples: Record<Shape, Sample[]> = { "one process": [], split: [] };
  for (const shape of ["one process", "split", "split", "one process"] as const)
    samples[shape].push(await sample(sides[shape], length));
  return samples as unknown as Round;
}

async function close({ shop, goods, purchases }: Side): Promise<Audit> {
  const books = await audit({ ...shop, stock: goods.stock }, purchases);
  for (const problem of problemsOf(books)) {
    console.log(problem);
    process.exitCode = 1;
  }
  return books;
}

type Books = Record<Shape, Audit>;
type Figure = (sample: Sample, sound: ReadonlySet<string>) => number;

const soundOf = ({ seen }: Load, sound: ReadonlySet<string>): number =>
  seen.purchases.filter(({ orderId }) => orderId !== null && sound.has(orderId)).length;
const whole = ({ seen }: Load, part: number): number =>
  percentile(seen.purchases.map(({ due, ended }) => ended - due), part); // prettier-ignore
const checkout = ({ seen }: Load, part: number): number => percentile(waits(seen.requests, "checkout"), part);

/** By what they are called in the table. Times in milliseconds. */
const FIGURES: Readonly<Record<string, Figure>> = {
  [`CPU of an order, ${CALM} a second`]: ({ calm }, sound) => (1_000 * calm.cpu) / soundOf(calm, sound),
  "CPU of an order, as many as there can be": ({ busy }, sound) => (1_000 * busy.cpu) / soundOf(busy, sound),
  "orders a second, as many as there can be": ({ busy }, sound) => soundOf(busy, sound) / busy.took,
  [`checkout p50, ${CALM} a second`]: ({ calm }) => checkout(calm, 50),
  [`checkout p95, ${CALM} a second`]: ({ calm }) => checkout(calm, 95),
  [`purchase of four requests p50, ${CALM} a second`]: ({ calm }) => whole(calm, 50),
  [`purchase of four requests p95, ${CALM} a second`]: ({ calm }) => whole(calm, 95),
};

const figuresOf = (round: Round, books: Books) =>
  Object.fromEntries(
    Object.entries(round).map(([shape, samples]) => [
      shape,
      samples.map((one) =>
        Object.fromEntries(Object.entries(FIGURES).map(([name, figure]) => [name, figure(one, books[shape as Shape].sound)])),
      ),
    ]),
  );

function tell(rounds: readonly Round[], books: Books): void {
  const values = (shape: Shape, at: 0 | 1, figure: Figure) => rounds.map((round) => figure(round[shape][at], books[shape].sound));
  const all = (shape: Shape, figure: Figure) => [...values(shape, 0, figure), ...values(shape, 1, figure)];
  const divided = (above: readonly number[], below: readonly number[]): Estimate =>
    estimate(above.map((value, at) => value / below[at]!));
  const rows = Object.entries(FIGURES).map(([name, figure]) => {
    const [one, split] = [all("one process", figure), all("split", figure)];
    return [
      name,
      median(one).toFixed(1),
      median(split).toFixed(1),
      show(divided(split, one)),
      show(estimate(split.map((value, at) => value - one[at]!)), 1),
      show(divided(values("one process", 0, figure), values("one process", 1, figure))),
    ];
  });
  const orders = Object.values(books).reduce((sum, { sound }) => sum + sound.size, 0);
  console.log(
    `What an order costs: one process against a process per service, ${2 * rounds.length} pairs, ${orders} audited orders.`,
  );
  console.log("CPU of all server processes, milliseconds. Ratios and differences: median [95 % interval].\n");
  print(["", "one process", "split", "split/one", "split-one", "one/one"], rows);
  console.log("\nGoals (P5): CPU of an order at most 1.5 times, p50 at most 3 ms more.");
}
