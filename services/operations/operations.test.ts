import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { fault } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { done, later, saga } from "../../lib/saga.ts";
import { type Resources, service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as operations from "./contract.ts";

type ServiceSchema = ReturnType<typeof service>;

const admin = { caller: { kind: "admin", id: "key", scopes: ["*"] } } as const;

/** A service of a test, with its resources. */
class Maker {
  readonly name: string;
  readonly #folder: string;
  isReady = false;
  #resources: Resources | undefined;
  #parked = 1;

  constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
  }

  static async make(name: string): Promise<Maker> {
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    await mkdir(join(folder, "migrations"));
    await writeFile(join(folder, "migrations", "0001.do.nothing.sql"), "select 1;");
    return new Maker(name, folder);
  }

  get schema(): ServiceSchema {
    const define = (r: Resources) => {
      this.#resources = r;
      return { actions: {}, sagas: [this.making] };
    };
    return service(this.name, {}, define, { folder: this.#folder });
  }

  /** A saga that is put off until the maker is ready. */
  readonly making = saga({
    name: "makers.making",
    version: 1,
    deadline: 60_000,
    state: z.object({}),
    steps: [{ name: "wait", run: async () => (this.isReady ? done() : later(30_000, "not ready")), undo: async () => {} }],
  });

  async startSagas(...ids: string[]): Promise<void> {
    for (const id of ids) await this.#r.db.transaction((tx) => this.#r.sagas.start(tx, this.making, { id, state: {} }));
  }

  async park(id: string): Promise<void> {
    await this.#r.db.sql`
      insert into kernel.held_event (id, feed, position, type, key, payload, occurred_at, status, tries, next_try_at, error)
      values (${id}, 'elsewhere', ${this.#parked++}, 'elsewhere.happened', 'k', '{}', now(), 'parked', 8, now(), 'it broke')`;
  }

  get #r(): Resources {
    if (!this.#resources) throw new Error(`${this.name} has not started`);
    return this.#resources;
  }
}

/** A service that can be reached and whose every answer about itself is a failure. */
function mute(name: string): ServiceSchema {
  const { sagas, readSaga, cursors, parked } = kernelContract(name);
  const fail = async () => {
    throw fault("unavailable");
  };
  return service(name, { sagas, readSaga, cursors, parked }, () => ({
    actions: { sagas: fail, readSaga: fail, cursors: fail, parked: fail },
  }));
}

async function start(...schemas: ServiceSchema[]): Promise<TestNodes> {
  return startNodes({ services: ["operations"], schemas });
}

test("sagas of all services come newest first, page after page, each once", async () => {
  const [one, two] = await Promise.all([Maker.make("one"), Maker.make("two")]);
  await using nodes = await start(one.schema, two.schema);
  for (const at of [1, 2, 3]) {
    await one.startSagas(`one-${at}`);
    await two.startSagas(`two-${at}`);
  }
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await nodes.request(operations.findSagas, { limit: 2, ...(cursor && { cursor }) }, admin);
    pages.push(page.data.map(({ id }) => id));
    cursor = page.meta.nextCursor ?? undefined;
  } while (cursor && pages.length < 9);
  expect(pages.flat()).toEqual(["two-3", "one-3", "two-2", "one-2", "two-1", "one-1"]);
  expect((await nodes.request(operations.findSagas, { status: "stuck" }, admin)).data).toEqual([]);
  await expect(nodes.request(operations.findSagas, { cursor: "bm9uc2Vuc2U" }, admin)).rejects.toMatchObject({
    type: "malformed",
  });
});

test("an operator has a saga tried again, or undone, and the history names the operator", async () => {
  const one = await Maker.make("one");
  await using nodes = await start(one.schema);
  await one.startSagas("again", "undone");
  await eventually(async () =>
    expect(await nodes.request(operations.getSaga, { id: "again" }, admin)).toMatchObject({ status: "running", attempt: 1 }),
  );
  await expect(nodes.request(operations.skipSaga, { id: "again" }, admin)).rejects.toMatchObject({ type: "conflict" });

  const { history } = await nodes.request(operations.compensateSaga, { id: "undone" }, admin);
  expect(history).toEqual(
    expect.arrayContaining([expect.objectContaining({ what: "operator.compensate", detail: { by: "admin:key" } })]),
  );
  await eventually(async () =>
    expect((await nodes.request(operations.getSaga, { id: "undone" }, admin)).status).toBe("compensated"),
  );

  one.isReady = true;
  await eventually(async () => expect((await nodes.request(operations.retrySaga, { id: "again" }, admin)).id).toBe("again"));
  await eventually(async () =>
    expect((await nodes.request(operations.getSaga, { id: "again" }, admin)).status).toBe("completed"),
  );
  await expect(nodes.request(operations.getSaga, { id: "never" }, admin)).rejects.toMatchObject({ type: "not_found" });
});

test("a parked event is redriven or dropped where it waits, once", async () => {
  const [one, two] = await Promise.all([Maker.make("one"), Maker.make("two")]);
  await using nodes = await start(one.schema, two.schema);
  await one.park("evt-1");
  await one.park("evt-2");
  await two.park("evt-2");
  const list = async () =>
    (await nodes.request(operations.findParkedEvents, {}, admin)).data.map(({ service: owner, id }) => `${owner} ${id}`);
  expect((await list()).toSorted()).toEqual(["one evt-1", "one evt-2", "two evt-2"]);

  expect(await nodes.request(operations.dropParkedEvent, { id: "evt-1" }, admin)).toEqual({ id: "evt-1", service: "one" });
  await expect(nodes.request(operations.dropParkedEvent, { id: "evt-1" }, admin)).rejects.toMatchObject({ type: "not_found" });

  await expect(nodes.request(operations.redriveParkedEvent, { id: "evt-2" }, admin)).rejects.toMatchObject({ type: "conflict" });
  await nodes.request(operations.redriveParkedEvent, { id: "evt-2", service: "two" }, admin);
  expect(await list()).toEqual(["one evt-2"]);
  await expect(nodes.request(operations.dropParkedEvent, { id: "evt-2", service: "nobody" }, admin)).rejects.toMatchObject({
    type: "not_found",
  });
});

test("a service that does not answer is named, and nothing is said to be missing that it may have", async () => {
  const one = await Maker.make("one");
  await using nodes = await start(one.schema, mute("mute"));
  await one.startSagas("here");
  expect(await nodes.request(operations.findSagas, {}, admin)).toMatchObject({ data: [{ id: "here" }], degraded: ["mute"] });
  expect((await nodes.request(operations.findFeeds, {}, admin)).degraded).toEqual(["mute"]);
  expect((await nodes.request(operations.findParkedEvents, {}, admin)).degraded).toEqual(["mute"]);
  expect((await nodes.request(operations.getSaga, { id: "here" }, admin)).service).toBe("one");
  await expect(nodes.request(operations.getSaga, { id: "there" }, admin)).rejects.toMatchObject({ type: "unavailable" });
  await expect(nodes.request(operations.dropParkedEvent, { id: "there" }, admin)).rejects.toMatchObject({ type: "unavailable" });
});

test("the cluster shows every node with what it answered; without a supervisor nobody can change it", async () => {
  const one = await Maker.make("one");
  await using nodes = await start(one.schema);
  await nodes.request(operations.findFeeds, {}, admin);
  const { services, nodes: shown, ...rest } = await nodes.request(operations.getCluster, {}, admin);
  expect(rest).toEqual({ changes: null, degraded: [] });
  expect(services.map(({ name, nodes: count }) => [name, count])).toEqual([
    ["one", 1],
    ["operations", 1],
  ]);
  expect(shown.map(({ nodeId, pid }) => [nodeId, pid])).toEqual([
    [nodes.inside.nodeID, process.pid],
    [nodes.outside.nodeID, process.pid],
  ]);
  expect(shown[0]!.calls.map(({ service: name }) => name)).toContain("operations");
  for (const [action, input] of [
    [operations.scaleService, { name: "one", count: 2 }],
    [operations.deployService, { name: "one" }],
    [operations.rollbackService, { name: "one" }],
  ] as const) {
    await expect(nodes.request(action, input, { ...admin, path: ["name"] })).rejects.toMatchObject({
      type: "conflict",
      message: "No supervisor looks after these nodes: change them where they were started.",
    });
  }
});

test("only administrators may look and steer", async () => {
  await using nodes = await start();
  await expect(nodes.request(operations.findSagas, {})).rejects.toMatchObject({ type: "unauthorized" });
  await expect(nodes.request(operations.getCluster, {})).rejects.toMatchObject({ type: "unauthorized" });
  await expect(nodes.request(operations.scaleService, { name: "orders", count: 64 })).rejects.toMatchObject({
    type: "unauthorized",
  });
  const customer = { caller: { kind: "customer", id: "cus", session: "ses" } } as const;
  await expect(nodes.request(operations.retrySaga, { id: "x" }, customer)).rejects.toMatchObject({ type: "forbidden" });
});
