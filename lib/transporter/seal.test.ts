import { createHmac } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hmac } from "./hmac.ts";
import { createSeal } from "./seal.ts";

const bytes = (text: string) => Buffer.from(text);
const hex = (latin1: string) => Buffer.from(latin1, "latin1").toString("hex");

test("our HMAC is that of RFC 2104, for keys of every length up to a block and bodies of every length", () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(key, fc.uint8Array(), fc.uint8Array({ maxLength: 10_000 }), (secret, head, body) => {
      const expected = createHmac("sha256", secret).update(head).update(body).digest("hex");
      expect(hex(hmac(secret)(head, body))).toBe(expected);
    }),
  );
  // RFC 4231, test case 2.
  expect(hex(hmac(bytes("Jefe"))(bytes("what do ya want "), bytes("for nothing?")))).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(() => hmac(Buffer.alloc(65))).toThrow(RangeError);
});

test("what one node has sealed another one with the same key opens, whatever it is", () => {
  const [sender, receiver] = [createSeal("one key"), createSeal("one key")];
  fc.assert(
    fc.property(fc.string(), fc.array(fc.uint8Array({ maxLength: 10_000 })), (channel, payloads) => {
      expect(receiver.open(channel, sender.close(channel, payloads))).toEqual(payloads.map((payload) => Buffer.from(payload)));
    }),
  );
});

test("a packet is worth nothing with another key, on another channel, or with any bit changed", () => {
  const packet = createSeal("one key").close("MOL.REQ.here", [bytes("pay")]);
  expect(createSeal("another key").open("MOL.REQ.here", packet)).toBe("forged");
  expect(createSeal("one key").open("MOL.REQ.there", packet)).toBe("forged");
  for (let bit = 0; bit < packet.length * 8; bit++) {
    const changed = Buffer.from(packet);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(createSeal("one key").open("MOL.REQ.here", changed)).toBe(bit < 8 ? "unsigned" : "forged");
  }
  // The border between channel and counter cannot be moved.
  expect(createSeal("one key").open("MOL.REQ.her", packet)).toBe("forged");
});

test("what is no packet at all is unsigned", () => {
  const seal = createSeal("one key");
  for (const text of ["", "{}", JSON.stringify({ ver: "5", sender: "evil", id: "1", action: "payments.refund", params: {} })]) {
    expect(seal.open("MOL.REQ.here", bytes(text))).toBe("unsigned");
  }
});

test("a packet is taken once, also after others; an older one that is late is not taken", () => {
  const [sender, receiver] = [createSeal("one key"), createSeal("one key")];
  const [first, second, third] = ["1", "2", "3"].map((text) => sender.close("MOL.INFO", [bytes(text)]));
  expect(receiver.open("MOL.INFO", first!)).toEqual([bytes("1")]);
  expect(receiver.open("MOL.INFO", first!)).toBe("replayed");
  expect(receiver.open("MOL.INFO", third!)).toEqual([bytes("3")]);
  for (const packet of [first!, second!, third!]) expect(receiver.open("MOL.INFO", packet)).toBe("replayed");
});

test("a forged packet does not move the counter of the sender it names", () => {
  const [sender, receiver] = [createSeal("one key"), createSeal("one key")];
  const [first, second] = ["1", "2"].map((text) => sender.close("MOL.INFO", [bytes(text)]));
  const forged = Buffer.from(second!);
  forged[0x20]! ^= 1;
  expect(receiver.open("MOL.INFO", forged)).toBe("forged");
  expect(receiver.open("MOL.INFO", first!)).toEqual([bytes("1")]);
});

test("a sender that starts again is another one, and its old packets are still known", () => {
  const receiver = createSeal("one key");
  const before = createSeal("one key").close("MOL.INFO", [bytes("before")]);
  expect(receiver.open("MOL.INFO", before)).toEqual([bytes("before")]);
  expect(receiver.open("MOL.INFO", createSeal("one key").close("MOL.INFO", [bytes("after")]))).toEqual([bytes("after")]);
  expect(receiver.open("MOL.INFO", before)).toBe("replayed");
});

test("a sender that goes on speaking is not forgotten, however many others come", () => {
  const [sender, receiver] = [createSeal("one key"), createSeal("one key")];
  const first = sender.close("MOL.INFO", [bytes("1")]);
  receiver.open("MOL.INFO", first);
  for (let others = 0; others < 12_000; others++) {
    receiver.open("MOL.INFO", createSeal("one key").close("MOL.INFO", [bytes("other")]));
    if (others % 1_000 === 0) receiver.open("MOL.INFO", sender.close("MOL.INFO", [bytes("still here")]));
  }
  expect(receiver.open("MOL.INFO", first)).toBe("replayed");
});
