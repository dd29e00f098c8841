import { createPrivateKey, createPublicKey } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import type { Output } from "../../lib/contract.ts";
import type { Resources } from "../../lib/service.ts";
import type { findKeys } from "./contract.ts";
import { ACCESS_TIME } from "./model.ts";

/** What an access token says. */
interface Claims {
  readonly customerId: string;
  readonly sessionId: string;
}

/** Signs access tokens. */
export interface Signer {
  readonly keys: Output<typeof findKeys>;
  sign(claims: Claims): Promise<string>;
}

/** The DER of a PKCS #8 Ed25519 key (RFC 8410) without its last 32 bytes, the seed. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The signer of this shop. Its key comes from the shop's secret, so every node signs with the same one and none has to store it. */
export async function openSigner({ deriveKey, config }: Pick<Resources, "deriveKey" | "config">): Promise<Signer> {
  const der = Buffer.concat([PKCS8, deriveKey("customer tokens")]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { kty = "", crv = "", x = "" } = await exportJWK(createPublicKey(key));
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  const issuer = `urn:brickwork:${config.namespace}:customers`;
  const audience = `urn:brickwork:${config.namespace}:shop`;
  return {
    keys: { issuer, audience, keys: [{ kty, crv, x, kid, alg: "EdDSA", use: "sig" }] },
    sign: ({ customerId, sessionId }) =>
      new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(customerId)
        .setIssuedAt()
        .setExpirationTime(`${ACCESS_TIME}s`)
        .sign(key),
  };
}
