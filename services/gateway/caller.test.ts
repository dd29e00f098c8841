import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { exportJWK, SignJWT } from "jose";
import { service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { findKeys } from "../customers/contract.ts";
import { type Desk, part, read, startDesk } from "./caller.support.ts";
import { ask } from "./gateway.support.ts";

let desk: Desk;
beforeAll(async () => void (desk = await startDesk()));
afterAll(() => desk[Symbol.asyncDispose]());

test("a key may do what its scopes say, and is told which one is missing", async () => {
  const may = async (...scopes: string[]) => {
    const key = desk.ring.make(...scopes);
    const [reading, writing] = [await desk.get("/admin/v1/who", key), await desk.get("/admin/v1/who", key, "POST")];
    if (writing.status === 403)
      expect(writing.json.error).toMatchObject({ code: "forbidden", message: expect.stringContaining("desk:write") });
    if (reading.status === 403) expect(reading.json.error).toMatchObject({ message: expect.stringContaining("desk:read") });
    return [reading.status, writing.status];
  };
  expect(await may("*")).toEqual([200, 200]);
  expect(await may("*:write")).toEqual([200, 200]);
  expect(await may("desk:write")).toEqual([200, 200]);
  expect(await may("*:read")).toEqual([200, 403]);
  expect(await may("orders:write", "desk:read")).toEqual([200, 403]);
  expect(await may("orders:write", "des:write")).toEqual([403, 403]);
  expect(await may()).toEqual([403, 403]);
});

test("a key is an administrator with a name, and nobody in particular where it has no scope but anybody may ask", async () => {
  const [desks, others] = [desk.ring.make("desk:read"), desk.ring.make("orders:write")];
  const one = (await desk.get("/store/v1/who", desks)).json.caller;
  expect(one).toEqual({ kind: "admin", id: expect.stringMatching(/^key_/), scopes: ["desk:read"] });
  expect((await desk.get("/store/v1/who", others)).json.caller).toEqual({ kind: "guest" });
  expect((await desk.get("/store/v1/me", others)).status).toBe(403);
  expect((await desk.get("/admin/v1/who", desk.environment.adminKey)).json.caller).toEqual({
    kind: "admin",
    id: "key",
    scopes: ["*"],
  });
});

test("a key is asked for once in a while and not with every request", async () => {
  const key = desk.ring.make("*");
  const before = desk.ring.asked.length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => desk.get("/admin/v1/who", key)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(desk.ring.asked.length - before).toBe(1);
});

test("a key that was revoked opens nothing after five seconds, streams included", async () => {
  const key = desk.ring.make("desk:read");
  const stream = await fetch(`${desk.url}/admin/v1/who/events`, { headers: { authorization: `Bearer ${key}` } });
  expect(stream.status).toBe(200);
  const body = stream.text();
  desk.ring.revoke(key);
  await eventually(async () => expect((await desk.get("/admin/v1/who", key)).status).toBe(401), 15_000);
  expect(await body).toContain('"look":1');
});

test("a key that nobody made, or that looks like nothing, is refused", async () => {
  for (const bearer of ["no", "a.b", "a.b.c.d", "....", `${desk.environment.adminKey}x`]) {
    expect([bearer, (await desk.get("/admin/v1/who", bearer)).status]).toEqual([bearer, 401]);
  }
});

test("who goes away while it is found out who asks takes no place", async () => {
  await using there = await startDesk();
  const goOn = there.ring.hold();
  const key = there.ring.make("*");
  const gone = new AbortController();
  const left = fetch(`${there.url}/admin/v1/who`, { headers: { authorization: `Bearer ${key}` }, signal: gone.signal });
  await eventually(() => expect(there.ring.asked).toHaveLength(1));
  gone.abort();
  await expect(left).rejects.toThrow("aborted");
  // The gateway has noticed.
  await eventually(async () => expect((await ask(`${there.url}/metrics`)).text).toContain("GET /admin/v1/who"));
  goOn();
  expect((await there.get("/admin/v1/who", key)).status).toBe(200);
  const figures = await eventually(async () => {
    const { text } = await ask(`${there.url}/metrics`);
    // The figures are some moments old: here they know of the second request.
    expect(text).toMatch(/requests_total.*GET \/admin\/v1\/who.* 2\n/);
    return text;
  });
  expect(figures).toContain("brickwork_http_requests_in_flight 0\n");
});

test("while those who know are away, what is known stays good and the rest is told to come back", async () => {
  await using there = await startDesk();
  const { accessToken } = await there.signUp("ada@example.org");
  const [known, unknown] = [there.ring.make("*"), there.ring.make("*")];
  expect((await there.get("/admin/v1/who", known)).status).toBe(200);
  expect(await there.identify(accessToken)).toMatchObject({ kind: "customer" });
  for (const name of ["customers", "operations"]) await there.inside.destroyService(there.inside.getLocalService(name));

  expect(await there.identify(accessToken)).toMatchObject({ kind: "customer" });
  const [head, ...rest] = accessToken.split(".");
  const foreign = [part({ ...(read(`${head}.`, 0) as object), kid: "another" }), ...rest].join(".");
  for (const bearer of [unknown, foreign]) {
    await eventually(async () => {
      const { status, json, headers } = await there.get("/store/v1/me", bearer);
      expect([status, json.error.code, headers["retry-after"]]).toEqual([503, "unavailable", "2"]);
    });
  }
  // The shop's own key needs nobody to vouch for it, and guests go on.
  expect((await there.get("/admin/v1/who", there.environment.adminKey)).status).toBe(200);
  expect((await ask(`${there.url}/store/v1/who`)).status).toBe(200);
});

test("a new key of customers is learnt, and tokens that name keys at random make no load", async () => {
  let asked = 0;
  const issued = { issuer: "urn:test", audience: "urn:shop" };
  const pair = (kid: string) => ({ kid, ...generateKeyPairSync("ed25519") });
  const pairs = [pair("first")];
  const jwkOf = async ({ kid, publicKey }: (typeof pairs)[number]) => {
    const { x = "" } = await exportJWK(publicKey);
    return { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" };
  };
  const signed = ({ kid, privateKey }: (typeof pairs)[number]) =>
    new SignJWT({ sid: "ses_1", sub: "cus_1", iss: issued.issuer, aud: issued.audience })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
      .setExpirationTime("10m")
      .sign(privateKey);
  const other = service(
    "customers",
    { findKeys },
    () => ({
      actions: {
        findKeys: async () => {
          asked++;
          return { ...issued, keys: await Promise.all(pairs.map(jwkOf)) };
        },
      },
    }),
    { folder: join(tmpdir(), "no-migrations") },
  );
  await using there = await startDesk(other);
  expect(await there.identify(await signed(pairs[0]!))).toEqual({ kind: "customer", id: "cus_1", session: "ses_1" });
  const second = pair("second");
  const token = await signed(second);
  expect(await there.identify(token)).toBe(401);
  pairs.unshift(second);
  await eventually(async () => expect(await there.identify(token)).toMatchObject({ kind: "customer" }));
  const before = asked;
  const strangers = await Promise.all(Array.from({ length: 30 }, (_, at) => signed({ ...second, kid: `made-up-${at}` })));
  expect(new Set(await Promise.all(strangers.map((one) => there.identify(one))))).toEqual(new Set([401]));
  expect(asked - before).toBeLessThanOrEqual(1);
  expect(await there.identify(await signed(pairs[1]!))).toMatchObject({ kind: "customer" });
});
