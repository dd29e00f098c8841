import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { ALGORITHMS, type Algorithm } from "./algorithms.ts";
import { PASSWORD, startCustomers } from "./customers.support.ts";
import { Gate } from "./gate.ts";
import { Hasher } from "./hasher.ts";
import { readPhc, writePhc } from "./phc.ts";

const algorithm = (name: string): Algorithm => ALGORITHMS.find((one) => one.algorithm === name)!;
const scrypt = new Hasher({ algorithms: [algorithm("scrypt")] });

test("a password fits its own hash and no other does", async () => {
  const hasher = new Hasher();
  const [one, other] = [await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)];
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(other).not.toBe(one);
  expect(await hasher.fits(PASSWORD, one)).toBe(true);
  expect(await hasher.fits(`${PASSWORD} `, one)).toBe(false);
  expect(await hasher.fits(PASSWORD, undefined)).toBe(false);
  // Nothing is cut off, and letters are the same however a keyboard puts them together.
  const long = await hasher.hash(`${"ä".repeat(255)}x`);
  expect(await hasher.fits(`${"a\u0308".repeat(255)}x`, long)).toBe(true);
  expect(await hasher.fits(`${"ä".repeat(255)}y`, long)).toBe(false);
  expect(hasher.computed).toBe(8);
});

test("a hash of the reference implementation is understood", async () => {
  // "password" with the salt "somesalt", of the test vectors that come with it (src/test.c).
  const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  const hasher = new Hasher();
  expect(await hasher.fits("password", stored)).toBe(true);
  expect(await hasher.fits("Password", stored)).toBe(false);
  expect(hasher.isOutdated(stored)).toBe(true);
});

test("where Node has no argon2 there is scrypt, and an argon2 hash says what it needs", async () => {
  const stored = await scrypt.hash(PASSWORD);
  expect(stored).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/);
  expect([await scrypt.fits(PASSWORD, stored), await scrypt.fits("other", stored), scrypt.isOutdated(stored)]).toEqual([
    true,
    false,
    false,
  ]);
  const hasher = new Hasher();
  expect([await hasher.fits(PASSWORD, stored), hasher.isOutdated(stored)]).toEqual([true, true]);
  await expect(scrypt.fits(PASSWORD, await hasher.hash(PASSWORD))).rejects.toThrow("needs argon2id");
});

test("what is no PHC string is refused, whatever it is", () => {
  const good = readPhc("$scrypt$ln=17,r=8,p=1$c29tZXNhbHQ$aGFzaA");
  expect(readPhc(writePhc(good))).toEqual(good);
  for (const text of [
    "",
    "password",
    "$argon2id$",
    "$argon2id$v=19$m=x$c2FsdA$aGFzaA",
    "$2b$10$abcdefghijklmnopqrstuv",
    "$a$m=1$$",
  ]) {
    expect(() => readPhc(text)).toThrow("PHC");
  }
});

test("a hash in an old way is renewed when its owner signs in, and only then", async () => {
  const old = new Hasher({ algorithms: [{ ...algorithm("argon2id"), parameters: { m: 8_192, t: 1, p: 1 } }] });
  await using here = await startCustomers();
  const { email } = await here.newcomer();
  const stored = async () => (await here.sql`select password from customer where email = ${email}`)[0]!.password as string;
  await here.sql`update customer set password = ${await old.hash(PASSWORD)} where email = ${email}`;
  await expect(here.login(email, "not a marmot")).rejects.toMatchObject({ type: "unauthorized" });
  expect(await stored()).toContain("m=8192");
  // Two devices at once: both get in.
  await Promise.all([here.login(email), here.login(email)]);
  expect(await stored()).toContain("m=19456,t=2");
  const before = here.hasher.computed;
  await here.login(email);
  expect(here.hasher.computed - before).toBe(1);
});

test("without carts people still get in", async () => {
  await using here = await startCustomers();
  await here.nodes.inside.destroyService(here.nodes.inside.getLocalService("carts"));
  const { email, session } = await here.newcomer();
  expect(session.cartId).toBeNull();
  expect(await here.login(email)).toMatchObject({ cartId: null });
});

test("when too many sign in at once, those who cannot wait are told so, and nothing is counted against them", async () => {
  await using here = await startCustomers(new Hasher({ active: 1, waiting: 2 }));
  const { email } = await here.newcomer();
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => here.login(email, "not a marmot")));
  const types = answers.map((answer) => (answer.status === "rejected" ? answer.reason.type : "in"));
  expect(types.filter((type) => type === "rate_limited").length).toBeGreaterThan(10);
  const [row] = await here.sql`select failures from attempt`;
  expect(types.filter((type) => type === "unauthorized")).toHaveLength(row!.failures as number);
});

describe("the gate", () => {
  /** Work that ends when it is told to. */
  function pieces(gate: Gate) {
    const running: (() => void)[] = [];
    const run = () => gate.run(() => new Promise<void>((resolve) => running.push(resolve)));
    return { running, run };
  }

  test("runs so many, keeps so many waiting in their order, and refuses the rest", async () => {
    const { running, run } = pieces(new Gate({ active: 2, waiting: 1, patience: 60_000 }));
    const [first, second, third] = [run(), run(), run()];
    await expect(run()).rejects.toMatchObject({ type: "rate_limited", data: { retryAfter: 2 } });
    expect(running).toHaveLength(2);
    running[0]!();
    await first;
    await eventually(() => expect(running).toHaveLength(3));
    const fourth = run();
    await expect(run()).rejects.toMatchObject({ type: "rate_limited" });
    running[1]!();
    await second;
    running[2]!();
    await third;
    await eventually(() => expect(running).toHaveLength(4));
    running[3]!();
    await fourth;
  });

  test("does not begin what nobody waits for any more, and goes on with the next", async () => {
    const { running, run } = pieces(new Gate({ active: 1, waiting: 5, patience: 1 }));
    const first = run();
    const late = [run(), run()].map((one) => expect(one).rejects.toMatchObject({ type: "rate_limited" }));
    const begin = performance.now();
    await eventually(() => expect(performance.now() - begin).toBeGreaterThan(5));
    running[0]!();
    await Promise.all([first, ...late]);
    expect(running).toHaveLength(1);
    const next = run();
    await eventually(() => expect(running).toHaveLength(2));
    running[1]!();
    await next;
  });

  test("gives the place back when the work fails", async () => {
    const gate = new Gate({ active: 1, waiting: 0, patience: 60_000 });
    for (let time = 0; time < 3; time++) await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.run(async () => "yes")).toBe("yes");
  });
});
