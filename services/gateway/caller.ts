import { hash, timingSafeEqual } from "node:crypto";
import type { Call } from "../../lib/contract.ts";
import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import { AdminKeys } from "./admin-keys.ts";
import { CustomerTokens } from "./customer-tokens.ts";

const digest = (text: string): Buffer => hash("sha256", text, "buffer");

/** Tells who asks by the `Authorization` header. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

interface Options {
  /** The shop's own. It needs nobody to vouch for it. */
  readonly adminKey: string;
  readonly call: Call;
}

/** Three parts with dots between: a token that carries its claims. Every other bearer is a key. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Nobody in particular without a header, an administrator with the shop's key or one that operations knows, a customer with a
 * token that customers has signed. Digests are compared, so the time it takes tells nothing about the key, not even its length.
 *
 * @throws `unauthorized` for whatever else, `unavailable` when the service that would know cannot be asked.
 */
export function authenticator({ adminKey, call }: Options): Authenticate {
  const expected = digest(adminKey);
  const tokens = new CustomerTokens(call);
  const keys = new AdminKeys(call);
  return async (authorization) => {
    if (authorization === undefined) return { kind: "guest" };
    const bearer = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1];
    if (!bearer) throw fault("unauthorized");
    if (timingSafeEqual(digest(bearer), expected)) return { kind: "admin", id: "key", scopes: ["*"] };
    const caller = TOKEN.test(bearer) ? await tokens.identify(bearer) : await keys.identify(bearer);
    if (!caller) throw fault("unauthorized");
    return caller;
  };
}
