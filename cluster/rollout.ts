import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { type CallCounts, CALL_COUNTS } from "./calls.ts";
import { strangersTo } from "./callable.ts";
import type { Fleet, Member, Source } from "./fleet.ts";
import { isWorse } from "./judgement.ts";

/** A new node has this long to get ready. */
const READY_WITHIN = 30_000;
/** So long old and new serve side by side, and are compared. */
const WATCH = 2_000;
const LOOK = 250;

interface Options {
  readonly service: string;
  readonly source: Source;
  /** What to go back to. */
  readonly before: Source;
  readonly fleet: Fleet;
  readonly broker: ServiceBroker;
  readonly say: (line: string) => void;
  /** The last words of a service's nodes, for an operator who wants to know why one died. */
  readonly lastWords: () => Promise<string>;
}

/**
 * Replaces the nodes of a service one by one: a new one is started, and when other nodes can call it and it does no worse than
 * those before, one of these drains. Answers undefined, or why it went back: then the nodes of before serve again.
 */
export async function rollOut(options: Options): Promise<string | undefined> {
  const { service, source, fleet, say } = options;
  const old = fleet.of(service).toSorted((a, b) => a.startedAt - b.startedAt);
  const fresh: Member[] = [];
  for (const [at, member] of old.entries()) {
    const started = await fleet.start(service, source, "standing back");
    started.state = "trial";
    fresh.push(started);
    say(`${service} ${source.version}: starting node ${at + 1} of ${old.length}, ${started.nodeId}`);
    const reason = (await lackOf(options, started)) ?? (await worseThan(options, started, member));
    if (reason !== undefined) {
      await goBack(options, fresh, reason);
      return reason;
    }
    say(`${started.nodeId} serves; ${member.nodeId} drains`);
    await fleet.drain(member);
  }
  for (const member of fresh) member.state = "ready";
  return undefined;
}

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

async function worseThan(options: Options, fresh: Member, old: Member): Promise<string | undefined> {
  const { fleet, broker, lastWords } = options;
  const [freshBefore, oldBefore] = await Promise.all([countsOf(broker, fresh), countsOf(broker, old)]);
  for (const deadline = performance.now() + WATCH; performance.now() < deadline; await sleep(LOOK)) {
    if (!fleet.get(fresh.nodeId)) return `it died: ${await lastWords()}`;
    const [freshNow, oldNow] = await Promise.all([countsOf(broker, fresh), countsOf(broker, old)]);
    const verdict = isWorse(since(freshBefore, freshNow), since(oldBefore, oldNow));
    if (verdict) return verdict;
  }
  return undefined;
}

const since = (before: CallCounts, now: CallCounts): CallCounts => ({
  calls: now.calls - before.calls,
  errors: now.errors - before.errors,
});

const NONE: CallCounts = { calls: 0, errors: 0 };

async function countsOf(broker: ServiceBroker, { nodeId }: Member): Promise<CallCounts> {
  if (!broker.registry.getActionEndpointByNodeId(CALL_COUNTS, nodeId)?.isAvailable) return NONE;
  // A node that does not answer in time tells nothing about the calls of others; its health is asked elsewhere.
  return broker.call<CallCounts, object>(CALL_COUNTS, {}, { nodeID: nodeId, timeout: 1_000 }).catch(() => NONE);
}

async function goBack({ service, before, fleet, say }: Options, fresh: readonly Member[], reason: string): Promise<void> {
  say(`${service} goes back to ${before.version}: ${reason}`);
  const missing = fresh.length - 1;
  const again = await Promise.all(Array.from({ length: missing }, () => fleet.start(service, before, "at once")));
  await Promise.all(again.map((member) => fleet.whenReady(member, READY_WITHIN)));
  await Promise.all(fresh.filter(({ nodeId }) => fleet.get(nodeId)).map((member) => fleet.drain(member)));
}
