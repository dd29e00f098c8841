import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What became of the requests that were sent. */
export interface Loaded<T> {
  readonly answers: readonly T[];
  /** Messages of those that got no answer. */
  readonly errors: readonly string[];
}

/** Load that goes on until it is ended. */
export interface Load<T> {
  end(): Promise<Loaded<T>>;
}

/** Sends at a constant rate, whatever becomes of what was sent before: a slow answer does not slow the load down. */
export function openLoad<T>(perSecond: number, send: () => Promise<T>): Load<T> {
  const answers: T[] = [];
  const errors: string[] = [];
  const under: Promise<void>[] = [];
  const stop = new AbortController();
  const one = (): Promise<void> =>
    send().then(
      (answer) => void answers.push(answer),
      (error: Error) => void errors.push(String(error.cause ?? error)),
    );
  const round = async (): Promise<void> => {
    const began = performance.now();
    for (; !stop.signal.aborted; await sleep(1)) {
      while (under.length < ((performance.now() - began) / 1_000) * perSecond) under.push(one());
    }
    await Promise.all(under);
  };
  const rounds = round();
  return {
    async end() {
      stop.abort();
      await rounds;
      return { answers, errors };
    },
  };
}

/** One request as an administrator, on a connection of its own. Answers the status. */
export const visit = ({ url, adminKey }: { url: string; adminKey: string }, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { agent: new Agent({ keepAlive: false }), headers: { authorization: `Bearer ${adminKey}` } };
    const request = get(`${url}${path}`, options, (res) => {
      res.once("end", () => resolve(res.statusCode!)).once("error", reject);
      res.resume();
    });
    request.once("error", reject);
  });
