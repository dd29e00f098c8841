import type { Config } from "./config.ts";
import type { Action, Call, Input, Output } from "./contract.ts";
import type { Database, Tx } from "./database.ts";
import type { Caller } from "./edge.ts";
import type { NodeReport } from "./figures.ts";
import type { IdempotencyKey } from "./idempotency.ts";
import type { Log } from "./log.ts";
import type { Reaction } from "./reactions.ts";
import type { SagaDefinition, Sagas } from "./saga.ts";

/** What a service is given to work with: taken from its node when it starts, never imported. */
export interface Resources {
  /** The service's own database. A service without a `migrations` folder has none, and touching this throws. */
  readonly db: Database;
  readonly config: Config;
  readonly log: Log;
  /** A key for one purpose, derived from the shop's secret: the same on every node of this shop. */
  readonly deriveKey: (purpose: string) => Buffer;
  /** Calls made on the service's own behalf, outside any request: jobs and sagas. */
  readonly call: Call;
  readonly sagas: Pick<Sagas, "start" | "outcome">;
  /** Names of the services that can be reached now. */
  readonly peers: () => string[];
  /** The URL that a service has told all nodes as its metadata; undefined while it cannot be reached. */
  readonly addressOf: (service: string) => string | undefined;
  /** Asks every node that can be reached now how it is. */
  readonly nodes: () => Promise<NodeReport[]>;
}

/** What a handler may do to the outside world. Deliberately narrower than Moleculer's Context. */
export interface Ctx<O = unknown> {
  readonly call: Call;
  /**
   * Writes, in one transaction, and answers with what `work` returns. With an `Idempotency-Key` the answer is kept in that
   * same transaction, so a request that is sent again gets it and changes nothing. At most once per request.
   */
  commit(work: (tx: Tx) => Promise<O>): Promise<O>;
  /** Who asks. */
  readonly caller: Caller;
  readonly requestId: string;
  /** Milliseconds left until the caller gives up. */
  readonly remaining: () => number;
  /** Present when a request with an `Idempotency-Key` calls an action that keeps its keys itself. */
  readonly idempotency?: IdempotencyKey;
  /** Sets the HTTP status or headers of a success; does nothing for a call from another service. */
  respond(reply: { status?: number; headers?: Record<string, string> }): void;
}

export type Handler<A extends Action> = (input: Input<A>, ctx: Ctx<Output<A>>) => Promise<Output<A>>;

type ActionKeys<C> = { [K in keyof C]: C[K] extends Action ? K : never }[keyof C];
export type Handlers<C> = { [K in ActionKeys<C>]: C[K] extends Action ? Handler<C[K]> : never };

/** Work that every node of a service does again and again. Two nodes may do it at the same instant, so let SQL be the referee. */
export interface Job {
  readonly name: string;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly every: number;
  /** The signal is aborted when the service stops, which waits for the work: long work looks at it. */
  readonly work: (stopping: AbortSignal) => Promise<void>;
}

/** What a service is made of. */
export interface Definition<C> {
  readonly actions: Handlers<C>;
  readonly reactions?: readonly Reaction[];
  readonly sagas?: readonly SagaDefinition[];
  readonly jobs?: readonly Job[];
  /** For a read model that is made of feeds only: empties it, so that `brickwork rebuild` can fill it anew. */
  readonly reset?: (tx: Tx) => Promise<void>;
  /** Runs once before the service takes calls. */
  readonly start?: () => Promise<void>;
  /** Says why the service is not ready yet, if it is not: still seeding, for instance. */
  readonly unready?: () => Promise<string | undefined>;
  readonly stop?: () => Promise<void>;
}
