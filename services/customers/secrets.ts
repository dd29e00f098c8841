import { createHmac, hash, randomBytes } from "node:crypto";

/** A new secret of 256 bits, for whoever holds it. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What is kept of a secret: enough to know it again. A secret of 256 random bits needs no slow hash. */
export const digestOf = (secret: string): Buffer => hash("sha256", secret, "buffer");

/** The secret that belongs to some names: the same for the same names, and a new one for anybody without the key. */
export const secretFor = (key: Buffer, ...names: readonly string[]): string =>
  createHmac("sha256", key).update(JSON.stringify(names)).digest("base64url");
