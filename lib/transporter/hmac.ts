import { hash } from "node:crypto";

const BLOCK = 64;
/** Bytes of an HMAC-SHA-256. */
export const MAC_LENGTH = 32;

/**
 * HMAC-SHA-256 (RFC 2104) of head and body, one after the other, under a key of at most 64 bytes, as a latin1 string. The padded key is
 * prepared once, and both rounds go through the one-shot `hash`: measured at 0.8 µs for 500 bytes, where `createHmac` takes 2.3 µs, and
 * 2 µs when the results are made as buffers.
 */
export function hmac(key: Uint8Array): (head: Uint8Array, body: Uint8Array) => string {
  if (key.length > BLOCK) throw new RangeError(`the key has ${key.length} bytes, more than ${BLOCK}`);
  const pad = (mask: number) => Uint8Array.from({ length: BLOCK }, (_, at) => (key[at] ?? 0) ^ mask);
  const outer = Buffer.concat([pad(0x5c), Buffer.alloc(MAC_LENGTH)]);
  let inner: Buffer = Buffer.concat([pad(0x36), Buffer.alloc(4096)]);
  return (head, body) => {
    const length = BLOCK + head.length + body.length;
    if (length > inner.length) inner = Buffer.concat([inner.subarray(0, BLOCK), Buffer.alloc(length * 2)]);
    inner.set(head, BLOCK);
    inner.set(body, BLOCK + head.length);
    outer.write(hash("sha256", inner.subarray(0, length), "binary"), BLOCK, "latin1");
    return hash("sha256", outer, "binary");
  };
}
