import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { announcer } from "../../test/support/announcer.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as orders from "../orders/contract.ts";
import * as shipping from "./contract.ts";
import { confirmedOrder as order, confirmedLine as line } from "./shipping.support.ts";

const shop = announcer("orders", { confirmed: orders.confirmed });
let nodes: TestNodes;
beforeAll(
  async () => void (nodes = await startNodes({ services: ["shipping"], schemas: [shop.schema], config: { currency: "CHF" } })),
);
afterAll(async () => nodes[Symbol.asyncDispose]());

test.each(["DE", "AT", "FR", "GB", "US", "KR", "CH", "IT", "SE"])(
  "%s is served in two ways, the cheapest first",
  async (country) => {
    const { options } = await nodes.call(shipping.findOptions, { country });
    expect(options.map(({ id }) => id)).toEqual(["standard", "express"]);
    expect(options[0]!.price.amount).toBeLessThan(options[1]!.price.amount);
    expect(options.every(({ estimate, name }) => estimate && name)).toBe(true);
  },
);

test("prices are in the shop's currency", async () => {
  const { options } = await nodes.call(shipping.findOptions, { country: "DE" });
  expect(options[0]!.price).toEqual({ amount: 490, currency: "CHF" });
});

test.each(["AQ", "XX", "de"])("there is no way to %s", async (country) => {
  expect(await nodes.call(shipping.findOptions, { country })).toEqual({ options: [] });
});

test("a confirmed order gets one parcel with what has to be sent, and an order without such lines none", async () => {
  const digital = order([line("SONG", false)]);
  const mixed = order([line("BRICK", true), line("SONG", false)]);
  const last = order([line("PLATE", true)]);
  await shop.announce(orders.confirmed, digital);
  await shop.announce(orders.confirmed, mixed);
  await shop.announce(orders.confirmed, { ...mixed, lines: [line("OTHER", true)] });
  await shop.announce(orders.confirmed, last);
  await eventually(async () => {
    const { events } = await nodes.call(kernelContract("shipping").feed, { after: 0 });
    expect(events.map(({ type, payload: { orderId, lines } }) => ({ type, orderId, lines }))).toEqual([
      { type: "shipping.parcelPlanned", orderId: mixed.orderId, lines: [{ sku: "BRICK", quantity: 2 }] },
      { type: "shipping.parcelPlanned", orderId: last.orderId, lines: [{ sku: "PLATE", quantity: 2 }] },
    ]);
  });
});
