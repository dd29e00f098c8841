import { z } from "zod";
import { action, type Call, type Output } from "../contract.ts";
import type { Database, Tx } from "../database.ts";
import { once, undoOnce } from "../once.ts";
import { abort, done, type OutsideStep, saga } from "../saga.ts";

/** What the far service of these tests can do: put a line into its ledger, and take it out again. */
const Effect = z.object({ key: z.string() });
export const apply = action("ledger.apply", {
  summary: "Notes an effect.",
  input: Effect,
  output: z.object({ outcome: z.enum(["applied", "cancelled"]) }),
});
export const revoke = action("ledger.revoke", {
  summary: "Takes an effect back.",
  input: Effect,
  output: z.object({ outcome: z.literal("revoked") }),
});

/** The tables of the far service and of the saga's own one. Both only ever grow, so that a second effect would show. */
export const TABLES = `
  create table if not exists ledger (key text, what text);
  create table if not exists fact (saga_id text, what text)`;

/** Calls the far service, whose handlers keep their promises by `once` and `undoOnce`. */
export function callOver(far: Database): Call {
  const handlers: Record<string, (key: string) => Promise<unknown>> = {
    [apply.name]: (key) =>
      far.transaction(async (tx) => {
        const work = async () => {
          await tx`insert into ledger values (${key}, 'applied')`;
          return { outcome: "applied" as const };
        };
        return once(tx, key, work, { cancelled: { outcome: "cancelled" as const } });
      }),
    [revoke.name]: (key) =>
      far.transaction(async (tx) => {
        await undoOnce(tx, key, async () => void (await tx`insert into ledger values (${key}, 'revoked')`));
        return { outcome: "revoked" as const };
      }),
  };
  return async (called, input) => {
    const { key } = Effect.parse(input);
    return called.output.parse(await handlers[called.name]!(key)) as Output<typeof called>;
  };
}

export const State = z.object({ sagaId: z.string(), done: z.array(z.string()) });
export type State = z.output<typeof State>;

/** A step with one effect in the far service, and the undo of it. */
export const outside = (name: string): OutsideStep<State> => ({
  name,
  async run(state, { call, key }) {
    await call(apply, { key });
    return done({ done: [...state.done, name] });
  },
  async undo(_state, { call, key }) {
    await call(revoke, { key });
  },
});

const commits = (name: string) => ({
  name,
  commit: async (tx: Tx, { sagaId }: State) => void (await tx`insert into fact values (${sagaId}, ${name})`),
});

/** Goes through: effects outside, one commit in the middle and one at the end. */
export const goes = saga<State>({
  name: "shop.goes",
  version: 1,
  deadline: 60_000,
  state: State,
  steps: [outside("one"), outside("two"), commits("three"), outside("four"), outside("five"), commits("six")],
});

/** Is refused by its last step and undone. */
export const refused = saga<State>({
  name: "shop.refused",
  version: 1,
  deadline: 60_000,
  state: State,
  steps: [outside("one"), outside("two"), { name: "three", run: async () => abort({ outcome: "short" }) }],
  compensated: async (tx, { sagaId }) => void (await tx`insert into fact values (${sagaId}, 'compensated')`),
});

/** For sagas whose failures are part of the test. */
