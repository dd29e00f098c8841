import { hash, timingSafeEqual } from "node:crypto";
import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";

const digest = (text: string): Buffer => hash("sha256", text, "buffer");

/**
 * Tells who asks by the `Authorization` header: nobody in particular without one, an administrator with the shop's key.
 * Digests are compared, so the time it takes tells nothing about the key, not even its length.
 *
 * @throws `unauthorized` for whatever else.
 */
export function authenticator(adminKey: string): (authorization: string | undefined) => Caller {
  const expected = digest(adminKey);
  return (authorization) => {
    if (authorization === undefined) return { kind: "guest" };
    const token = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1];
    if (token && timingSafeEqual(digest(token), expected)) return { kind: "admin", id: "key" };
    throw fault("unauthorized");
  };
}
