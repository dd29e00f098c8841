import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { z } from "zod";
import type * as operations from "../services/operations/contract.ts";
import { eventually } from "../test/support/eventually.ts";
import { nodesOf, type Shop, startShop } from "../test/support/shop.ts";
import { type Shopper, shopper } from "../test/support/shopper.ts";

type Cluster = z.output<typeof operations.Cluster>;
type Change = z.output<typeof operations.Change>;
interface Refused {
  readonly error: { readonly code: string; readonly message: string };
}

const change = (ada: Shopper, service: string, what: string, body: object = {}) =>
  ada.adminPost<Change & Refused>(`/admin/v1/cluster/services/${service}/${what}`, body);

/** The events of a stream, as they come. */
async function listen({ url, adminKey }: Shop): Promise<{ events: () => Cluster[]; close: () => void }> {
  const sent = get(`${url}/admin/v1/cluster/events`, { agent: false, headers: { authorization: `Bearer ${adminKey}` } });
  const [stream] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const events = () => text.split("\n\n").flatMap((event) => (event.startsWith("data: ") ? [event.slice(6)] : []));
  return {
    events: () => (text.endsWith("\n\n") ? events().map((event) => JSON.parse(event) as Cluster) : []),
    close: () => sent.destroy(),
  };
}

describe("a process per service", () => {
  let shop: Shop;
  let ada: Shopper;
  beforeAll(async () => {
    shop = await startShop({ shape: "split", seed: "empty" });
    ada = shopper(shop);
  }, 180_000);
  afterAll(async () => shop[Symbol.asyncDispose](), 120_000);

  const cluster = async (): Promise<Cluster> => (await ada.admin<Cluster>("/admin/v1/cluster")).body;

  test("the cluster shows the nodes that ps shows, with versions, rates and latencies", async () => {
    await ada.find("brick");
    const shown = await eventually(async () => {
      const now = await cluster();
      expect(now.services.find(({ name }) => name === "catalog")).toMatchObject({ perSecond: expect.any(Number) });
      expect(now.services.find(({ name }) => name === "catalog")!.p99Seconds).toBeGreaterThan(0);
      return now;
    });
    expect([shown.changes, shown.degraded]).toEqual([[], []]);
    const running = await nodesOf(shop.data);
    expect(shown.nodes.filter(({ nodeId }) => !nodeId.startsWith("supervisor"))).toEqual(
      running.map(({ nodeId, services, version, pid }) =>
        expect.objectContaining({ nodeId, pid, services: [{ name: services[0], version }], droppedPackets: 0, breakers: [] }),
      ),
    );
    expect(shown.services.map(({ name, nodes, versions }) => [name, nodes, versions])).toEqual(
      running.map(({ services, version }) => [services[0], 1, [version]]),
    );
    expect((await ada.get("/admin/v1/cluster")).status).toBe(401);
  }, 180_000);

  test("a service is scaled, and whoever follows the cluster sees it come about", async () => {
    const stream = await listen(shop);
    await eventually(() => expect(stream.events().length).toBeGreaterThan(0));
    const { status, body } = await change(ada, "shipping", "scale", { count: 2 });
    expect([status, body]).toEqual([202, expect.objectContaining({ what: "scale", service: "shipping", status: "running" })]);
    const isThere = ({ services, changes }: Cluster) =>
      services.some(({ name, nodes }) => name === "shipping" && nodes === 2) &&
      changes?.some(({ id, status: now, outcome }) => id === body.id && now === "done" && outcome === "2 nodes");
    await eventually(() => expect(stream.events().some(isThere)).toBe(true), 60_000);
    stream.close();
    expect((await nodesOf(shop.data)).filter(({ services }) => services.includes("shipping"))).toHaveLength(2);
    expect((await change(ada, "shipping", "scale", { count: 1 })).status).toBeLessThan(300);
    await eventually(
      async () => expect((await cluster()).services.find(({ name }) => name === "shipping")!.nodes).toBe(1),
      60_000,
    );
  }, 180_000);

  test("a release that is there already is said to be unchanged, and what cannot be done is refused with the reason", async () => {
    expect((await change(ada, "shipping", "deploy")).status).toBeLessThan(300);
    await eventually(async () =>
      expect((await cluster()).changes![0]).toMatchObject({
        what: "deploy",
        status: "done",
        outcome: expect.stringMatching(/^unchanged at/),
      }),
    );
    expect(await change(ada, "shipping", "rollback")).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", message: "There is no release of shipping to go back to." } },
    });
    expect((await cluster()).changes![0]).toMatchObject({ what: "rollback", status: "failed" });
    expect(await change(ada, "nonsense", "scale", { count: 1 })).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
    expect((await change(ada, "shipping", "scale", { count: 0 })).status).toBe(422);
    expect((await ada.post("/admin/v1/cluster/services/shipping/deploy")).status).toBe(401);
  }, 180_000);

  test("without a supervisor nothing is changed, and the cluster is still seen", async () => {
    const ended = once(shop.process, "exit");
    process.kill(shop.process.pid!, "SIGKILL");
    await ended;
    await eventually(async () => expect((await cluster()).changes).toBeNull());
    expect((await cluster()).services.length).toBeGreaterThanOrEqual(10);
    expect(await change(ada, "shipping", "scale", { count: 2 })).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", message: expect.stringMatching(/^No supervisor looks after these nodes/) } },
    });
    shop = await shop.again();
    ada = shopper(shop);
    await eventually(async () => expect((await cluster()).changes).toEqual([]));
  }, 180_000);
});

test("a shop of one process is seen, and refuses to be changed", async () => {
  await using shop = await startShop({ seed: "empty" });
  const ada = shopper(shop);
  const { body } = await ada.admin<Cluster>("/admin/v1/cluster");
  expect(body).toMatchObject({ changes: null, degraded: [], nodes: [{ pid: shop.process.pid, droppedPackets: null }] });
  expect(body.services.length).toBeGreaterThanOrEqual(10);
  for (const what of ["scale", "deploy", "rollback"]) {
    expect(await change(ada, "shipping", what, what === "scale" ? { count: 2 } : {})).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", message: expect.stringMatching(/^This shop runs in one process/) } },
    });
  }
}, 180_000);
