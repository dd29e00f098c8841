import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Ask } from "./http.ts";

/** What visitors do, and how many of them come. */
export interface Visitors {
  readonly url: string;
  /** Requests a second: one of these pages after the other. */
  readonly browse: number;
  readonly pages: readonly string[];
  /** Purchases a second, each of four requests: one of these variants after the other. */
  readonly buy: number;
  /** People who buy again and again, as fast as the shop lets them. */
  readonly eager?: number;
  readonly variants: readonly { readonly id: string; readonly sku: string }[];
}

/** One request that is to be sent, and with which statuses it may be answered. */
export interface Visit {
  readonly kind: Request["kind"];
  readonly due: number;
  readonly expected: readonly number[];
  readonly request: Parameters<Ask>;
}

/** One request that was sent. Times on the clock of `clock.ts`. */
export interface Request {
  readonly kind: "browse" | "cart" | "checkout";
  readonly due: number;
  readonly sent: number;
  readonly ended: number;
  /** Why it failed: no answer, or one that should not have come. */
  readonly failure: string | null;
  /** It was answered, but with an older answer or without everything that should be in it. */
  readonly isImpaired: boolean;
}

/** A purchase that got as far as its checkout. `unknown` is one whose checkout was not answered as it should. */
export interface Purchase {
  readonly cartId: string;
  readonly sku: string;
  readonly due: number;
  readonly ended: number;
  readonly orderId: string | null;
  readonly state: "confirmed" | "open" | "unknown";
}

/** The part of an answered checkout that is looked at. */
export interface Order {
  readonly id: string;
}

export interface Seen {
  readonly requests: readonly Request[];
  readonly purchases: readonly Purchase[];
}

/** Sends visitors from a process of their own; `leave` lets them finish what they have begun and answers what they have seen. */
export async function sendVisitors(task: Visitors): Promise<{ leave(): Promise<Seen> } & Disposable> {
  const child: ChildProcess = fork(join(import.meta.dirname, "visitors.worker.ts"), { serialization: "advanced" });
  const died = once(child, "exit").then(([code]) => {
    throw new Error(`the visitors' process ended with code ${code}`);
  });
  const hear = async <T>(): Promise<T> => ((await Promise.race([once(child, "message"), died])) as [T])[0];
  child.send(task);
  await hear();
  return {
    leave: () => {
      child.send("stop");
      return hear<Seen>();
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

/** How late the visitors' own process sent what was due, in milliseconds: what it could not keep up with is no fault of the shop. */
export const lateness = (requests: readonly Request[]): number[] =>
  // A step of a purchase is due when it is sent.
  requests.filter(({ kind }) => kind === "browse").map(({ due, sent }) => sent - due);

/** How long people waited, from the moment they wanted to ask. */
export const waits = (requests: readonly Request[], kind: Request["kind"]): number[] =>
  requests.filter((request) => request.kind === kind).map(({ due, ended }) => ended - due);
