import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { announcer } from "../../test/support/announcer.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as orders from "../orders/contract.ts";
import * as shipping from "./contract.ts";
import { confirmedLine, confirmedOrder } from "./shipping.support.ts";

const shop = announcer("orders", { confirmed: orders.confirmed });
let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["shipping"], schemas: [shop.schema] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

type Lines = { sku: string; quantity: number }[];

const send = (orderId: string, lines: Lines, shipmentId: string = newId("shp")) =>
  nodes.call(shipping.createShipment, { shipmentId, orderId, lines, carrier: "DHL", trackingNumber: "00340" });
const withdraw = (orderId: string) => nodes.call(shipping.withdrawParcel, { orderId });

/** An order whose parcel is planned: four of A and two of B. */
async function planned() {
  const order = confirmedOrder([confirmedLine("A"), confirmedLine("B"), confirmedLine("A"), confirmedLine("SONG", false)]);
  await shop.announce(orders.confirmed, order);
  await eventually(async () => {
    expect(await send(order.orderId, [{ sku: "A", quantity: 99 }])).toMatchObject({ outcome: "refused" });
  });
  return order.orderId;
}

test("a parcel is sent in parts, never more than it holds", async () => {
  const orderId = await planned();
  expect(await send(orderId, [{ sku: "A", quantity: 3 }])).toMatchObject({ outcome: "shipped" });
  expect(await send(orderId, [{ sku: "A", quantity: 2 }])).toEqual({
    outcome: "refused",
    reason: "Of A the parcel has 1 left, not 2.",
  });
  expect(await send(orderId, [{ sku: "SONG", quantity: 1 }])).toMatchObject({ outcome: "refused" });
  expect(
    await send(orderId, [
      { sku: "A", quantity: 1 },
      { sku: "B", quantity: 2 },
    ]),
  ).toMatchObject({ outcome: "shipped" });
  expect(await send(orderId, [{ sku: "B", quantity: 1 }])).toMatchObject({ outcome: "refused" });
});

test("the same shipment is sent once, also by twenty at the same instant", async () => {
  const orderId = await planned();
  const id = newId("shp");
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(orderId, [{ sku: "A", quantity: 3 }], id)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ outcome: "shipped" });
  expect(await send(orderId, [{ sku: "A", quantity: 1 }])).toMatchObject({ outcome: "shipped" });
});

test("of twenty shipments at the same instant as many are sent as the parcel holds", async () => {
  const orderId = await planned();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(orderId, [{ sku: "A", quantity: 1 }])));
  expect(answers.filter(({ outcome }) => outcome === "shipped")).toHaveLength(4);
});

test("an order that was not heard of yet has to be asked about again", async () => {
  expect(await send(newId("ord"), [{ sku: "A", quantity: 1 }])).toEqual({ outcome: "unplanned" });
});

test("a withdrawn parcel is not sent, and one of which something was sent is not withdrawn", async () => {
  const [withdrawn, sent] = [await planned(), await planned()];
  expect([await withdraw(withdrawn), await withdraw(withdrawn)]).toEqual([{ outcome: "withdrawn" }, { outcome: "withdrawn" }]);
  expect(await send(withdrawn, [{ sku: "A", quantity: 1 }])).toEqual({ outcome: "refused", reason: "The parcel was withdrawn." });
  await send(sent, [{ sku: "A", quantity: 1 }]);
  expect(await withdraw(sent)).toEqual({ outcome: "shipped" });
  expect(await send(sent, [{ sku: "A", quantity: 1 }])).toMatchObject({ outcome: "shipped" });
});

test("of a withdrawal and a shipment at the same instant one wins", async () => {
  for (let round = 0; round < 10; round++) {
    const orderId = await planned();
    const [sent, taken] = await Promise.all([send(orderId, [{ sku: "A", quantity: 1 }]), withdraw(orderId)]);
    expect([sent.outcome, taken.outcome]).toEqual(sent.outcome === "shipped" ? ["shipped", "shipped"] : ["refused", "withdrawn"]);
  }
});

test("a parcel that is withdrawn before it is planned is never planned", async () => {
  const [early, late] = [confirmedOrder([confirmedLine("A")]), confirmedOrder([confirmedLine("A")])];
  expect(await withdraw(early.orderId)).toEqual({ outcome: "withdrawn" });
  await shop.announce(orders.confirmed, early);
  await shop.announce(orders.confirmed, late);
  await eventually(async () =>
    expect(await send(late.orderId, [{ sku: "A", quantity: 1 }])).toMatchObject({ outcome: "shipped" }),
  );
  expect(await send(early.orderId, [{ sku: "A", quantity: 1 }])).toEqual({ outcome: "unplanned" });
});

test("an arrival is noted once, and only of what was sent", async () => {
  const orderId = await planned();
  const shipmentId = newId("shp");
  const arrive = (order: string) => nodes.call(shipping.confirmDelivery, { orderId: order, shipmentId });
  expect(await arrive(orderId)).toEqual({ outcome: "unknown" });
  await send(orderId, [{ sku: "A", quantity: 1 }], shipmentId);
  expect(await arrive(newId("ord"))).toEqual({ outcome: "unknown" });
  const first = await arrive(orderId);
  expect(first).toEqual({ outcome: "delivered", at: expect.any(String) });
  expect(await arrive(orderId)).toEqual(first);
});
