import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { findKeys } from "../customers/contract.ts";
import { type Desk, part, read, startDesk } from "./caller.support.ts";

let desk: Desk;
afterAll(() => desk[Symbol.asyncDispose]());

let token: string;
let header: Record<string, string>;
let claims: Record<string, string | number>;
/** The key that customers signs with. */
let key: KeyObject;
beforeAll(async () => {
  desk = await startDesk();
  token = (await desk.signUp("ada@example.org")).accessToken;
  [header, claims] = [read(token, 0), read(token, 1)];
  const seed = desk.environment.deriveKey("customer tokens");
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
});

/** Signs other claims under another header. */
const sign = (changes: object = {}, headers: object = {}, by = key) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ ...header, alg: "EdDSA", ...headers }).sign(by);

test("a token tells the customer and the session", async () => {
  expect(header).toEqual({ alg: "EdDSA", typ: "at+jwt", kid: expect.any(String) });
  expect(Number(claims.exp) - Number(claims.iat)).toBe(600);
  expect(claims.sub).toMatch(/^cus_/);
  expect(await desk.identify(token)).toEqual({ kind: "customer", id: claims.sub, session: claims.sid });
  // What the tests below change makes the difference, and nothing else.
  expect(await desk.identify(await sign())).toEqual({ kind: "customer", id: claims.sub, session: claims.sid });
  expect((await desk.get("/store/v1/who", token)).json.caller).toMatchObject({ kind: "customer" });
  expect((await desk.get("/admin/v1/who", token)).status).toBe(403);
  expect((await desk.get("/admin/v1/who", token, "POST")).json.error.code).toBe("forbidden");
});

test("a token with another signature, or none, or an algorithm that is not ours is nobody's", async () => {
  const [head, body, signature] = token.split(".") as [string, string, string];
  const stranger = generateKeyPairSync("ed25519").privateKey;
  const { keys } = await desk.call(findKeys, {});
  const forge = (secret: string | Buffer) => {
    const forged = `${part({ ...header, alg: "HS256" })}.${body}`;
    return `${forged}.${createHmac("sha256", secret).update(forged).digest("base64url")}`;
  };
  const forged = [
    `${part({ ...header, alg: "none" })}.${body}.`,
    `${part({ ...header, alg: "none" })}.${body}.${signature}`,
    // HS256 with what everybody may know of the key.
    forge(keys[0]!.x),
    forge(Buffer.from(keys[0]!.x, "base64url")),
    forge(JSON.stringify(keys[0])),
    `${head}.${part({ ...claims, sub: "cus_other" })}.${signature}`,
    `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
    `${head}.${body}.`,
    await sign({}, {}, stranger),
    await sign({}, { kid: "another" }, stranger),
    await sign({}, { kid: undefined }),
  ];
  for (const bearer of forged) expect([bearer, await desk.identify(bearer)]).toEqual([bearer, 401]);
  // Public routes refuse them, too: whoever presents something wants to be somebody.
  expect((await desk.get("/store/v1/who", forged[0]!)).status).toBe(401);
});

test("a token for others, from others, of another kind or out of time is nobody's", async () => {
  const now = Math.floor(Date.now() / 1_000);
  const wrong = [
    await sign({ iss: "urn:other" }),
    await sign({ iss: undefined }),
    await sign({ aud: "urn:other" }),
    await sign({ aud: undefined }),
    await sign({ exp: now - 10 }),
    await sign({ exp: undefined }),
    await sign({ nbf: now + 60 }),
    await sign({ sub: undefined }),
    await sign({ sid: undefined }),
    await sign({}, { typ: "JWT" }),
    await sign({}, { typ: undefined }),
    await sign({}, { crit: ["b64"], b64: false }).catch(() => "unsignable.but.tried"),
  ];
  for (const bearer of wrong) expect([bearer, await desk.identify(bearer)]).toEqual([bearer, 401]);
});

test("a token does not bring its own key along", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: header.kid, alg: "EdDSA", use: "sig" };
  let visits = 0;
  const server = createServer((_, res) => {
    visits++;
    res.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/keys`;
  for (const kid of [header.kid, "other"]) {
    for (const headers of [{ jwk }, { jku: url }, { x5u: url }]) {
      expect(await desk.identify(await sign({}, { ...headers, kid }, privateKey))).toBe(401);
    }
  }
  // Nor does an honest token that names another place make us go there.
  expect(await desk.identify(await sign({}, { jku: url }))).toMatchObject({ kind: "customer" });
  expect(visits).toBe(0);
  await new Promise((resolve) => server.close(resolve));
});

test("a token of a session that is over is refused by customers at once", async () => {
  const { accessToken, refreshToken } = await desk.signUp("bob@example.org");
  expect((await desk.get("/store/v1/customers/me", accessToken)).json.email).toBe("bob@example.org");
  expect((await desk.post("/auth/v1/logout", { refreshToken })).status).toBe(200);
  const { status, json } = await desk.get("/store/v1/customers/me", accessToken);
  expect([status, json.error.code]).toEqual([401, "unauthorized"]);
});
