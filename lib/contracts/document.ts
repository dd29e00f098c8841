import { z } from "zod";
import type { Action, Event, Http } from "../contract.ts";
import type { Schema } from "./alternatives.ts";

/** What a release promises of one action, as JSON. */
export interface ActionPromise {
  readonly access: Action["access"];
  readonly repeat: Action["repeat"];
  readonly http?: Http;
  readonly input: Schema;
  readonly output: Schema;
}

/** What a release promises of one event. A field with a default is always in an event and need not be in one that is read. */
export interface EventPromise {
  readonly key: string;
  readonly payload: Schema;
}

/** A service's contract as one release promised it: `docs/contracts/<service>.json`. Keys are wire names. */
export interface ContractDocument {
  readonly actions: Readonly<Record<string, ActionPromise>>;
  readonly events: Readonly<Record<string, EventPromise>>;
}

/** Writes a contract down in JSON Schema. Other exports than actions and events are passed over. */
export function documentOf(contract: object): ContractDocument {
  const values: (Action | Event | undefined)[] = Object.values(contract);
  const sorted = values
    .filter((value) => value?.kind === "action" || value?.kind === "event")
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return {
    actions: Object.fromEntries(sorted.flatMap((value) => (value.kind === "action" ? [[value.name, actionPromise(value)]] : []))),
    events: Object.fromEntries(sorted.flatMap((value) => (value.kind === "event" ? [[value.name, eventPromise(value)]] : []))),
  };
}

const actionPromise = ({ access, repeat, http, input, output }: Action): ActionPromise => ({
  access,
  repeat,
  ...(http && { http }),
  input: schemaOf(input, "input"),
  output: schemaOf(output, "output"),
});

const eventPromise = ({ key, payload }: Event): EventPromise => ({ key, payload: schemaOf(payload, "input") });

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Schema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest as Schema;
};
