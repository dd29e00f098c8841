import { setTimeout as pause } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";

const CONNECT_TIME = 5_000;
const PULSE = 1_000;
const MISSED_PULSES = 3;
const SOLE_TRIES = 20;
const SOLE_PAUSE = 50;

/** What a pair is to be. */
export interface Wanted {
  readonly url: string;
  /** Names this life of this node, in Redis' `CLIENT LIST` too. */
  readonly name: string;
  readonly channels: readonly string[];
  /** Those of the channels that nobody else may be subscribed to. */
  readonly ownChannels: readonly string[];
  readonly onMessage: (channel: string, packet: Buffer) => void;
}

/** A packet and where it goes. */
export interface Outgoing {
  readonly channel: string;
  readonly packet: Buffer;
}

/** Two connections to Redis that live and die together: one publishes, one is subscribed. */
export interface Pair {
  /** Answers for each how many received it. */
  publish(packets: readonly Outgoing[]): Promise<number>[];
  /** How many are subscribed, in the order of the channels. */
  countSubscribers(channels: readonly string[]): Promise<number[]>;
  /** Whether Redis knows every subscriber: a node of a Redis Cluster knows only its own. */
  readonly knowsAllSubscribers: boolean;
  /** Resolves with the reason when either connection is gone, or when Redis has not answered for three seconds. */
  readonly lost: Promise<string>;
  /** Closes both connections at once. */
  end(): void;
}

// One object is one connection. Left to itself ioredis sends again what was under way when a connection dropped, and so runs a call twice.
const ONE_LIFE = {
  lazyConnect: true,
  connectTimeout: CONNECT_TIME,
  retryStrategy: () => null,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
} as const satisfies RedisOptions;

interface Clients {
  readonly pub: Redis;
  readonly sub: Redis;
}

/**
 * Opens a pair: both connected, every channel subscribed and acknowledged, and no other subscriber on the node's own channels.
 * Rejects with the reason when that cannot be had, and then leaves nothing open.
 */
export async function openPair(wanted: Wanted): Promise<Pair> {
  const clients = {
    pub: new Redis(wanted.url, { ...ONE_LIFE, connectionName: `${wanted.name}:pub` }),
    sub: new Redis(wanted.url, { ...ONE_LIFE, connectionName: `${wanted.name}:sub` }),
  };
  const lost = firstLoss(clients);
  const end = ender(clients);
  try {
    const given = lost.then((why) => Promise.reject(new Error(why)));
    const knowsAllSubscribers = await Promise.race([prepare(clients, wanted), given]);
    return runningPair(clients, { lost, knowsAllSubscribers, end });
  } catch (error) {
    end();
    throw error;
  }
}

function ender({ pub, sub }: Clients): () => void {
  let isEnded = false;
  return () => {
    if (isEnded) return;
    isEnded = true;
    // ioredis waits two seconds for the end of what has ended already.
    for (const client of [pub, sub]) if (client.status !== "end") client.disconnect();
  };
}

function firstLoss({ pub, sub }: Clients): Promise<string> {
  return new Promise((resolve) => {
    for (const client of [pub, sub]) {
      let reason = "the connection was closed";
      client.on("error", (error: Error) => (reason = error.message));
      client.once("close", () => resolve(reason));
    }
  });
}

/** Answers whether Redis knows all subscribers. */
async function prepare({ pub, sub }: Clients, { name, channels, ownChannels, onMessage }: Wanted): Promise<boolean> {
  await connect([pub, sub]);
  sub.on("messageBuffer", (channel: Buffer, packet: Buffer) => onMessage(channel.toString(), packet));
  await sub.subscribe(...channels);
  if (/redis_mode:cluster/.test(await pub.info("server"))) return false;
  await becomeSole(pub, ownChannels, `${name}:sub`);
  return true;
}

// The reason of a failure is told by `firstLoss`, which hears of it before.
const connect = (clients: readonly Redis[]): Promise<unknown> =>
  Promise.all(clients.map((client) => client.connect().catch(() => new Promise<never>(() => {}))));

/** Waits until nobody else is subscribed, and cuts off a connection of ours that only Redis still believes in. */
async function becomeSole(pub: Redis, channels: readonly string[], name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const counts = await countSubscribers(pub, channels);
    const wrong = counts.findIndex((count) => count !== 1);
    if (wrong < 0) return;
    if (attempt === SOLE_TRIES) throw new Error(`${channels[wrong]} has ${counts[wrong]} subscribers instead of one`);
    await cutOffOlder(pub, name);
    await pause(SOLE_PAUSE);
  }
}

async function cutOffOlder(pub: Redis, name: string): Promise<void> {
  const list = String(await pub.call("CLIENT", "LIST", "TYPE", "pubsub"));
  const ids = list.split("\n").flatMap((line) => (line.includes(` name=${name} `) ? [Number(/^id=(\d+)/.exec(line)?.[1])] : []));
  // Redis counts connections upwards, so the youngest is the one just made.
  const younger = Math.max(...ids);
  for (const id of ids) if (id < younger) await pub.call("CLIENT", "KILL", "ID", id);
}

async function countSubscribers(pub: Redis, channels: readonly string[]): Promise<number[]> {
  const answer = await pub.pubsub("NUMSUB", ...channels);
  return channels.map((_, at) => Number(answer[2 * at + 1]));
}

type Known = Pick<Pair, "lost" | "knowsAllSubscribers" | "end">;

function runningPair(clients: Clients, { lost, knowsAllSubscribers, end }: Known): Pair {
  const { pub } = clients;
  const silence = untilSilent(clients);
  return {
    publish(packets) {
      // All in one write to the socket. The auto-pipelining of ioredis holds a call back for another turn of the event loop.
      if (packets.length > 1) pub.stream.cork();
      const answers = packets.map(({ channel, packet }) => pub.publish(channel, packet));
      if (packets.length > 1) pub.stream.uncork();
      return answers;
    },
    countSubscribers: (channels) => countSubscribers(pub, channels),
    knowsAllSubscribers,
    lost: Promise.race([lost, silence.happened]).finally(() => silence.stopWatching()),
    end,
  };
}

/** A host that vanished closes no connection, so both are asked every second. Counted in pulses, since a busy process is late itself. */
function untilSilent({ pub, sub }: Clients): { happened: Promise<string>; stopWatching(): void } {
  const { promise: happened, resolve } = Promise.withResolvers<string>();
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered++ >= MISSED_PULSES) return resolve(`Redis has not answered for ${MISSED_PULSES} s`);
    // A ping that fails is a connection that closes, which is noticed anyway.
    void Promise.all([pub.ping(), sub.ping()]).then(
      () => (unanswered = 0),
      () => {},
    );
  }, PULSE).unref();
  return { happened, stopWatching: () => clearInterval(timer) };
}
