import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Action } from "../../lib/contract.ts";
import { failpointsSeen, recordFailpoints } from "../../lib/failpoint.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as orders from "./contract.ts";
import { dieAt } from "./crash.support.ts";
import { type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startOrders();
}, 60_000);
afterAll(async () => shop[Symbol.asyncDispose]());

interface Scene {
  readonly action: Action;
  readonly input: object;
  /** What has to be true of the order before, and of its end. */
  readonly before?: (id: string) => Promise<unknown>;
  readonly end: object;
  /** How many units are back on the shelf in the end. */
  readonly back: number;
  readonly ledger: string;
}

const ship = (id: string) => shop.ship(id);
const scenes: Record<string, Scene> = {
  cancel: {
    action: orders.cancelOrder,
    input: {},
    end: { status: "cancelled", paymentStatus: "refunded" },
    back: 2,
    ledger: "authorize,capture,refund",
  },
  ship: {
    action: orders.shipOrder,
    input: {},
    end: { status: "shipped", lines: [{ shipped: 2 }] },
    back: 0,
    ledger: "authorize,capture",
  },
  deliver: {
    action: orders.deliverOrder,
    input: {},
    before: ship,
    end: { status: "delivered" },
    back: 0,
    ledger: "authorize,capture",
  },
  return: {
    action: orders.returnOrder,
    input: { lines: [{ sku: "BRICK", quantity: 1 }], reason: "red" },
    before: ship,
    end: { status: "shipped", lines: [{ returned: 1 }] },
    back: 1,
    ledger: "authorize,capture",
  },
  refund: {
    action: orders.refundOrder,
    input: { lines: [{ sku: "BRICK", quantity: 1 }], reason: "red" },
    end: { paymentStatus: "partially_refunded", lines: [{ refunded: 1 }] },
    back: 0,
    ledger: "authorize,capture,refund",
  },
};

async function ready({ before }: Scene): Promise<string> {
  const { id } = await shop.bought(2);
  await before?.(id);
  return id;
}

/** The borders between a move's effects and the record of them. */
async function bordersOf(scene: Scene): Promise<string[]> {
  const id = await ready(scene);
  recordFailpoints();
  await shop.outside.call(scene.action.name, { id, ...scene.input }, { meta: { edge: null } });
  return failpointsSeen().filter((point) => /^saga\.orders\..*\.(afterStart|afterRun)$/.test(point));
}

// Some two dozen processes: half a minute, or minutes on a machine that is busy.
test.each(Object.keys(scenes))(
  "a crash at any border of a %s is survived: it is made once, and the books agree",
  async (name) => {
    const scene = scenes[name]!;
    const points = await bordersOf(scene);
    expect(points.length).toBeGreaterThanOrEqual(3);
    const { namespace, databaseUrl, shopSecret, adminKey, mode, logLevel } = shop.environment.config;
    const given = { namespace, databaseUrl, shopSecret, adminKey, mode, logLevel, seed: "empty" as const };
    const stock = (await shop.stock()).BRICK!;
    // One after the other: a process would also take up what another one has left, and could die of that before it has begun.
    for (const point of points) {
      const id = await ready(scene);
      const before = (await shop.told(id)).length;
      const input = { id, ...scene.input };
      expect({ point, ...(await dieAt({ given, action: scene.action.name, input, point })) }).toMatchObject({
        signal: "SIGKILL",
      });
      await eventually(async () => expect({ point, ...(await shop.read(id)) }).toMatchObject({ point, ...scene.end }), 60_000);
      const kinds = (await shop.ledger(id)).map((line) => line.split(" ")[0]);
      expect({ point, ledger: kinds.join(",") }).toEqual({ point, ledger: scene.ledger });
      expect({ point, told: (await shop.told(id)).length }).toEqual({ point, told: before + 1 });
    }
    await eventually(async () => expect((await shop.stock()).BRICK).toBe(stock - (2 - scene.back) * points.length));
  },
  600_000,
);
