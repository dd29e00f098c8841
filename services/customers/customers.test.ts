import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as customers from "./contract.ts";
import { callerOf, type Customers, newEmail, PASSWORD, refusalOf, startCustomers } from "./customers.support.ts";

let here: Customers;
beforeAll(async () => void (here = await startCustomers()));
afterAll(() => here[Symbol.asyncDispose]());

test("who registers is signed in, and known by the address however it is typed", async () => {
  const email = newEmail();
  const session = await here.nodes.request(customers.register, {
    email: ` ${email.toUpperCase()} `,
    password: PASSWORD,
    name: "Ada",
  });
  expect(session).toEqual({
    accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    refreshToken: expect.stringMatching(/^[\w-]{43}$/),
    expiresIn: 600,
    cartId: null,
  });
  const me = await here.me(callerOf(session.accessToken));
  expect(me).toEqual({
    id: expect.stringMatching(/^cus_/),
    email,
    isEmailVerified: false,
    name: "Ada",
    addresses: [],
    registeredAt: expect.stringMatching(/Z$/),
  });
  const again = await here.login(email.toUpperCase());
  expect(callerOf(again.accessToken)).toMatchObject({ id: me.id });
});

test("a password that everybody tries first is refused, and nothing happens", async () => {
  const email = newEmail();
  for (const password of ["Password123!", email, "1234567890"]) {
    await expect(here.register(email, password)).rejects.toMatchObject({
      type: "invalid",
      data: { details: [{ field: "password" }] },
    });
  }
  await expect(here.login(email, "Password123!")).rejects.toMatchObject({ type: "unauthorized" });
});

test("who registers again is signed in by the right password, and refused with any other", async () => {
  const { email, caller } = await here.newcomer();
  const before = here.hasher.computed;
  const again = await here.register(email);
  expect(callerOf(again.accessToken)).toMatchObject({ id: caller.id });
  await expect(here.register(email, "another marmot")).rejects.toMatchObject({ type: "conflict", code: 409 });
  await expect(here.register(email, "a third marmot")).rejects.toMatchObject({ type: "conflict", code: 409 });
  expect(here.hasher.computed - before).toBe(3);
  // The owner hears of it, but not each time.
  await eventually(() => expect(here.post.letters(email).map(({ letter }) => letter.kind)).toContain("account_exists"));
  const { email: other } = await here.newcomer();
  await here.tokenFor(other, "verify_email");
  expect(here.post.letters(email).filter(({ letter }) => letter.kind === "account_exists")).toHaveLength(1);
});

test("fifty people who register one address at once make one account", async () => {
  const email = newEmail();
  const answers = await Promise.allSettled(Array.from({ length: 50 }, () => here.register(email)));
  const ids = answers.flatMap((answer) => (answer.status === "fulfilled" ? [callerOf(answer.value.accessToken).id] : []));
  const refusals = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.type] : []));
  expect(ids.length).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(1);
  expect(new Set(refusals)).toEqual(new Set(refusals.length > 0 ? ["rate_limited"] : []));
  const { data } = await here.nodes.call(customers.findCustomers, { email });
  expect(data).toHaveLength(1);
  expect(await here.told(data[0]!.id)).toEqual(["customers.registered"]);
});

test("a wrong password and an unknown address are answered alike, for the same work", async () => {
  const { email } = await here.newcomer();
  const seen = [];
  for (const address of [email, newEmail()]) {
    const before = here.hasher.computed;
    const { type, code, message, data } = await refusalOf(here.login(address, "not a marmot"));
    seen.push({ type, code, message, data, work: here.hasher.computed - before });
  }
  expect(seen[0]).toMatchObject({ type: "unauthorized", code: 401, work: 1 });
  expect(seen[1]).toEqual(seen[0]);
});

test("signing in hands the guest's cart over", async () => {
  const email = newEmail();
  const cartId = newId("cart");
  const session = await here.nodes.request(customers.register, { email, password: PASSWORD, cartId });
  expect(session.cartId).toBe(cartId);
  const other = newId("cart");
  expect(await here.nodes.request(customers.login, { email, password: PASSWORD, cartId: other })).toMatchObject({
    cartId: other,
  });
  const { id } = callerOf(session.accessToken);
  expect(here.keeper.asked.filter(({ email: one }) => one === email)).toEqual([
    { customerId: id, email, cartId },
    { customerId: id, email, cartId: other },
  ]);
});

test("a request under an Idempotency-Key leaves neither tokens nor a digest of the password behind", async () => {
  const email = newEmail();
  const how = { idempotencyKey: "register-once" };
  const first = await here.nodes.request(customers.register, { email, password: PASSWORD }, how);
  const again = await here.nodes.request(customers.register, { email, password: PASSWORD }, how);
  expect(callerOf(again.accessToken).id).toBe(callerOf(first.accessToken).id);
  await here.nodes.request(customers.login, { email, password: PASSWORD }, { idempotencyKey: "login-once" });
  expect(await here.sql`select 1 from kernel.idempotency_key`).toHaveLength(0);
});
