import type { Action } from "./contract.ts";
import type { Database, Sql } from "./database.ts";
import type { Caller } from "./edge.ts";
import { faultCode } from "./fault.ts";
import { newId } from "./ids.ts";
import { jsonb } from "./json.ts";
import { errorFields, type Log } from "./log.ts";

/** One thing that somebody of the administration did, or tried to. */
export interface AuditLine {
  readonly id: string;
  readonly at: string;
  /** The administration key's id. */
  readonly by: string;
  readonly action: string;
  readonly input: unknown;
  /** `done`, the code of the fault, or `begun` when the process died before it was known. */
  readonly outcome: string;
  readonly requestId: string;
}

interface Deed {
  readonly action: string;
  readonly caller: Caller;
  readonly input: unknown;
  readonly requestId: string;
}

/** Whether a request is noted: whatever an administrator changes. */
export const isAudited = ({ access, repeat, http }: Action, caller: Caller): boolean =>
  access === "admin" && caller.kind === "admin" && (repeat !== "safe" || !http?.route.startsWith("GET "));

/**
 * Does something and notes it: the line is there before it begins, and what came of it is added when that is known. When the
 * line cannot be written nothing is done.
 */
export async function audited<T>(
  db: Database,
  { action, caller, input, requestId }: Deed,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  const id = newId("aud");
  const by = "id" in caller ? caller.id : caller.kind;
  await db.sql`
    insert into kernel.audit (id, by, action, input, request_id)
    values (${id}, ${by}, ${action}, ${jsonb(db.sql, withoutSecrets(input) as object)}, ${requestId})`;
  const note = (outcome: string) =>
    db.sql`update kernel.audit set outcome = ${outcome} where id = ${id}`.catch((error: unknown) =>
      log.warn(`the outcome of ${action} is not in the audit log`, { id, outcome, ...errorFields(error) }),
    );
  try {
    const result = await work();
    await note("done");
    return result;
  } catch (error) {
    await note(faultCode(error) ?? "internal");
    throw error;
  }
}

const SECRET = /password|secret|token|authorization|^key$/i;
const LONGEST = 2_000;

/** What was asked for, without secrets and without what is too long to be read. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string")
    return value.length > LONGEST ? `${value.slice(0, LONGEST)}… (${value.length} characters)` : value;
  if (Array.isArray(value)) {
    const shown = value.slice(0, 50).map(withoutSecrets);
    return value.length > 50 ? [...shown, `… (${value.length} in all)`] : shown;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET.test(name) && inner !== null ? "(secret)" : withoutSecrets(inner),
    ]),
  );
}

export interface AuditQuery {
  readonly by?: string | undefined;
  /** The beginning of the action's name. */
  readonly action?: string | undefined;
  readonly limit: number;
  /** The id of the last line of the page before. */
  readonly cursor?: string | undefined;
}

/** Lines of one service, newest first. */
export const findAuditLines = (sql: Sql, { by, action, limit, cursor }: AuditQuery): Promise<AuditLine[]> => sql<AuditLine[]>`
  select id, at, by, action, input, outcome, request_id from kernel.audit
  where ${cursor ? sql`id < ${cursor}` : sql`true`} ${by ? sql`and by = ${by}` : sql``}
    ${action ? sql`and starts_with(action, ${action})` : sql``}
  order by id desc limit ${limit}`;
