import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { money } from "../../lib/money.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as shipping from "./contract.ts";

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["shipping"] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

const caller = { kind: "admin", id: "key", scopes: ["*"] } as const;
const admin: typeof nodes.request = (action, input) => nodes.request(action, input, { caller });
const rate = (zone: string, price: number, more: object = {}) => ({ zone, price, estimate: "soon", ...more });
const offered = async (country: string, grams: number, total?: number) => {
  const { options } = await nodes.call(shipping.findOptions, {
    country,
    grams,
    ...(total !== undefined && { total: money(total, "EUR") }),
  });
  return options.map(({ id, price }) => `${id} ${price.amount}`);
};

test("an option costs by weight, and nothing from a total on", async () => {
  await admin(shipping.putZone, { zone: "islands", countries: ["IS", "FO", "IS"] });
  const created = await admin(shipping.createOption, {
    id: "boat",
    name: "Boat",
    rates: [rate("islands", 900, { upToGrams: 2_000, freeFrom: 5_000 }), rate("islands", 1_900, { upToGrams: 20_000 })],
  });
  expect(created).toMatchObject({ id: "boat", isArchived: false, rates: [{ upToGrams: 2_000 }, { freeFrom: null }] });
  expect(await offered("IS", 0)).toEqual(["boat 900"]);
  expect(await offered("IS", 2_000, 4_999)).toEqual(["boat 900"]);
  expect(await offered("IS", 2_000, 5_000)).toEqual(["boat 0"]);
  expect(await offered("IS", 2_001, 5_000)).toEqual(["boat 1900"]);
  expect(await offered("FO", 20_001)).toEqual([]);
  const [option] = (await nodes.call(shipping.findOptions, { country: "IS" })).options;
  expect(option!.freeFrom).toEqual(money(5_000, "EUR"));
});

test("an option that serves any weight is there besides, the cheapest first", async () => {
  await admin(shipping.createOption, { id: "plane", name: "Plane", rates: [rate("islands", 1_000)] });
  expect(await offered("IS", 100)).toEqual(["boat 900", "plane 1000"]);
  expect(await offered("IS", 999_999)).toEqual(["plane 1000"]);
  await admin(shipping.changeOption, { id: "plane", rates: [rate("islands", 800)] });
  expect(await offered("IS", 100)).toEqual(["plane 800", "boat 900"]);
});

test("an archived option is not offered, and comes back", async () => {
  expect(await admin(shipping.archiveOption, { id: "plane" })).toMatchObject({ isArchived: true });
  expect(await offered("IS", 100)).toEqual(["boat 900"]);
  expect(await admin(shipping.changeOption, { id: "plane", isArchived: false, name: "Jet" })).toMatchObject({ name: "Jet" });
  expect(await offered("IS", 100)).toEqual(["plane 800", "boat 900"]);
  expect((await admin(shipping.listOptions, {})).data.map(({ id }) => id)).toEqual(["boat", "express", "plane", "standard"]);
});

test("a country leaves its zone for another one, and a zone without countries is gone", async () => {
  expect((await offered("CH", 0)).length).toBe(2);
  await admin(shipping.putZone, { zone: "islands", countries: ["IS", "CH"] });
  expect(await offered("CH", 0)).toEqual(["plane 800", "boat 900"]);
  expect(await offered("FO", 0)).toEqual([]);
  await admin(shipping.putZone, { zone: "islands", countries: [] });
  const { data } = await admin(shipping.findZones, {});
  expect(data.map(({ zone }) => zone)).toEqual(["domestic", "eu", "near", "overseas"]);
});

test("what cannot be is refused", async () => {
  const doubled = [rate("eu", 1), rate("eu", 2)];
  await expect(admin(shipping.createOption, { id: "twice", name: "Twice", rates: doubled })).rejects.toMatchObject({
    type: "invalid",
  });
  await expect(admin(shipping.getOption, { id: "twice" })).rejects.toMatchObject({ type: "not_found" });
  await expect(admin(shipping.createOption, { id: "boat", name: "B", rates: [] })).rejects.toMatchObject({ type: "conflict" });
  await expect(admin(shipping.changeOption, { id: "none", name: "N" })).rejects.toMatchObject({ type: "not_found" });
  await expect(admin(shipping.archiveOption, { id: "none" })).rejects.toMatchObject({ type: "not_found" });
  await expect(nodes.request(shipping.listOptions, {})).rejects.toMatchObject({ code: 401 });
});
