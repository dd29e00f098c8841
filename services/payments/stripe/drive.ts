import type { Failed } from "../provider.ts";
import type { Answer } from "./client.ts";

interface Drive<S, T> {
  /** The idempotency key of the first request. */
  readonly key: string;
  readonly state: S;
  /** What the state says has come of it; undefined when it is still to be asked for. */
  readonly decide: (state: S) => T | undefined;
  readonly send: (key: string, state: S) => Promise<Answer>;
  readonly read: (answer?: unknown) => Promise<S>;
}

const MOST = 6;

/**
 * Has something done once. What Stripe says it has is believed, not what it says of a request: the state is looked at before
 * each request and after it. Stripe keeps every answer under its key, errors too; so one that is replayed is about a request
 * that is over, and if the state then still does not show it, the next key may be used.
 */
export async function drive<S, T>({
  key,
  state: first,
  decide,
  send,
  read,
}: Drive<S, T>): Promise<T | Failed | { readonly outcome: "refused"; readonly reason: string }> {
  let state = first;
  for (let number = 1; ; number++) {
    const known = decide(state);
    if (known) return known;
    const answer = await send(number === 1 ? key : `${key}:${number}`, state);
    state = await read(answer.is === "done" ? answer.body : undefined);
    const result = decide(state);
    if (result) return result;
    if (answer.is === "done") throw new Error(`Stripe has taken ${key} and does not show it.`);
    if (answer.isReplayed && number < MOST) continue;
    return { outcome: answer.is, reason: answer.code };
  }
}
