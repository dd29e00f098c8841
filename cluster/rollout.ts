import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { strangersTo } from "./callable.ts";
import { compare } from "./comparison.ts";
import type { Fleet, Member, Source } from "./fleet.ts";

/** A new node has this long to get ready. */
const READY_WITHIN = 30_000;
/** The first new node is watched as long as was asked for; those after it run the same code and are only looked at. */
const GLANCE = 1_000;
const LOOK = 250;

interface Options {
  readonly service: string;
  readonly source: Source;
  /** Milliseconds that old and new serve side by side and are compared before the first old node goes. */
  readonly watch: number;
  readonly fleet: Fleet;
  readonly broker: ServiceBroker;
  readonly say: (line: string) => void;
  /** The last words of a service's nodes, for an operator who wants to know why one died. */
  readonly lastWords: () => Promise<string>;
}

/**
 * Replaces the nodes of a service one by one: a new one is started, and when all others can call it and the new ones do no worse
 * than the old ones, one of these drains. Answers undefined, or why it stopped. What is missing of the release before is then
 * for the supervisor to bring back.
 */
export async function rollOut(options: Options): Promise<string | undefined> {
  const fresh: Member[] = [];
  try {
    const reason = await replaceAll(options, fresh);
    if (reason !== undefined) await withdraw(options, fresh, reason);
    return reason;
  } finally {
    // From now on their end is a crash like any other.
    for (const member of fresh) member.state = "ready";
  }
}

async function replaceAll(options: Options, fresh: Member[]): Promise<string | undefined> {
  const { service, source, fleet, broker, say, watch } = options;
  const old = fleet.of(service).toSorted((a, b) => a.startedAt - b.startedAt);
  for (const [at, member] of old.entries()) {
    const sides = () => ({ fresh: idsOf(fresh), old: idsOf(old.slice(at)) });
    const look = await compare(broker, sides());
    const started = await fleet.start(service, source, "standing back");
    started.state = "trial";
    fresh.push(started);
    say(`${service} ${source.version}: starting node ${at + 1} of ${old.length}, ${started.nodeId}`);
    const time = at === 0 ? watch : Math.min(watch, GLANCE);
    const reason =
      (await lackOf(options, started)) ?? (await lookOn(options, { fresh, time, look: (isLast) => look(sides(), isLast) }));
    if (reason !== undefined) return reason;
    say(`${started.nodeId} serves; ${member.nodeId} drains`);
    if ((await fleet.drain(member)) === "killed") say(`${member.nodeId} did not stop in time and was killed`);
  }
  return undefined;
}

const idsOf = (members: readonly Member[]): string[] => members.map(({ nodeId }) => nodeId);

async function lackOf({ fleet, broker, lastWords }: Options, member: Member): Promise<string | undefined> {
  const deadline = performance.now() + READY_WITHIN;
  const lack = await fleet.whenReady(member, READY_WITHIN);
  if (lack !== undefined) return fleet.get(member.nodeId) ? `not ready in time: ${lack}` : `it died: ${await lastWords()}`;
  for (; ; await sleep(LOOK / 5)) {
    const strangers = await strangersTo(broker, member.nodeId, member.services);
    if (strangers.length === 0) return undefined;
    if (performance.now() > deadline) return `${strangers.join(", ")} cannot call it`;
  }
}

interface Watch {
  readonly fresh: readonly Member[];
  readonly time: number;
  readonly look: (isLast: boolean) => Promise<string | undefined>;
}

async function lookOn({ fleet, lastWords }: Options, { fresh, time, look }: Watch): Promise<string | undefined> {
  for (const deadline = performance.now() + time; ; await sleep(LOOK)) {
    if (fresh.some(({ nodeId }) => !fleet.get(nodeId))) return `it died: ${await lastWords()}`;
    const isLast = performance.now() >= deadline;
    const verdict = await look(isLast);
    if (verdict !== undefined || isLast) return verdict;
  }
}

/** The newest one goes, whose place in the rollout nobody has left yet; the others serve until there is somebody in their stead. */
async function withdraw({ service, source, fleet, say }: Options, fresh: readonly Member[], reason: string): Promise<void> {
  say(`${service} ${source.version} is withdrawn: ${reason}`);
  const newest = fleet.get(fresh.at(-1)!.nodeId);
  if (newest) await fleet.drain(newest);
}
