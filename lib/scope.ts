import { AsyncLocalStorage } from "node:async_hooks";

/** What a piece of work belongs to, for logs, events and traces: never for decisions. */
export interface Scope {
  /** The id of the HTTP request or saga that all of this is for. */
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs `work`; whatever it announces and logs carries the scope. */
export const inScope = <T>(scope: Scope, work: () => T): T => storage.run(scope, work);

/** The scope of the work that is running, if any. */
export const currentScope = (): Scope | undefined => storage.getStore();
