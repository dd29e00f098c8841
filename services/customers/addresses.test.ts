import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../lib/edge.ts";
import { newId } from "../../lib/ids.ts";
import * as customers from "./contract.ts";
import { berlin, type Customers, startCustomers } from "./customers.support.ts";

let here: Customers;
beforeAll(async () => void (here = await startCustomers()));
afterAll(() => here[Symbol.asyncDispose]());

const missing = { type: "not_found", code: 404 };
const find = async (caller: Caller) => (await here.nodes.request(customers.findAddresses, {}, { caller })).data;
const add = (caller: Caller, changes: object = {}) =>
  here.nodes.request(customers.addAddress, { ...berlin, ...changes }, { caller });
const change = (caller: Caller, addressId: string, changes: object = {}) =>
  here.nodes.request(customers.changeAddress, { ...berlin, ...changes, addressId }, { caller });
const remove = (caller: Caller, addressId: string) => here.nodes.request(customers.removeAddress, { addressId }, { caller });

test("addresses are added, replaced as a whole and removed, and stay in their order", async () => {
  const { caller } = await here.newcomer();
  const home = await add(caller, { line2: "Back yard" });
  const work = await add(caller, { name: "Ada at work" });
  expect(home).toEqual({ ...berlin, line2: "Back yard", id: expect.stringMatching(/^adr_/) });
  expect(await find(caller)).toEqual([home, work]);
  const moved = await change(caller, home.id, { city: "Potsdam" });
  expect(moved).toEqual({ ...berlin, city: "Potsdam", id: home.id });
  expect(await find(caller)).toEqual([moved, work]);
  expect(await here.me(caller)).toMatchObject({ addresses: [moved, work] });
  expect(await remove(caller, home.id)).toEqual({});
  await expect(remove(caller, home.id)).rejects.toMatchObject(missing);
  expect(await find(caller)).toEqual([work]);
});

test("somebody else's address is not there", async () => {
  const [ada, bob] = [await here.newcomer(), await here.newcomer()];
  const { id } = await add(ada.caller);
  await expect(change(bob.caller, id, { city: "Elsewhere" })).rejects.toMatchObject(missing);
  await expect(remove(bob.caller, id)).rejects.toMatchObject(missing);
  await expect(change(bob.caller, newId("adr"))).rejects.toMatchObject(missing);
  expect(await find(bob.caller)).toEqual([]);
  expect(await find(ada.caller)).toEqual([{ ...berlin, id }]);
});

test("nobody has addresses without a session that is alive", async () => {
  const { session, caller } = await here.newcomer();
  const { id } = await add(caller);
  await here.nodes.request(customers.logout, { refreshToken: session.refreshToken });
  for (const who of [caller, { kind: "guest" } as const]) {
    for (const attempt of [find, add, (as: Caller) => change(as, id), (as: Caller) => remove(as, id)]) {
      await expect(attempt(who)).rejects.toMatchObject({ type: "unauthorized" });
    }
  }
});

test("there are fifty at most, also when many are added at once", async () => {
  const { caller } = await here.newcomer();
  const answers = await Promise.allSettled(Array.from({ length: 60 }, () => add(caller)));
  const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.type] : []));
  expect(refused).toEqual(Array.from({ length: 10 }, () => "conflict"));
  expect(await find(caller)).toHaveLength(50);
});

test("what is not known of a customer cannot be sent, and what is cannot be changed", async () => {
  const { caller } = await here.newcomer();
  await expect(add(caller, { id: newId("adr") })).rejects.toMatchObject({ type: "invalid" });
  const me = await here.me(caller);
  for (const field of ["id", "email", "isEmailVerified", "addresses", "registeredAt"] as const) {
    const input = { [field]: me[field] };
    await expect(here.nodes.request(customers.updateMe, input, { caller })).rejects.toMatchObject({ type: "invalid" });
  }
  expect(await here.me(caller)).toEqual(me);
});

test("the administration lists customers, newest first, page by page, and finds them by email", async () => {
  const people = [];
  for (let count = 0; count < 5; count++) people.push(await here.newcomer());
  const list = (input: object) =>
    here.nodes.request(customers.findCustomers, input, { caller: { kind: "admin", id: "key", scopes: ["*"] } });
  const first = await list({ limit: 2 });
  const next = await list({ limit: 2, cursor: first.meta.nextCursor! });
  const newest = people.map(({ email }) => email).toReversed();
  expect([...first.data, ...next.data].map(({ email }) => email)).toEqual(newest.slice(0, 4));
  expect((await list({ email: people[3]!.email.toUpperCase() })).data.map(({ id }) => id)).toEqual([people[3]!.caller.id]);
  expect(await list({ email: "nobody@" })).toEqual({ data: [], meta: { limit: 20, nextCursor: null } });
  await expect(list({ cursor: "' or true" })).rejects.toMatchObject({ type: "malformed" });
  const { caller } = people[0]!;
  await expect(here.nodes.request(customers.findCustomers, {}, { caller })).rejects.toMatchObject({ type: "forbidden" });
});
