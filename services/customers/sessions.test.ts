import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as customers from "./contract.ts";
import { callerOf, type Customers, PASSWORD, startCustomers } from "./customers.support.ts";

let here: Customers;
beforeAll(async () => void (here = await startCustomers()));
afterAll(() => here[Symbol.asyncDispose]());

const over = { type: "unauthorized", code: 401 };

test("a refresh token gives the next pair, once", async () => {
  const { session, caller } = await here.newcomer();
  const second = await here.refresh(session.refreshToken);
  expect(second).toEqual({ accessToken: expect.any(String), refreshToken: expect.stringMatching(/^[\w-]{43}$/), expiresIn: 600 });
  expect(callerOf(second.accessToken)).toEqual(caller);
  const third = await here.refresh(second.refreshToken);
  expect(new Set([session, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
  await expect(here.refresh("x".repeat(43))).rejects.toMatchObject(over);
});

test("a token that was spent ends the whole session, also for the newest token", async () => {
  const { email, session, caller } = await here.newcomer();
  const other = await here.login(email);
  const second = await here.refresh(session.refreshToken);
  const third = await here.refresh(second.refreshToken);
  await expect(here.refresh(session.refreshToken)).rejects.toMatchObject(over);
  await expect(here.refresh(third.refreshToken)).rejects.toMatchObject(over);
  await expect(here.me(caller)).rejects.toMatchObject(over);
  // The sign-in on another device goes on.
  await here.me(callerOf((await here.refresh(other.refreshToken)).accessToken));
});

test("of twenty refreshes at once one wins at most, and the session is over", async () => {
  const { session, caller } = await here.newcomer();
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => here.refresh(session.refreshToken)));
  const won = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  expect(won.length).toBeLessThanOrEqual(1);
  for (const { refreshToken } of won) await expect(here.refresh(refreshToken)).rejects.toMatchObject(over);
  await expect(here.me(caller)).rejects.toMatchObject(over);
});

test("a refresh that is sent again under its key gets the same pair, until that is used", async () => {
  const { session } = await here.newcomer();
  const answers = await Promise.all(Array.from({ length: 10 }, () => here.refresh(session.refreshToken, "tab-1")));
  const [next] = [...new Set(answers.map(({ refreshToken }) => refreshToken))];
  expect(answers.every(({ refreshToken }) => refreshToken === next)).toBe(true);
  await here.refresh(next!);
  // The pair is spent by now: whoever asks for it again has an old copy.
  await expect(here.refresh(session.refreshToken, "tab-1")).rejects.toMatchObject(over);
});

test("the key of a stranger is no key", async () => {
  const { session } = await here.newcomer();
  const { refreshToken } = await here.refresh(session.refreshToken, "mine");
  await expect(here.refresh(session.refreshToken, "theirs")).rejects.toMatchObject(over);
  await expect(here.refresh(refreshToken)).rejects.toMatchObject(over);
});

test("signing out ends the session at once, with any of its tokens, as often as one likes", async () => {
  for (const which of ["old", "new"] as const) {
    const { session, caller } = await here.newcomer();
    const next = await here.refresh(session.refreshToken);
    const { refreshToken } = which === "old" ? session : next;
    for (let time = 0; time < 2; time++) expect(await here.nodes.request(customers.logout, { refreshToken })).toEqual({});
    await expect(here.me(caller)).rejects.toMatchObject(over);
    await expect(here.refresh(next.refreshToken)).rejects.toMatchObject(over);
  }
  expect(await here.nodes.request(customers.logout, { refreshToken: "x".repeat(43) })).toEqual({});
});

test("a session ends when it is not used for a month, and after a quarter in any case", async () => {
  const { session, caller } = await here.newcomer();
  const days = async () => {
    const [row] = await here.sql`
      select extract(epoch from expires_at - now()) / 86400 as idle, extract(epoch from ends_at - now()) / 86400 as whole
      from session where id = ${caller.session}`;
    return { idle: Math.round(Number(row!.idle)), whole: Math.round(Number(row!.whole)) };
  };
  const pass = (count: number) => here.sql`
    update session set started_at = started_at - ${count} * interval '1 day', ends_at = ends_at - ${count} * interval '1 day',
      expires_at = expires_at - ${count} * interval '1 day' where id = ${caller.session}`;
  expect(await days()).toEqual({ idle: 30, whole: 90 });
  await pass(29);
  const second = await here.refresh(session.refreshToken);
  expect(await days()).toEqual({ idle: 30, whole: 61 });
  await pass(29);
  const third = await here.refresh(second.refreshToken);
  await pass(29);
  const fourth = await here.refresh(third.refreshToken);
  expect(await days()).toEqual({ idle: 3, whole: 3 });
  await pass(4);
  await expect(here.refresh(fourth.refreshToken)).rejects.toMatchObject(over);
  await expect(here.me(caller)).rejects.toMatchObject(over);
});

test("nothing that opens anything is kept in the clear", async () => {
  const { email, session } = await here.newcomer();
  const token = await here.tokenFor(email, "verify_email");
  const kept = JSON.stringify(
    await Promise.all([
      here.sql`select * from customer`,
      here.sql`select session_id, encode(digest, 'base64') as digest from refresh_token`,
      here.sql`select * from session`,
      here.sql`select l.*, encode(token_digest, 'base64') as digest from letter l`,
      here.sql`select * from kernel.feed`,
    ]),
  );
  expect(kept).toContain(email);
  for (const secret of [session.refreshToken, session.accessToken, PASSWORD, token]) expect(kept).not.toContain(secret);
  expect(kept).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
});

test("a session belongs to its customer: somebody else's does not do", async () => {
  const [ada, bob] = [await here.newcomer(), await here.newcomer()];
  await expect(here.me({ ...ada.caller, session: bob.caller.session })).rejects.toMatchObject(over);
  await expect(here.me({ kind: "admin", id: "key", scopes: ["*"] })).rejects.toMatchObject({ type: "forbidden" });
  await expect(here.me({ kind: "guest" })).rejects.toMatchObject(over);
});
