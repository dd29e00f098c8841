import { createHash, createHmac } from "node:crypto";
import type { Caller } from "../../lib/edge.ts";
import { pageOf } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import type { IdempotencyKey } from "../../lib/idempotency.ts";
import { newId } from "../../lib/ids.ts";
import { once } from "../../lib/once.ts";
import type { Handlers, Resources } from "../../lib/service.ts";
import type * as contract from "./contract.ts";
import * as store from "./key-store.ts";
import { coveredBy } from "./scopes.ts";

type Moves = "findKeys" | "createKey" | "revokeKey" | "identifyKey";

const HINT = 12;

/**
 * Administration keys besides the shop's own, which is in the data folder and never here. A key is made of its id, so that the
 * answer to a repeated request can be made again and the key itself is kept nowhere; its prefix tells scanners of leaked
 * secrets what they have found.
 */
export const keys = ({ db, deriveKey }: Resources): Pick<Handlers<typeof contract>, Moves> => ({
  async findKeys({ limit, cursor }) {
    return pageOf(await store.findKeys(db.sql, { limit: limit + 1, cursor }), limit);
  },
  createKey({ name, scopes }, ctx) {
    const { by, own } = holder(ctx.caller);
    const beyond = scopes.find((scope) => !coveredBy(own, scope));
    if (beyond) throw fault("forbidden", `Your key does not have the scope ${beyond}, so it cannot give it.`);
    const keyOf = (id: string) => `bwk_${createHmac("sha256", deriveKey("admin keys")).update(id).digest("base64url")}`;
    return ctx.commit(async (tx) => {
      const make = async () => {
        const id = newId("key");
        const digest = createHash("sha256").update(keyOf(id)).digest("hex");
        return store.insertKey(tx, { id, digest, name, scopes, hint: keyOf(id).slice(0, HINT), by });
      };
      const request = ctx.idempotency;
      const row = request ? await onceFor(tx, request, make) : await make();
      return { ...row, key: keyOf(row.id) };
    });
  },
  revokeKey: ({ id }, ctx) =>
    ctx.commit(async (tx) => {
      const row = await store.revokeKey(tx, id);
      if (!row) throw fault("not_found");
      return row;
    }),
  async identifyKey({ digest }) {
    const found = await store.useKey(db.sql, digest);
    return found ? { outcome: "known", ...found } : { outcome: "unknown" };
  },
});

async function onceFor(
  tx: Tx,
  { scope, key, fingerprint }: IdempotencyKey,
  make: () => Promise<store.KeyRow>,
): Promise<store.KeyRow> {
  const kept = await once(tx, `${scope} ${key}`, async () => ({ fingerprint, row: await make() }));
  if (kept.fingerprint !== fingerprint) throw fault("idempotency_key_reused");
  return kept.row;
}

const holder = (caller: Caller): { by: string; own: readonly string[] } =>
  caller.kind === "admin"
    ? { by: caller.id, own: caller.scopes }
    : { by: caller.kind, own: caller.kind === "system" ? ["*"] : [] };
