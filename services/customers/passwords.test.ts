import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import * as customers from "./contract.ts";
import { callerOf, type Customers, newEmail, PASSWORD, refusalOf, startCustomers } from "./customers.support.ts";

let here: Customers;
beforeAll(async () => void (here = await startCustomers()));
afterAll(() => here[Symbol.asyncDispose]());

const NEW = "a tangled marmoset";
const over = { type: "unauthorized", code: 401 };
const slow = { type: "rate_limited", code: 429, data: { retryAfter: expect.any(Number) } };

const request = (email: string) => here.nodes.request(customers.requestPasswordReset, { email });
const reset = (token: string, password = NEW) => here.nodes.request(customers.resetPassword, { token, password });
const verify = (token: string) => here.nodes.request(customers.verifyEmail, { token });
const typeOf = ({ type }: { type: string }) => type;
/** The waiting time of an account is over. */
const wait = () => here.sql`update attempt set blocked_until = now()`;

/** One wrong guess after the other, until there is no answer any more. */
async function guess(email: string, most = 20): Promise<string[]> {
  const types: string[] = [];
  while (types.length < most && types.at(-1) !== "rate_limited") {
    types.push(await here.login(email, "not a marmot").then(() => "in", typeOf));
  }
  return types;
}

test("a new password by mail ends all sessions, confirms the address, and works once", async () => {
  const { email, session, caller } = await here.newcomer();
  expect(await request(email.toUpperCase())).toEqual({});
  await request(email);
  const spare = await here.tokenFor(email, "password_reset", 2);
  const first = here.post.letters(email).find(({ letter }) => letter.kind === "password_reset");
  const token = new URL((first!.letter as { link: string }).link, "http://shop").searchParams.get("token")!;
  expect(first!.letter).toEqual({ kind: "password_reset", link: `/reset-password?token=${token}` });
  await expect(reset(token, "password1")).rejects.toMatchObject({ type: "invalid" });

  expect(await reset(token)).toEqual({});
  for (const used of [token, spare]) await expect(reset(used, "another marmot")).rejects.toMatchObject(over);
  await expect(here.refresh(session.refreshToken)).rejects.toMatchObject(over);
  await expect(here.me(caller)).rejects.toMatchObject(over);
  await expect(here.login(email)).rejects.toMatchObject(over);
  const again = await here.login(email, NEW);
  expect(await here.me(callerOf(again.accessToken))).toMatchObject({ isEmailVerified: true });
  expect(await here.told(caller.id)).toEqual(["customers.registered", "customers.emailVerified"]);
});

test("of ten who use one link at once, one sets the password", async () => {
  const { email } = await here.newcomer();
  await request(email);
  const token = await here.tokenFor(email, "password_reset");
  const passwords = Array.from({ length: 10 }, (_, number) => `marmot of house ${number}`);
  const answers = await Promise.allSettled(passwords.map((password) => reset(token, password)));
  const winner = answers.findIndex(({ status }) => status === "fulfilled");
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await here.login(email, passwords[winner]);
});

test("an address without an account is answered alike, with the same rows, and gets no mail", async () => {
  const [unknown, { email }] = [newEmail(), await here.newcomer()];
  await here.tokenFor(email, "verify_email");
  const countRows = async () => {
    const [row] = await here.sql`select (select count(*) from letter) + (select count(*) from attempt) as rows`;
    return row!.rows as number;
  };
  // With the post closed nothing is written, so that what the requests themselves do can be seen.
  const office = here.nodes.inside.getLocalService("notifications");
  await here.nodes.inside.destroyService(office);
  const seen = [];
  for (const address of [unknown, email]) {
    const before = await countRows();
    seen.push({ answer: await request(address), rows: (await countRows()) - before });
  }
  expect(seen).toEqual([
    { answer: {}, rows: 2 },
    { answer: {}, rows: 2 },
  ]);
  here.nodes.inside.createService(here.post.schema);
  await here.tokenFor(email, "password_reset");
  await eventually(async () => expect(await here.sql`select 1 from letter where email = ${unknown}`).toHaveLength(0));
  expect(here.post.letters(unknown)).toEqual([]);
});

test("a link works for an hour", async () => {
  const { email } = await here.newcomer();
  await request(email);
  const token = await here.tokenFor(email, "password_reset");
  const [row] = await here.sql`
    select extract(epoch from expires_at - now()) / 60 as minutes from letter where email = ${email} and kind = 'password_reset'`;
  expect(Number(row!.minutes)).toBeGreaterThan(55);
  expect(Number(row!.minutes)).toBeLessThanOrEqual(60);
  await here.sql`update letter set expires_at = now() where email = ${email}`;
  await expect(reset(token)).rejects.toMatchObject(over);
  await here.login(email);
});

test("a letter whose answer got lost is told again with the same link", async () => {
  here.post.failNext(2);
  const { email } = await here.newcomer();
  await eventually(() => expect(here.post.told.filter(({ to }) => to === email)).toHaveLength(3));
  const told = here.post.told.filter(({ to }) => to === email);
  expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
  await verify(await here.tokenFor(email, "verify_email"));
  await eventually(async () => expect(await here.sql`select 1 from letter where due_at is not null`).toHaveLength(0));
});

test("an address is confirmed once, and announced once", async () => {
  const { email, caller } = await here.newcomer();
  const token = await here.tokenFor(email, "verify_email");
  await expect(reset(token)).rejects.toMatchObject(over);
  const answers = await Promise.allSettled([verify(token), verify(token), verify(token)]);
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await here.me(caller)).toMatchObject({ isEmailVerified: true });
  expect(await here.told(caller.id)).toEqual(["customers.registered", "customers.emailVerified"]);
});

test("the letter of confirmation can be had again, while the address is not confirmed", async () => {
  const { email, caller } = await here.newcomer();
  const again = () => here.nodes.request(customers.requestVerification, {}, { caller });
  expect(await again()).toEqual({});
  await verify(await here.tokenFor(email, "verify_email", 2));
  expect(await again()).toEqual({});
  expect(here.post.letters(email)).toHaveLength(2);
});

test("guessing at an account is slowed down more and more, and an unknown one does not differ", async () => {
  const { email } = await here.newcomer();
  const unknown = newEmail();
  for (const address of [email, unknown]) {
    expect(await guess(address)).toEqual([...Array.from({ length: 6 }, () => "unauthorized"), "rate_limited"]);
    await expect(here.login(address)).rejects.toMatchObject(slow);
    await wait();
    expect(await guess(address)).toEqual(["unauthorized", "rate_limited"]);
    expect((await refusalOf(here.login(address))).data?.retryAfter).toBeGreaterThan(30);
  }
  // The right password counts for nothing meanwhile, and for all that was before when the time is over.
  await wait();
  await here.login(email);
  expect(await guess(email, 3)).toEqual(["unauthorized", "unauthorized", "unauthorized"]);
});

test("many guesses at once get no more answers than one after the other", async () => {
  const { email } = await here.newcomer();
  const wrong = Array.from({ length: 30 }, () => here.login(email, "not a marmot"));
  const types = await Promise.all(wrong.map((one) => one.then(() => "in", typeOf)));
  // On a slow machine some had to wait too long for their turn, and do not count.
  types.push(...(await guess(email)));
  expect(types.filter((type) => type === "unauthorized")).toHaveLength(6);
  await expect(here.register(email, "not a marmot")).rejects.toMatchObject(slow);
});

test("registering is no second place to guess at", async () => {
  const { email } = await here.newcomer();
  const types: string[] = [];
  while (types.length < 20 && types.at(-1) !== "rate_limited") {
    const way = types.length % 2 === 0 ? here.register : here.login;
    types.push(await way(email, "not a marmot").then(() => "in", typeOf));
  }
  expect(types).toEqual(["conflict", "unauthorized", "conflict", "unauthorized", "conflict", "unauthorized", "rate_limited"]);
});

test("whoever signs in with the old password while a new one is set is not left inside", async () => {
  const { email } = await here.newcomer();
  await request(email);
  const token = await here.tokenFor(email, "password_reset");
  const logins = Array.from({ length: 8 }, () => here.login(email));
  const changed = reset(token);
  const late = Array.from({ length: 8 }, () => here.login(email));
  await changed;
  for (const login of await Promise.allSettled([...logins, ...late])) {
    if (login.status === "rejected") expect(login.reason.type).toBe("unauthorized");
    else await expect(here.refresh(login.value.refreshToken)).rejects.toMatchObject(over);
  }
});

test("a reset by mail lets the owner in while others guess", async () => {
  const { email } = await here.newcomer();
  await guess(email);
  await request(email);
  await reset(await here.tokenFor(email, "password_reset"));
  await here.login(email, NEW);
});

test("nobody's mailbox is filled", async () => {
  const email = newEmail();
  for (let time = 0; time < 4; time++) await request(email);
  await expect(request(email)).rejects.toMatchObject(slow);
});

test("a new password needs the present one, and ends all other sessions", async () => {
  const { email, session, caller } = await here.newcomer();
  const other = await here.login(email);
  await request(email);
  const link = await here.tokenFor(email, "password_reset");
  const update = (input: object) => here.nodes.request(customers.updateMe, input, { caller });
  await expect(update({ password: NEW })).rejects.toMatchObject({
    type: "invalid",
    data: { details: [{ field: "currentPassword" }] },
  });
  await expect(update({ password: NEW, currentPassword: NEW })).rejects.toMatchObject(over);
  await expect(update({ password: "Password1!", currentPassword: PASSWORD })).rejects.toMatchObject({ type: "invalid" });
  expect(await update({ password: NEW, currentPassword: PASSWORD, name: "Ada" })).toMatchObject({ email, name: "Ada" });
  await here.refresh(session.refreshToken);
  await expect(here.refresh(other.refreshToken)).rejects.toMatchObject(over);
  await expect(reset(link)).rejects.toMatchObject(over);
  await expect(here.login(email)).rejects.toMatchObject(over);
  await here.login(email, NEW);
  expect(await update({ name: "Ada L." })).toMatchObject({ name: "Ada L." });
});

test("who holds a sign-in cannot guess the password there either", async () => {
  const { caller } = await here.newcomer();
  const input = { password: NEW, currentPassword: "not a marmot" };
  const tries = Array.from({ length: 10 }, () => here.nodes.request(customers.updateMe, input, { caller }));
  const types = await Promise.all(tries.map((one) => one.then(() => "changed", typeOf)));
  expect(types.filter((type) => type === "unauthorized")).toHaveLength(6);
  expect(types.filter((type) => type === "rate_limited")).toHaveLength(4);
});
