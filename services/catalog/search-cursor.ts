import { z } from "zod";
import { fault } from "../../lib/fault.ts";
import type { Sort } from "./contract.ts";

type Keys = readonly (string | number)[];

const KEYS = {
  relevance: z.tuple([z.int().min(0).max(9_999), z.string(), z.string()]),
  price: z.tuple([z.int(), z.string()]),
  "-price": z.tuple([z.int(), z.string()]),
  newest: z.tuple([z.iso.datetime({ offset: true }), z.string()]),
  title: z.tuple([z.string(), z.string()]),
} satisfies Record<Sort, z.ZodType<Keys>>;

const Cursor = z.object({ sort: z.string(), keys: z.unknown() });

/** Where the next page starts, for the client to hand back as it is. */
export const writeCursor = (sort: Sort, keys: Keys): string => Buffer.from(JSON.stringify({ sort, keys })).toString("base64url");

/** The keys in a cursor. Throws the fault `malformed` for anything that `writeCursor` did not make for this sort. */
export function readCursor(sort: Sort, cursor: string): Keys {
  const { success, data } = Cursor.safeParse(parsed(cursor));
  if (!success) throw refusal("is not one that this list gave");
  if (data.sort !== sort) throw refusal(`belongs to a list that is sorted otherwise than by ${sort}`);
  const keys = KEYS[sort].safeParse(data.keys);
  if (!keys.success || JSON.stringify(keys.data).includes("\\u0000")) throw refusal("is not one that this list gave");
  return keys.data;
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

const refusal = (why: string) => fault("malformed", `The cursor ${why}.`, { details: [{ field: "cursor", message: why }] });
