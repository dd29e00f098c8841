import { hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { hmac, MAC_LENGTH } from "./hmac.ts";

const VERSION = 0xb1;
const INSTANCE_LENGTH = 12;
const COUNTER_LENGTH = 6;
const STAMP_AT = 1 + MAC_LENGTH;
const STAMP_LENGTH = INSTANCE_LENGTH + COUNTER_LENGTH;
const LENGTH_LENGTH = 4;
const HEADER_LENGTH = STAMP_AT + STAMP_LENGTH;
const KNOWN_CHANNELS = 1_000;
const KNOWN_SENDERS = 5_000;

/** Why a packet is dropped. */
export type Refusal = "unsigned" | "forged" | "replayed";

/** Signs what one life of a node sends, and checks what it receives. */
export interface Seal {
  /** The signed packet of some payloads for a channel. Packets must be sent, on one connection, in the order of sealing. */
  close(channel: string, payloads: readonly Uint8Array[]): Buffer;
  /** The payloads of a packet that came in on a channel, or why it is refused. */
  open(channel: string, packet: Buffer): Buffer[] | Refusal;
}

/**
 * A packet is `version (1) | HMAC-SHA-256 (32) | sender instance (12) | counter (6) | payloads`, each payload after its length (4), and
 * the HMAC covers `length of channel (2) | channel | sender instance | counter | payloads`. Numbers are big-endian. The channel names the
 * namespace, the packet's type and its target, the payload its sender, so a packet is worth nothing on another channel. The key is
 * derived by HKDF-SHA-256.
 *
 * The counter of an instance only rises. One connection of the sender and one of the receiver keep the order, so what is not higher
 * than the last counter was here before, or was overtaken over a reconnect, and then nobody waits for it any more.
 */
export function createSeal(secret: string): Seal {
  const sign = hmac(Buffer.from(hkdfSync("sha256", secret, "brickwork", "packets on the bus", 32)));
  const instance = randomBytes(INSTANCE_LENGTH);
  const prefixOf = remembering(KNOWN_CHANNELS, channelPrefix);
  const counters = lastCounters();
  const expected = Buffer.alloc(MAC_LENGTH);
  let counter = 0;
  return {
    close(channel, payloads) {
      const packet = withPayloads(payloads);
      packet[0] = VERSION;
      packet.set(instance, STAMP_AT);
      packet.writeUIntBE(++counter, STAMP_AT + INSTANCE_LENGTH, COUNTER_LENGTH);
      packet.write(sign(prefixOf(channel), packet.subarray(STAMP_AT)), 1, "latin1");
      return packet;
    },
    open(channel, packet) {
      if (packet.length < HEADER_LENGTH || packet[0] !== VERSION) return "unsigned";
      expected.write(sign(prefixOf(channel), packet.subarray(STAMP_AT)), "latin1");
      if (!timingSafeEqual(expected, packet.subarray(1, STAMP_AT))) return "forged";
      const sender = packet.toString("latin1", STAMP_AT, STAMP_AT + INSTANCE_LENGTH);
      const sent = packet.readUIntBE(STAMP_AT + INSTANCE_LENGTH, COUNTER_LENGTH);
      if (!counters.isNew(sender, sent)) return "replayed";
      return payloadsOf(packet);
    },
  };
}

/** A packet with its payloads in place and an empty header. */
export function withPayloads(payloads: readonly Uint8Array[]): Buffer {
  const length = payloads.reduce((sum, payload) => sum + LENGTH_LENGTH + payload.length, HEADER_LENGTH);
  const packet = Buffer.allocUnsafe(length);
  let at = HEADER_LENGTH;
  for (const payload of payloads) {
    packet.writeUInt32BE(payload.length, at);
    packet.set(payload, at + LENGTH_LENGTH);
    at += LENGTH_LENGTH + payload.length;
  }
  return packet;
}

/** The payloads of a packet. */
export function payloadsOf(packet: Buffer): Buffer[] {
  const payloads = [];
  let at = HEADER_LENGTH;
  while (at < packet.length) {
    const start = at + LENGTH_LENGTH;
    at = start + packet.readUInt32BE(at);
    payloads.push(packet.subarray(start, at));
  }
  return payloads;
}

/** The last counter of each sender. The senders not heard for longest are forgotten when there are too many. */
function lastCounters(): { isNew(sender: string, counter: number): boolean } {
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  return {
    isNew(sender, counter) {
      const known = recent.get(sender);
      if (counter <= (known ?? older.get(sender) ?? 0)) return false;
      if (known === undefined && recent.size >= KNOWN_SENDERS) {
        older = recent;
        recent = new Map();
      }
      recent.set(sender, counter);
      return true;
    },
  };
}

function channelPrefix(channel: string): Buffer {
  const name = Buffer.from(channel);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return Buffer.concat([length, name]);
}

function remembering<T>(most: number, make: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= most) known.clear();
    const made = make(name);
    known.set(name, made);
    return made;
  };
}
