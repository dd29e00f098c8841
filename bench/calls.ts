import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createSeal } from "../lib/transporter/seal.ts";
import { startRedis, type TestRedis } from "../test/support/redis.ts";
import type { Ask, Measured, Way } from "./calls.worker.ts";
import { median, print, save } from "./report.ts";
import { type Estimate, estimate, show } from "./statistics.ts";

// A call over Redis: ours against Moleculer's own transporter and against ioredis alone, every side in a process of its own. Each
// round measures all ways forth and back (A B C D D C B A), so that a slow minute of the machine hits all of them.
// `node bench/calls.ts [--quick]`

const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 6 : 15;
const MILLISECONDS = isQuick ? 150 : 400;
const WAYS: readonly Way[] = ["raw", "unsigned", "ours", "stock"];

interface Pair {
  readonly caller: ChildProcess;
  readonly callee: ChildProcess;
}

interface Sample {
  readonly latency: Measured;
  readonly load: Measured;
  /** CPU seconds of caller, callee and Redis during `load`. */
  readonly cpu: number;
}

type Round = Record<Way, readonly [Sample, Sample]>;

async function answerOf<T>(child: ChildProcess, question: Ask | "cpu"): Promise<T> {
  child.send(question);
  const [answer] = (await once(child, "message")) as [T];
  return answer;
}

async function startSide(way: Way, side: string, url: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "calls.worker.ts"), [way, side, url, `bench-${way}`]);
  await once(child, "message");
  return child;
}

async function startPair(way: Way, url: string): Promise<Pair> {
  const [callee, caller] = await Promise.all([startSide(way, "callee", url), startSide(way, "caller", url)]);
  return { callee, caller };
}

async function cpuOf({ caller, callee }: Pair, redis: TestRedis): Promise<number> {
  const info = String(await redis.ask("INFO", "cpu"));
  const ofRedis = ["user", "sys"].map((kind) => Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1]));
  const ofNodes = await Promise.all([answerOf<number>(caller, "cpu"), answerOf<number>(callee, "cpu")]);
  return [...ofRedis, ...ofNodes].reduce((sum, value) => sum + value, 0);
}

async function sample(pair: Pair, redis: TestRedis): Promise<Sample> {
  const latency = await answerOf<Measured>(pair.caller, { milliseconds: MILLISECONDS, atOnce: 1 });
  const before = await cpuOf(pair, redis);
  const load = await answerOf<Measured>(pair.caller, { milliseconds: MILLISECONDS, atOnce: 64 });
  return { latency, load, cpu: (await cpuOf(pair, redis)) - before };
}

async function measureRound(pairs: Record<Way, Pair>, redis: TestRedis): Promise<Round> {
  const samples = { raw: [], unsigned: [], ours: [], stock: [] } as Record<Way, Sample[]>;
  for (const way of [...WAYS, ...WAYS.toReversed()]) samples[way].push(await sample(pairs[way], redis));
  return samples as unknown as Round;
}

type Figure = (sample: Sample) => number;

const FIGURES = {
  "p50 of one call, µs": ({ latency }) => latency.p50,
  "p99 of one call, µs": ({ latency }) => latency.p99,
  "calls/s, 64 at once": ({ load }) => load.calls / load.seconds,
  "calls per CPU second": ({ load, cpu }) => load.calls / cpu,
} as const satisfies Record<string, Figure>;

const both = ([one, other]: readonly [Sample, Sample], figure: Figure): number => (figure(one) + figure(other)) / 2;
const ratios = (rounds: readonly Round[], a: Way, b: Way, figure: Figure): Estimate =>
  estimate(rounds.map((round) => both(round[a], figure) / both(round[b], figure)));
const floor = (rounds: readonly Round[], figure: Figure): Estimate =>
  estimate(rounds.map(({ ours: [one, other] }) => figure(one) / figure(other)));

/** Microseconds to sign a packet of 500 bytes and to check it. */
function signingCost(): number {
  const [sender, receiver] = [createSeal("one key"), createSeal("one key")];
  const payload = Buffer.alloc(500, "x");
  const roundTrip = () => receiver.open("MOL-bench.REQ.somebody", sender.close("MOL-bench.REQ.somebody", [payload]));
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    for (let packet = 0; packet < 2_000; packet++) roundTrip();
    return (performance.now() - start) / 2;
  });
  return median(times.slice(5));
}

function tell(rounds: readonly Round[]): void {
  const rows = Object.entries(FIGURES).map(([name, figure]) => [
    name,
    ...WAYS.map((way) => median(rounds.map((round) => both(round[way], figure))).toFixed(0)),
    ...(["raw", "stock", "unsigned"] as const).map((way) => show(ratios(rounds, "ours", way, figure))),
    show(floor(rounds, figure)),
  ]);
  print(["", ...WAYS, "ours/raw", "ours/stock", "ours/unsigned", "ours/ours"], rows);
}

await using redis = await startRedis();
const started = await Promise.all(WAYS.map(async (way) => [way, await startPair(way, redis.url)] as const));
const pairs = Object.fromEntries(started) as Record<Way, Pair>;
// The first round warms everything up.
await measureRound(pairs, redis);
const rounds: Round[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound(pairs, redis));
for (const { caller, callee } of Object.values(pairs)) for (const child of [caller, callee]) child.disconnect();

console.log(`A call over Redis, ${ROUNDS} rounds. Ratios: median [95 % interval].\n`);
tell(rounds);
const signing = signingCost();
console.log(`\nSigning and checking one packet of 500 bytes: ${signing.toFixed(1)} µs. A call that is alone has two packets.`);
await save("calls", { signing, rounds });
