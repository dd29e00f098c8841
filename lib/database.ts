import postgres from "postgres";
import { fault } from "./fault.ts";

const TYPES = {
  bigint: { to: 20, from: [20], parse: Number, serialize: String },
  timestamp: {
    to: 1184,
    from: [1184],
    parse: (text: string) => new Date(text).toISOString(),
    serialize: (value: string) => value,
  },
};

/** Runs a statement on any free connection. Values in the template are parameters, never text. */
export type Sql = postgres.Sql<{ bigint: number; timestamp: string }>;

/** A transaction. Functions that must be part of one take this type, so that the compiler refuses a bare pool. */
export type Tx = postgres.TransactionSql<{ bigint: number; timestamp: string }>;

/** One service's database. */
export interface Database {
  readonly sql: Sql;
  /**
   * Runs `work` in one transaction (READ COMMITTED) and commits when it resolves. A deadlock or serialisation failure is
   * run again, so `work` must have no effect outside the transaction.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Options {
  readonly service: string;
  readonly poolSize: number;
}

/** Opens a pool. Connections are made when they are first needed. bigint arrives as number, timestamptz as an ISO string, columns in camelCase. */
export function openDatabase(url: string, { service, poolSize }: Options): Database {
  const sql = postgres(url, {
    max: poolSize,
    idle_timeout: 300,
    connect_timeout: 5,
    // Seconds until a connection is tried again. The library's own pauses grow to 20 s, long after the server is back.
    backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 0.5),
    max_lifetime: null,
    types: TYPES,
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    onnotice: () => {},
    connection: {
      application_name: `brickwork-${service}`,
      statement_timeout: 15_000,
      lock_timeout: 8_000,
      idle_in_transaction_session_timeout: 15_000,
    },
  });
  return { sql, transaction: (work) => transaction(sql, work), close: () => sql.end({ timeout: 5 }) };
}

type Hook = () => void;
const running = new WeakMap<Tx, { readonly sql: Sql; readonly later: Hook[] }>();

/** Has `hook` called once, right after the transaction has committed; never when it is rolled back. */
export function afterCommit(tx: Tx, hook: Hook): void {
  running.get(tx)?.later.push(hook);
}

/** The pool that a transaction of `Database.transaction` runs on; undefined for any other transaction. */
export const poolOf = (tx: Tx): Sql | undefined => running.get(tx)?.sql;

const TRIES = 4;

async function transaction<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const later: Hook[] = [];
    try {
      const result = await begin(sql, (tx) => {
        running.set(tx, { sql, later });
        return work(tx);
      });
      for (const hook of later) hook();
      return result;
    } catch (error) {
      if (attempt === TRIES || !isContention(error)) throw error;
    }
  }
}

/**
 * Keeps what is left of a transaction from its connection once that has gone. The driver (postgres 3.4.9, its issues 1208
 * and 1216) would send the ROLLBACK to a closed socket, which ends the process, and a late statement or the COMMIT of work
 * that was cut off to the connection's successor, where another transaction may be running.
 */
async function begin<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  let isOver = false;
  const refuseLate = <A extends unknown[], R>(target: (...args: A) => R, self: unknown, args: A): R => {
    if (isOver) throw new Error("This transaction is over.");
    return Reflect.apply(target, self, args);
  };
  try {
    const result = await sql.begin(async (tx) => {
      try {
        return await work(new Proxy(tx, { apply: refuseLate }));
      } catch (error) {
        if (isConnectionLost(error)) await never();
        throw error;
      } finally {
        if (isOver) await never();
      }
    });
    return result as T;
  } finally {
    isOver = true;
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

const sqlState = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

/** Deadlock or serialisation failure: the other one went through, this one may run again. */
const isContention = (error: unknown): boolean => ["40001", "40P01"].includes(sqlState(error));

/** True for a unique constraint's refusal; `constraint` narrows it to one. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== "23505") return false;
  return constraint === undefined || (error as { constraint_name?: string }).constraint_name === constraint;
}

const GONE = new Set([
  "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT", "EAI_AGAIN",
  "CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT",
]); // prettier-ignore

/** The server ends the connection after a fatal error, and `begin` of the driver rejects when it is closed. */
const isConnectionLost = (error: unknown): boolean =>
  GONE.has(sqlState(error)) || (error instanceof postgres.PostgresError && ["FATAL", "PANIC"].includes(error.severity));

/** True when the database could not be reached, went away, or is too busy: the work may be tried again later. */
export function isDatabaseDown(error: unknown): boolean {
  const code = sqlState(error);
  return GONE.has(code) || /^(08|53|57P)/.test(code) || ["57014", "55P03", "25P03"].includes(code);
}

/** The fault that a caller sees when the database is down. */
export const databaseDown = (cause: unknown) => fault("unavailable", undefined, { retryAfter: 2, cause });
