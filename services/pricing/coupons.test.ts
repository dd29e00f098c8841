import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Input, Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as pricing from "./contract.ts";

const shelf = smallCatalog();
const brick = shelf.sell({ price: 1000 });
const plate = shelf.sell({ price: 500, categories: ["plates", "parts"] });

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["pricing", "shipping"], schemas: [shelf.schema] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

const admin = { caller: { kind: "admin", id: "ada", scopes: ["*"] } as const };
const create = (coupon: Partial<Input<typeof pricing.createCoupon>> & Pick<pricing.Coupon, "code" | "type">) =>
  nodes.request(pricing.createCoupon, coupon, admin);
const change = (code: string, changes: object) =>
  nodes.request(pricing.changeCoupon, { code, ...changes }, { ...admin, path: ["code"] });

type Quoted = Exclude<Output<typeof pricing.quote>, { outcome: "unshippable" }>;
type More = Partial<Input<typeof pricing.quote>>;

const quote = async (coupons: string[], more: More = {}) =>
  (await nodes.call(pricing.quote, {
    lines: [brick, plate].map(({ id }) => ({ variantId: id, quantity: 2 })),
    coupons,
    ...more,
  })) as Quoted;

const applied = async (coupons: string[], more: More = {}) =>
  (await quote(coupons, more)).coupons.map(({ code, discount }) => [code, discount.amount]);
const refused = async (coupons: string[], more: More = {}) =>
  (await quote(coupons, more)).inapplicable.map(({ code, reason }) => [code, reason]);

const invalid = (field: string) => ({ type: "invalid", code: 422, data: { details: [expect.objectContaining({ field })] } });
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test("a coupon is made, shown, changed and archived; its code is written as people like", async () => {
  const made = await create({
    code: " spring-10 ",
    type: "percent",
    value: 12.5,
    limit: 3,
    minimum: 100,
    categories: ["plates"],
  });
  const shape = { code: "SPRING-10", type: "percent", value: 12.5, limit: 3, minimum: 100, categories: ["plates"], used: 0 };
  expect(made).toEqual({ ...shape, createdAt: expect.any(String) });
  expect(await nodes.request(pricing.getCoupon, { code: "spring-10" }, { ...admin, path: ["code"] })).toEqual(made);
  const changed = await change("spring-10", { value: 5, limit: null, categories: null, perCustomer: 1 });
  expect(changed).toEqual({ code: "SPRING-10", type: "percent", value: 5, minimum: 100, perCustomer: 1, used: 0, createdAt: made.createdAt }); // prettier-ignore
  const archive = () => nodes.request(pricing.archiveCoupon, { code: "SPRING-10" }, { ...admin, path: ["code"] });
  const archived = await archive();
  expect(archived.archivedAt).toEqual(expect.any(String));
  expect(await archive()).toEqual(archived);
  await expect(change("SPRING-10", { value: 6 })).rejects.toMatchObject({ type: "conflict" });
  await expect(create({ code: "SPRING-10", type: "free_shipping" })).rejects.toMatchObject({ type: "conflict" });
  expect(await refused(["SPRING-10"])).toEqual([["SPRING-10", "unknown"]]);
});

test("the list has a page at a time, by code, and archived coupons only if asked for", async () => {
  for (const code of ["L-A", "L-B", "L-C"]) await create({ code, type: "free_shipping" });
  await nodes.call(pricing.archiveCoupon, { code: "L-B" });
  const codes = async (input: object) => {
    const { data, meta } = await nodes.call(pricing.findCoupons, { cursor: "L-", ...input });
    return { codes: data.map(({ code }) => code).filter((code) => code.startsWith("L-")), next: meta.nextCursor };
  };
  expect(await codes({ limit: 1 })).toEqual({ codes: ["L-A"], next: "L-A" });
  expect((await codes({ limit: 100 })).codes).toEqual(["L-A", "L-C"]);
  expect((await codes({ archived: true })).codes).toEqual(["L-B"]);
});

test.each([
  ["a percentage of more than 100", { type: "percent", value: 101 }, "value"],
  ["a percentage with three decimals", { type: "percent", value: 1.125 }, "value"],
  ["a percentage of nothing", { type: "percent" }, "value"],
  ["half a minor unit", { type: "amount", value: 10.5 }, "value"],
  ["an end before the start", { type: "free_shipping", startsAt: ago(1), endsAt: ago(2) }, "endsAt"],
  ["a type that does not exist", { type: "gift" }, "type"],
  ["a limit of 0", { type: "free_shipping", limit: 0 }, "limit"],
])("%s is refused", async (_what, coupon, field) => {
  await expect(create({ code: "WRONG", ...coupon } as never)).rejects.toMatchObject(invalid(field));
});

test("a change has to keep the rules together with what stays", async () => {
  await create({ code: "KEPT", type: "percent", value: 10, endsAt: ago(10) });
  await expect(change("KEPT", { value: 200 })).rejects.toMatchObject(invalid("value"));
  await expect(change("KEPT", { startsAt: ago(5) })).rejects.toMatchObject(invalid("endsAt"));
  await expect(change("NONE", { value: 1 })).rejects.toMatchObject({ type: "not_found" });
});

test("the administration's routes are for the administration", async () => {
  for (const caller of [{ kind: "guest" }, { kind: "customer", id: newId("cus"), session: "s" }] as const)
    await expect(nodes.request(pricing.findCoupons, {}, { caller })).rejects.toMatchObject({
      code: caller.kind === "guest" ? 401 : 403,
    });
});

test("percent, amount and free shipping come off in the order given, and the parts add up", async () => {
  await create({ code: "TEN", type: "percent", value: 10 });
  await create({ code: "FIVE", type: "amount", value: 500 });
  await create({ code: "SHIP", type: "free_shipping" });
  const where = { country: "DE", shippingOptionId: "standard" };
  const { coupons, totals, lines } = await quote(["SHIP", "TEN", "FIVE"], where);
  expect(coupons.map(({ code, discount }) => [code, discount.amount])).toEqual([["SHIP", -490], ["TEN", -300], ["FIVE", -500]]); // prettier-ignore
  expect(lines.map(({ discount, tax }) => [discount.amount, tax.amount])).toEqual([[-533, 279], [-267, 139]]); // prettier-ignore
  const amounts = { items: 3000, discount: -1290, shipping: 490, tax: 418, includedTax: 0, total: 2618 };
  expect(totals).toEqual(Object.fromEntries(Object.entries(amounts).map(([part, amount]) => [part, money(amount, "EUR")])));
  expect(await applied(["FIVE", "TEN"])).toEqual([["FIVE", -500], ["TEN", -250]]); // prettier-ignore
});

test("a coupon for products or categories knows them; a product lies in all categories above it", async () => {
  await create({ code: "BRICKS", type: "percent", value: 50, products: [brick.productId] });
  await create({ code: "PARTS", type: "percent", value: 50, categories: ["parts"] });
  await create({ code: "BOOKS", type: "percent", value: 50, categories: ["books"] });
  expect(await applied(["BRICKS"])).toEqual([["BRICKS", -1000]]);
  expect(await applied(["PARTS"])).toEqual([["PARTS", -500]]);
  expect(await refused(["BOOKS"])).toEqual([["BOOKS", "nothing_applies"]]);
});

test("the database's clock decides what has started and ended", async () => {
  await create({ code: "EARLY", type: "percent", value: 10, startsAt: ago(-10) });
  await create({ code: "LATE", type: "percent", value: 10, endsAt: ago(1) });
  await create({ code: "NOW", type: "percent", value: 10, startsAt: ago(1), endsAt: ago(-10) });
  expect(await refused(["EARLY", "LATE", "NOW", "NONE"])).toEqual([["EARLY", "not_started"], ["LATE", "ended"], ["NONE", "unknown"]]); // prettier-ignore
});

test("a minimum that is not reached is said", async () => {
  await create({ code: "MUCH", type: "amount", value: 100, minimum: 3001 });
  expect(await refused(["MUCH"])).toEqual([["MUCH", "below_minimum"]]);
});

test("free shipping waits for an option, and is not wasted where nothing is charged", async () => {
  await create({ code: "POST", type: "free_shipping" });
  expect(await applied(["POST"])).toEqual([["POST", 0]]);
  const song = shelf.sell({ price: 100, requiresShipping: false });
  expect(await refused(["POST"], { lines: [{ variantId: song.id, quantity: 1 }] })).toEqual([["POST", "nothing_applies"]]);
});
