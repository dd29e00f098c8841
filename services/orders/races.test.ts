import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { codeOf, type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startOrders();
}, 60_000);
afterAll(async () => shop[Symbol.asyncDispose]());

/** Waits until nothing is under way with the order any more. */
const settled = (id: string) =>
  eventually(async () => (expect(await codeOf(shop.deliver(id, { shipmentId: NOBODYS }))).toBe("conflict"), shop.read(id)));
const NOBODYS = `shp_${"0".repeat(36)}`;

test("of a cancellation and a shipment at the same instant exactly one wins, and the books agree", async () => {
  const before = await shop.stock();
  const wins: string[] = [];
  for (let round = 0; round < 20; round++) {
    const { id, totals } = await shop.buy();
    const ship = () => codeOf(shop.ship(id));
    const cancel = () => codeOf(shop.cancel(id));
    const [first, second] = await Promise.all(round % 2 === 0 ? [ship(), cancel()] : [cancel(), ship()]);
    expect([first, second].toSorted()).toEqual(["conflict", "ok"]);
    const order = await eventually(async () => {
      const now = await shop.read(id);
      expect(["cancelled", "shipped"]).toContain(now.status);
      return now;
    });
    wins.push(order.status);
    const total = totals!.total.amount;
    const ledger = (
      await eventually(async () => {
        const lines = await shop.ledger(id);
        expect(lines.length).toBeGreaterThan(1);
        return lines;
      })
    ).join(", ");
    if (order.status === "cancelled") {
      expect(order.shipments).toEqual([]);
      expect([`authorize ${total}, void ${total}`, `authorize ${total}, capture ${total}, refund ${total}`]).toContain(ledger);
    } else {
      expect(order.shipments).toHaveLength(1);
      expect(ledger).toBe(`authorize ${total}, capture ${total}`);
    }
  }
  const shipped = wins.filter((status) => status === "shipped").length;
  expect(await shop.stock()).toEqual({ ...before, BRICK: before.BRICK! - shipped });
}, 180_000);

test("refunds at once never give back more than was captured", async () => {
  const { id, totals } = await shop.bought();
  const total = totals!.total.amount;
  const most = Math.floor(total * 0.6);
  for (let round = 0; round < 3; round++) {
    await Promise.all([1, 2, 3, 4].map(() => codeOf(shop.refund(id, { amount: most, reason: "again" }))));
  }
  const order = await settled(id);
  expect(order.refunds.map(({ amount }) => amount.amount)).toEqual([most]);
  expect((await shop.ledger(id)).filter((line) => line.startsWith("refund"))).toEqual([`refund ${most}`]);
  expect(await codeOf(shop.refund(id, { reason: "the rest" }))).toBe("ok");
  expect((await shop.read(id)).paymentStatus).toBe("refunded");
}, 60_000);

test("a move while another is under way is refused, and names it", async () => {
  const { id } = await shop.bought(5);
  const answers = await Promise.all(
    [1, 2, 3].map(() =>
      shop.ship(id, { lines: [{ sku: "BRICK", quantity: 1 }] }).then(
        () => "shipped",
        (error: { message: string }) => error.message,
      ),
    ),
  );
  const refused = answers.filter((answer) => answer !== "shipped");
  for (const message of refused) expect(message).toMatch(/This order is being worked on: ship shp_\w+ has not ended yet/);
  expect((await shop.read(id)).lines[0]!.shipped).toBe(answers.length - refused.length);
}, 60_000);
