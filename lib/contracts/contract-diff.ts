import type { Access, Http, Repeat } from "../contract.ts";
import type { ActionPromise, ContractDocument, EventPromise } from "./document.ts";
import { type Break, diffSchemas } from "./schema-diff.ts";

/** A change that those who rely on the last release would not survive. */
export interface BreakingChange extends Break {
  /** The wire name of the action or event. */
  readonly name: string;
  readonly isRemoval: boolean;
}

/**
 * Every change from one release's contract to the next by which a running caller, a subscriber or an event that waits to be
 * read would break. What is added, and does not have to be given, is no such change.
 */
export function diffContracts(before: ContractDocument, after: ContractDocument): BreakingChange[] {
  return [
    ...diffNamed(before.actions, after.actions, "the action", diffAction),
    ...diffNamed(before.events, after.events, "the event", diffEvent),
  ];
}

/** `orders.checkout: input.payment.token is new and required`. */
export const describeBreak = ({ name, at, what }: BreakingChange): string => `${name}: ${at} ${what}`;

type Named<T> = Readonly<Record<string, T>>;

function diffNamed<T>(before: Named<T>, after: Named<T>, kind: string, diff: (was: T, is: T) => Break[]): BreakingChange[] {
  return Object.entries(before).flatMap(([name, was]): BreakingChange[] => {
    const is = after[name];
    if (is === undefined) return [{ name, at: kind, what: "was removed", isRemoval: true }];
    return diff(was, is).map((found) => ({ name, ...found, isRemoval: false }));
  });
}

function diffAction(was: ActionPromise, is: ActionPromise): Break[] {
  return [
    ...stricterAccess(was.access, is.access),
    ...weakerRepeat(was.repeat, is.repeat),
    ...diffHttp(was.http, is.http),
    ...diffSchemas(was.input, is.input, "input", "input"),
    ...diffSchemas(was.output, is.output, "output", "output"),
  ];
}

function diffEvent(was: EventPromise, is: EventPromise): Break[] {
  const found = [
    ...(was.key === is.key ? [] : [{ at: "key", what: `was ${was.key}, is ${is.key}` }]),
    ...diffSchemas(was.payload, is.payload, "announced", "payload"),
    ...diffSchemas(was.payload, is.payload, "unread", "payload"),
  ];
  return [...new Map(found.map((one) => [`${one.at} ${one.what}`, one])).values()];
}

const STRICTNESS: readonly Access[] = ["public", "customer", "admin", "internal"];
/** A caller of the last release sends a `safe` call again without a key, a `keyed` one with it. */
const PROMISES: readonly Repeat[] = ["safe", "keyed", "never"];

const stricterAccess = (was: Access, is: Access): Break[] =>
  STRICTNESS.indexOf(is) > STRICTNESS.indexOf(was) ? [{ at: "access", what: `was ${was}, is ${is}` }] : [];

const weakerRepeat = (was: Repeat, is: Repeat): Break[] =>
  PROMISES.indexOf(is) > PROMISES.indexOf(was) ? [{ at: "repeat", what: `was ${was}, is ${is}` }] : [];

/** A client does not know what a path parameter is called. */
const routeOf = ({ route }: Http): string => route.replace(/:\w+/g, ":");

/** What an HTTP client relies on besides the route, as text: it may not change. */
const FIXED: Readonly<Record<string, (http: Http) => string>> = {
  status: ({ status }) => String(status ?? 200),
  "media type": ({ answers }) => answers ?? "application/json",
  "event stream": ({ events }) => (events ? "yes" : "no"),
  body: ({ body }) => (body?.kind === "raw" ? "bytes" : (body?.mediaType ?? "application/json")),
};

function diffHttp(was: Http | undefined, is: Http | undefined): Break[] {
  if (!was) return [];
  if (!is) return [{ at: "route", what: `${was.route} was removed` }];
  if (routeOf(was) !== routeOf(is)) return [{ at: "route", what: `was ${was.route}, is ${is.route}` }];
  const changed = Object.entries(FIXED).filter(([, read]) => read(was) !== read(is));
  return [
    ...changed.map(([at, read]) => ({ at, what: `was ${read(was)}, is ${read(is)}` })),
    ...(is.keyRequired && !was.keyRequired ? [{ at: "Idempotency-Key", what: "is required now" }] : []),
    ...headerBreaks(was, is),
    ...uploadBreaks(was, is),
  ];
}

function headerBreaks({ headers: were = {} }: Http, { headers: are = {} }: Http): Break[] {
  const moved = Object.entries(were).filter(([field, header]) => are[field]?.toLowerCase() !== header.toLowerCase());
  return moved.map(([field, header]) => ({ at: `header ${header}`, what: `no longer gives ${field}` }));
}

function uploadBreaks({ body: was }: Http, { body: is }: Http): Break[] {
  if (!was || !is || is.limit >= was.limit) return [];
  return [{ at: "body", what: `took ${was.limit} bytes, takes ${is.limit}` }];
}
