import { randomUUID } from "node:crypto";
import { eventually } from "../../test/support/eventually.ts";
import type { Door } from "../../test/support/shopper.ts";
import { closeBooks, type Shelf } from "./books.ts";
import { type Cart, people, type People, price, tokenIn } from "./people.ts";
import type { Teller } from "./teller.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";
const CARL = "carl@example.com";
const DORA = "dora@example.com";

/** One day, from the first visitor to the books in the evening. Throws where something is not as it should be. */
export async function liveADay(door: Door, tell: Teller): Promise<void> {
  const shop = people(door);
  const [brick, plate, tile] = await shop.stocked("brick", 20, 3);
  const things = [brick!, plate!, tile!];
  const shelves: Shelf[] = await Promise.all(
    things.map(async ({ sku }) => ({ sku, before: (await shop.stock(sku)).onHand, sold: 0, back: 0 })),
  );
  const [bricks, plates, tiles] = shelves as [Shelf, Shelf, Shelf];

  // Ada, with a coupon
  await search(shop, tell);
  await shop.admin("POST", "/coupons", { code: "HELLO10", type: "percent", value: 10, limit: 100, perCustomer: 1 });
  tell.says("the shop", "offers the coupon HELLO10: 10 % off, once for each customer");
  const basket = await shop.filledCart([[brick!, 3], [plate!, 1]], ADA); // prettier-ignore
  const password = `a long way to ${randomUUID()}`;
  const session = await shop.sign("register", { email: ADA, password, cartId: basket.id });
  tell.says("Ada", "fills a cart as a guest and registers; the cart is hers now");
  tell.check("the cart came along", session.cartId, basket.id);
  await shop.must("POST", "/auth/v1/verify-email", { token: tokenIn(await shop.mail(ADA, "Confirm your address")) });
  tell.says("Ada", "confirms her address with the link in the mail");
  const cart = await shop.must<Cart>("POST", `/store/v1/carts/${basket.id}/coupons`, { code: "hello10" });
  tell.check("the coupon takes 10 % off", cart.totals.discount.amount, -Math.round(cart.totals.items.amount / 10));
  const bought = await shop.checkout(basket.id, "tok_ok", shop.as(session));
  tell.check("Ada's checkout answers 201, confirmed", [bought.status, bought.body.status], [201, "confirmed"]);
  const ada = await shop.orderWhen(bought.body.id, ({ paymentStatus }) => paymentStatus === "captured");
  bricks.sold += 3;
  plates.sold += 1;
  tell.says("Ada", `buys 3 bricks and a plate: order ${ada.number}, ${price(ada.totals!.total)} captured`);

  // The warehouse
  const first = await shop.move(ada.id, "ship", {
    lines: [{ sku: brick!.sku, quantity: 2 }],
    carrier: "DHL",
    trackingNumber: "00340434",
  });
  tell.says("warehouse", `sends 2 of the bricks: the order is ${first.status} still`);
  tell.check("a part was sent", [first.status, first.shipments.length], ["confirmed", 1]);
  tell.check("Ada can follow it", (await shop.mail(ADA, "on its way")).text.includes("00340434"), true);
  const all = await shop.move(ada.id, "ship", {});
  tell.check("the rest was sent", [all.status, all.shipments.length], ["shipped", 2]);
  const there = await shop.move(ada.id, "deliver", {});
  tell.check("everything has arrived", [there.status, there.fulfilmentStatus], ["delivered", "delivered"]);
  await shop.move(ada.id, "return", { lines: [{ sku: brick!.sku, quantity: 1 }], reason: "one too many" });
  bricks.back += 1;
  const back = await shop.move(ada.id, "refund", { lines: [{ sku: brick!.sku, quantity: 1 }], reason: "one too many" });
  tell.says("Ada", `sends a brick back and gets ${price(back.refunds[0]!.amount)}`);
  tell.check("a part was refunded", back.paymentStatus, "partially_refunded");
  await shop.mail(ADA, "A refund");
  tell.check("an order that was sent cannot be cancelled", await shop.tries(ada.id, "cancel"), 409);

  // Bob, who changes his mind
  const bobs = await shop.filledCart([[tile!, 2]], BOB);
  const guest = await shop.checkout(bobs.id, "tok_ok");
  tell.check("Bob's checkout answers 201", guest.status, 201);
  tiles.sold += 2;
  await shop.orderWhen(guest.body.id, ({ paymentStatus }) => paymentStatus === "captured");
  const gone = await shop.move(guest.body.id, "cancel", { reason: "changed his mind" });
  tiles.back += 2;
  tell.says("Bob", `buys as a guest and has order ${gone.number} cancelled`);
  tell.check("money and stock are back", [gone.status, gone.paymentStatus], ["cancelled", "refunded"]);
  await shop.mail(BOB, "is cancelled");

  // Carl, whose card is declined
  const carls = await shop.filledCart([[plate!, 1]], CARL);
  const declined = await shop.checkout(carls.id, "tok_declined");
  tell.says("Carl", "pays with a card that is declined");
  tell.check("402 payment_declined", [declined.status, declined.body.error?.code], [402, "payment_declined"]);
  const open = await shop.must<Cart>("GET", `/store/v1/carts/${carls.id}`);
  tell.check(
    "his cart is open again and nothing is reserved",
    [open.status, (await shop.stock(plate!.sku)).reserved],
    ["open", 0],
  );

  // Dora, whose payment nobody hears of
  const doras = await shop.filledCart([[brick!, 1], [tile!, 1]], DORA); // prettier-ignore
  const waiting = shop.checkout(doras.id, "tok_timeout_charged");
  await eventually(async () => {
    if ((await shop.stock(tile!.sku)).reserved !== 1) throw new Error("nothing is reserved");
  });
  tell.says("Dora", "pays, and the provider charges her and never answers; her things are reserved meanwhile");
  await eventually(async () => {
    if ((await shop.stock(tile!.sku)).reserved !== 0) throw new Error("the reservation does not end");
  });
  tell.says("the shop", "gives her reservation up, because its time is over");
  const unknown = await waiting;
  tell.check("her checkout answers 201 or, while the outcome is open, 202", [201, 202].includes(unknown.status), true);
  const found = await shop.orderWhen(unknown.body.id, ({ paymentStatus }) => paymentStatus === "captured");
  bricks.sold += 1;
  tiles.sold += 1;
  tell.says("the shop", `asks the provider what became of it: order ${found.number} is ${found.status}`);
  tell.check(
    "Dora was charged once",
    (await shop.ledger(found.id)).map(({ type }) => type),
    ["authorize", "capture"],
  );

  // The evening
  const mine = await shop.must<{ data: { id: string }[] }>("GET", "/store/v1/customers/me/orders", undefined, shop.as(session));
  tell.check(
    "Ada sees her order, and hers only",
    mine.data.map(({ id }) => id),
    [ada.id],
  );
  tell.title("The books");
  await closeBooks(shop, tell, [ada.id, guest.body.id, found.id], shelves);
  await insights(shop, tell);
}

async function search(shop: People, tell: Teller): Promise<void> {
  const found = await shop.must<{ data: unknown[]; meta: { total: number; facets?: Record<string, unknown> } }>(
    "GET",
    "/store/v1/products?q=brik&facets=color&limit=5",
  );
  tell.says("Ada", `looks for "brik" and finds ${found.meta.total} products`);
  tell.check(
    "a typo is forgiven, and colours are counted",
    [found.data.length > 0, Object.keys(found.meta.facets ?? {})],
    [true, ["color"]],
  );
}

async function insights(shop: People, tell: Teller): Promise<void> {
  type Sales = { total: { orders: number; cancelled: number; net: { amount: number } } };
  const { total } = await eventually(async () => {
    const sales = await shop.admin<Sales>("GET", "/insights/sales");
    if (sales.total.orders + sales.total.cancelled < 3) throw new Error("the figures are behind");
    return sales;
  });
  tell.check("insights has counted 2 orders and a cancelled one", [total.orders, total.cancelled], [2, 1]);
}
