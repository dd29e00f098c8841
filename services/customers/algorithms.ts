import * as crypto from "node:crypto";
import { promisify } from "node:util";
import type { Phc } from "./phc.ts";

/** A way to hash passwords, with the parameters that new hashes get. */
export interface Algorithm extends Pick<Phc, "algorithm" | "version" | "parameters"> {
  /** The hash of a password with the parameters and the salt of `stored`, of the same length as its hash. */
  compute(password: string, stored: Phc): Promise<Buffer>;
}

const numbers = ({ parameters }: Phc, ...names: string[]): number[] =>
  names.map((name) => parameters[name] ?? missing(`A stored password lacks the parameter ${name}.`));

function missing(what: string): never {
  throw new Error(what);
}

/** 19 MiB and two passes: the least that OWASP's cheat sheet allows, some 40 ms, so that a sign-in stays affordable. */
const argon2id: Algorithm = {
  algorithm: "argon2id",
  version: 19,
  parameters: { m: 19_456, t: 2, p: 1 },
  async compute(password, stored) {
    const [memory, passes, parallelism] = numbers(stored, "m", "t", "p") as [number, number, number];
    const given = { message: password, nonce: stored.salt, parallelism, tagLength: stored.hash.length, memory, passes };
    return promisify(crypto.argon2)("argon2id", given);
  },
};

const MOST_MEMORY = 256 * 1_048_576;

/** 2^17 with blocks of 1 KiB: what the same sheet asks of scrypt. Ten times as much work for us, so only where there is no argon2. */
const scrypt: Algorithm = {
  algorithm: "scrypt",
  parameters: { ln: 17, r: 8, p: 1 },
  compute(password, stored) {
    const [ln, r, p] = numbers(stored, "ln", "r", "p") as [number, number, number];
    return new Promise((resolve, reject) => {
      const options = { N: 2 ** ln, r, p, maxmem: MOST_MEMORY };
      crypto.scrypt(password, stored.salt, stored.hash.length, options, (error, hash) => (error ? reject(error) : resolve(hash)));
    });
  },
};

/** argon2id, and scrypt for a Node older than 24.7. The first one is for new passwords; all are understood. */
export const ALGORITHMS: readonly [Algorithm, ...Algorithm[]] = "argon2" in crypto ? [argon2id, scrypt] : [scrypt];
