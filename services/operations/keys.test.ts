import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as operations from "./contract.ts";
import { coveredBy } from "./scopes.ts";

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["operations"] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

const as = (id: string, ...scopes: string[]) => ({ caller: { kind: "admin", id, scopes } }) as const;
const root = as("key", "*");
const create = (name: string, scopes: string[], how: Parameters<TestNodes["request"]>[2] = root) =>
  nodes.request(operations.createKey, { name, scopes }, how);
const identify = (key: string) => nodes.call(operations.identifyKey, { digest: createHash("sha256").update(key).digest("hex") });

test("a key is shown once, is known by its digest, and ends when it is revoked", async () => {
  const made = await create("Warehouse", ["inventory:write", "orders:read"]);
  expect(made.key).toMatch(/^bwk_[\w-]{43}$/);
  expect(made).toMatchObject({ createdBy: "key", hint: made.key.slice(0, 12), lastUsedAt: null, revokedAt: null });
  expect(await identify(made.key)).toEqual({ outcome: "known", id: made.id, scopes: ["inventory:write", "orders:read"] });
  expect(await identify(`${made.key}x`)).toEqual({ outcome: "unknown" });
  const { data } = await nodes.request(operations.findKeys, {}, root);
  const listed = data.find(({ id }) => id === made.id);
  expect(listed?.lastUsedAt).not.toBeNull();
  expect(JSON.stringify(data)).not.toContain(made.key);
  const revoked = await nodes.request(operations.revokeKey, { id: made.id }, root);
  expect(revoked.revokedAt).not.toBeNull();
  expect(await identify(made.key)).toEqual({ outcome: "unknown" });
  expect((await nodes.request(operations.revokeKey, { id: made.id }, root)).revokedAt).toBe(revoked.revokedAt);
});

test("nothing in the database opens the shop", async () => {
  const made = await create("Secret", ["*"], { ...root, idempotencyKey: "make-1" });
  const { databases } = await everything();
  expect(databases).toContain(made.id);
  expect(databases).not.toContain(made.key);
});

test("a request that is sent again gets the same key, and another body under its key is refused", async () => {
  const how = { ...root, idempotencyKey: "make-2" };
  const answers = await Promise.all(Array.from({ length: 10 }, () => create("Twice", ["orders:read"], how)));
  expect(new Set(answers.map(({ key }) => key)).size).toBe(1);
  await expect(create("Twice", ["*"], how)).rejects.toMatchObject({ type: "idempotency_key_reused" });
});

test("nobody hands on more than they have", async () => {
  const clerk = as("key_clerk", "operations:write", "orders:write", "*:read");
  expect((await create("Reader", ["orders:read", "catalog:read", "orders:write"], clerk)).createdBy).toBe("key_clerk");
  for (const scope of ["*", "catalog:write", "*:write"]) {
    await expect(create("Greedy", [scope], clerk)).rejects.toMatchObject({ type: "forbidden" });
  }
  await expect(create("Odd", ["everything"], root)).rejects.toMatchObject({ type: "invalid" });
});

test.each([
  [["*"], "*", true],
  [["*:write"], "orders:read", true],
  [["*:read"], "orders:write", false],
  [["*:write"], "*:read", true],
  [["orders:write"], "*:write", false],
  [["orders:read"], "orders:read", true],
  [["orders:read"], "carts:read", false],
  [[], "orders:read", false],
])("%j covers %s: %s", (scopes, wanted, is) => expect(coveredBy(scopes, wanted)).toBe(is));

test("what the administration does is noted with its outcome and without secrets; reading is not", async () => {
  const anna = as("key_anna", "*");
  const { id } = await create("Audited", ["orders:read"], { ...anna, idempotencyKey: "make-3" });
  await nodes.request(operations.revokeKey, { id }, anna);
  await nodes.request(operations.findKeys, {}, anna);
  await nodes
    .request(operations.revokeKey, { id: id.replace(/.$/, "0") === id ? id.replace(/.$/, "1") : id.replace(/.$/, "0") }, anna)
    .catch(() => {});
  const find = (more: object = {}) => nodes.request(operations.findAudit, { by: "key_anna", ...more }, root);
  const { data, degraded } = await find();
  expect(data.map(({ action, outcome, service }) => [action, outcome, service])).toEqual([
    ["operations.revokeKey", "not_found", "operations"],
    ["operations.revokeKey", "done", "operations"],
    ["operations.createKey", "done", "operations"],
  ]);
  expect(data.at(-1)!.input).toEqual({ name: "Audited", scopes: ["orders:read"] });
  expect(degraded).toEqual([]);
  expect((await find({ action: "operations.create" })).data).toHaveLength(1);
  const first = await find({ limit: 2 });
  const rest = await find({ limit: 2, cursor: first.meta.nextCursor });
  expect([first.data.length, rest.data.length, rest.meta.nextCursor]).toEqual([2, 1, null]);
});

/** All that operations keeps, as text. */
async function everything() {
  const { default: postgres } = await import("postgres");
  const { databaseUrl, namespace } = nodes.environment.config;
  const url = new URL(databaseUrl!);
  url.pathname = `/${namespace}_operations`;
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  const rows = await Promise.all([
    sql`select * from admin_key`,
    sql`select * from kernel.once`,
    sql`select * from kernel.idempotency_key`,
    sql`select * from kernel.audit`,
  ]);
  await sql.end();
  return { databases: JSON.stringify(rows) };
}
