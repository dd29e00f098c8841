import type { Sql, Tx } from "./database.ts";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object that survives JSON. */
export type JsonObject = { readonly [field: string]: Json | undefined };

/** A jsonb parameter. That the value survives JSON is the caller's promise: it comes out of a zod schema that says so. */
export const jsonb = (sql: Sql | Tx, value: object) => sql.json(value as JsonObject);
