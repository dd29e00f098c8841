import { z } from "zod";
import { findAuditLines } from "./audit.ts";
import type { Action, Event } from "./contract.ts";
import type { Database } from "./database.ts";
import type { Definition, Handlers } from "./definition.ts";
import { fault } from "./fault.ts";
import type { Feed } from "./feed.ts";
import type { AnyHandler } from "./handling.ts";
import type { CursorView, Health, KernelContract, ParkedEvent } from "./kernel-contract.ts";
import type { Reactions } from "./reactions.ts";
import type { Moved, Sagas } from "./saga.ts";

/** The durable side of a running service; absent where there is no database. */
export interface Durable {
  readonly db: Database;
  readonly feed: Feed;
  readonly reactions: Reactions;
  readonly sagas: Sagas;
}

interface Parts<C> {
  readonly name: string;
  readonly contract: Readonly<Record<string, Action>>;
  readonly events: readonly Event[];
  readonly durable: Durable | undefined;
  readonly definition: Definition<C>;
}

/** The handlers of `kernelContract`: what every service answers about itself. */
export function kernelHandlers<C>(parts: Parts<C>): Readonly<Record<string, AnyHandler>> {
  const handlers: Handlers<KernelContract> = { ...describing(parts), ...steering(parts) };
  return handlers as Readonly<Record<string, AnyHandler>>;
}

type Describing = Pick<
  Handlers<KernelContract>,
  "feed" | "describe" | "health" | "cursors" | "parked" | "sagas" | "readSaga" | "audit"
>;

function describing<C>(parts: Parts<C>): Describing {
  const { name, durable } = parts;
  return {
    feed: async (query) => (durable ?? nothingDurable(name)).feed.read(query),
    describe: async () => describe(parts),
    health: () => health(parts),
    cursors: async () => ({
      cursors: durable ? await cursorViews(name, durable) : [],
      sagas: durable ? await durable.sagas.counts() : {},
    }),
    parked: async () => ({ events: durable ? await parkedViews(name, durable) : [] }),
    sagas: async (query) => (durable ? durable.sagas.list(query) : { sagas: [], nextCursor: null }),
    readSaga: async ({ id }) => ({ saga: (await durable?.sagas.get(id)) ?? null }),
    audit: async (query) => ({ lines: durable ? await findAuditLines(durable.db.sql, query) : [] }),
  };
}

function steering<C>({ durable, definition }: Parts<C>): Omit<Handlers<KernelContract>, keyof Describing> {
  return {
    redrive: async ({ id }) => ({ found: (await durable?.reactions.redrive(id)) ?? false }),
    drop: async ({ id }) => ({ found: (await durable?.reactions.drop(id)) ?? false }),
    steerSaga: async ({ id, move, by }): Promise<Moved> => durable?.sagas[move](id, by) ?? { outcome: "unknown" },
    rebuild: async () => {
      if (!definition.reset || !durable) return { outcome: "not_a_read_model" };
      await durable.reactions.rebuild(definition.reset);
      return { outcome: "rebuilding" };
    },
  };
}

function nothingDurable(name: string): never {
  throw fault("not_found", `${name} announces nothing.`);
}

const schemaOf = (schema: z.ZodType, io: "input" | "output") => z.toJSONSchema(schema, { io, unrepresentable: "any" });

function describe<C>({ contract, events }: Parts<C>) {
  return {
    actions: Object.values(contract).map(({ name, summary, access, repeat, http, input, output }) => {
      const shapes = { input: schemaOf(input, "input"), output: schemaOf(output, "output") };
      return { name, summary, access, repeat, ...(http && { http }), ...shapes };
    }),
    events: events.map(({ name, key, payload }) => ({ name, key, payload: schemaOf(payload, "output") })),
  };
}

async function health<C>({ durable, definition }: Parts<C>): Promise<Health> {
  const reason = await definition.unready?.();
  if (reason) return { isReady: false, reason };
  return (durable && (await behind(durable))) ?? { isReady: true, reason: null };
}

async function behind({ reactions }: Durable): Promise<Health | undefined> {
  const slow = (await reactions.status()).filter(({ state, lag }) => state !== "reading" || lag !== 0);
  if (slow.length === 0) return undefined;
  const said = slow.map(
    ({ feed, state, lag, problem }) => `${feed} (${problem ?? (state === "reading" ? `${lag} events behind` : state)})`,
  );
  const reason = `reading the feeds of ${said.join(", ")}`;
  const isReading = slow.every(({ state }) => state === "reading");
  return { isReady: false, reason, ...(isReading && { behindSeconds: Math.max(...slow.map(({ ageSeconds }) => ageSeconds!)) }) };
}

async function cursorViews(service: string, { reactions }: Durable): Promise<CursorView[]> {
  const cursors = await reactions.status();
  return cursors.map(({ feed, position, head, lag, ageSeconds, state, problem = null, held }) => {
    return { service, feed, position, head, lag, ageSeconds, state, problem, ...held };
  });
}

async function parkedViews(service: string, { reactions }: Durable): Promise<ParkedEvent[]> {
  const events = await reactions.parked();
  return events.map(({ id, feed, position, type, key, payload, error, tries, heldAt }) => {
    return { id, service, feed, position, type, key, payload, error, tries, heldSince: heldAt };
  });
}
