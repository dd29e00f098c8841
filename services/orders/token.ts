import { createHmac, timingSafeEqual } from "node:crypto";

/** The key to one order for whoever bought it. Made from the order's id, so it need not be stored and can be given again. */
export interface Tokens {
  of(orderId: string): string;
  fits(orderId: string, token: string | undefined): boolean;
}

export function tokensUnder(key: Buffer): Tokens {
  const of = (orderId: string) => createHmac("sha256", key).update(orderId).digest("base64url");
  return {
    of,
    fits(orderId, token) {
      const expected = Buffer.from(of(orderId));
      const given = Buffer.from(token ?? "");
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
