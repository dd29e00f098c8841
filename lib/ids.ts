import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 26;

/** The shape of an id: a prefix that names the kind of thing, then 48 bits of time and 128 random bits in Crockford's base 32. */
export const Id = <P extends string>(prefix: P) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[${ALPHABET}]{${TIME_LENGTH + RANDOM_LENGTH}}$`))
    .brand<P>();

/** A new id: sorts by the time of its making and cannot be guessed. */
export function newId<P extends string>(prefix: P): string & z.core.$brand<P> {
  return `${prefix}_${encodeTime(Date.now())}${encodeBytes(randomBytes(16))}` as string & z.core.$brand<P>;
}

/** The id that belongs to a name: the same name gives the same id, for things that must not be made twice (an import that runs again). */
export function idFor<P extends string>(prefix: P, name: string): string & z.core.$brand<P> {
  const digest = createHmac("sha256", "brickwork.ids").update(`${prefix}:${name}`).digest();
  return `${prefix}_${"0".repeat(TIME_LENGTH)}${encodeBytes(digest.subarray(0, 16))}` as string & z.core.$brand<P>;
}

function encodeTime(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (let place = 0; place < TIME_LENGTH; place++) {
    text = ALPHABET[rest % 32]! + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeBytes(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let place = 0; place < RANDOM_LENGTH; place++) {
    text = ALPHABET[Number(bits & 31n)]! + text;
    bits >>= 5n;
  }
  return text;
}

/** The name of one life of a process: `prefix-` and eight random digits. */
export const nodeName = (prefix: string): string => `${prefix}-${randomBytes(4).toString("hex")}`;
