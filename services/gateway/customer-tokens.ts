import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { z } from "zod";
import type { Call, Output } from "../../lib/contract.ts";
import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import { findKeys } from "../customers/contract.ts";

/** Milliseconds between two looks for a key that is not known: whoever makes tokens up makes no load. */
const AGAIN = 3_000;
/** Milliseconds between two looks of which the first has failed. */
const AFTER_FAILURE = 500;
/** Seconds by which the clocks of two machines may differ. */
const SKEW = 5;
const ALGORITHM = "EdDSA";

interface Keys extends Pick<Output<typeof findKeys>, "issuer" | "audience"> {
  readonly byId: ReadonlyMap<string, Awaited<ReturnType<typeof importJWK>>>;
}

const Claims = z.object({ sub: z.string().min(1), sid: z.string().min(1) });

/**
 * Verifies access tokens with the keys of the service that signs them. What a token says of its own keys (`jwk`, `jku`, `x5u`) is
 * not looked at. Keys that were once learnt stay while that service is away.
 */
export class CustomerTokens {
  readonly #call: Call;
  #keys: Keys | undefined;
  #learnt: Promise<Keys> | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The customer of a good token. Throws `unavailable` when the token's key is not known and cannot be asked for. */
  async identify(token: string): Promise<Caller | undefined> {
    const id = keyIdOf(token);
    if (id === undefined) return undefined;
    if (!this.#keys?.byId.has(id)) this.#keys = await this.#learn();
    const key = this.#keys.byId.get(id);
    return key && (await verify(token, key, this.#keys));
  }

  /** Asks for the keys; those who ask within the next seconds get the same answer, be it a failure. */
  #learn(): Promise<Keys> {
    if (this.#learnt) return this.#learnt;
    const learnt = askForKeys(this.#call);
    this.#learnt = learnt;
    const forgetIn = (time: number) => () => void setTimeout(() => (this.#learnt = undefined), time).unref();
    learnt.then(forgetIn(AGAIN), forgetIn(AFTER_FAILURE));
    return learnt;
  }
}

async function askForKeys(call: Call): Promise<Keys> {
  try {
    const { issuer, audience, keys } = await call(findKeys, {});
    const byId = await Promise.all(keys.map(async (jwk) => [jwk.kid, await importJWK(jwk, ALGORITHM)] as const));
    return { issuer, audience, byId: new Map(byId) };
  } catch (cause) {
    throw fault("unavailable", "Sign-ins cannot be checked right now.", { retryAfter: 2, cause });
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}

async function verify(
  token: string,
  key: Parameters<typeof jwtVerify>[1],
  { issuer, audience }: Keys,
): Promise<Caller | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: "at+jwt",
      issuer,
      audience,
      requiredClaims: ["exp"],
      clockTolerance: SKEW,
    });
    const { sub, sid } = Claims.parse(payload);
    return { kind: "customer", id: sub, session: sid };
  } catch {
    // Whatever is wrong with a token, its bearer learns only that it is.
    return undefined;
  }
}
