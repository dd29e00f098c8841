import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

/** Of an IPv6 address: what one customer of a provider usually gets, and changes addresses within as he likes. */
const NETWORK = 64;

/** Where a request came from. */
export interface Way {
  /** The other end of the connection; empty when it is gone already. */
  readonly address: string;
  /** The header `X-Forwarded-For`, from the client to the last proxy but one. */
  readonly forwarded: string;
}

export interface Client {
  /** An IPv4 address, or the network of an IPv6 address: `203.0.113.7`, `2001:db8::/64`. */
  readonly name: string;
  /** It is on the gateway's own machine. */
  readonly isLoopback: boolean;
}

export const wayOf = ({ socket, headers }: IncomingMessage): Way => ({
  address: socket.remoteAddress ?? "",
  forwarded: String(headers["x-forwarded-for"] ?? ""),
});

/**
 * The client of a request. Anybody can write an `X-Forwarded-For`, so only as many addresses at its end are believed as there are
 * proxies of our own in front of the gateway: each of them adds the address that it was asked from.
 */
export function clientOf({ address, forwarded }: Way, proxies: number): Client {
  const way = [...forwarded.split(",").map((text) => text.trim()), address];
  const believed = way[Math.max(0, way.length - 1 - proxies)]!;
  // Somebody stands behind what is no address; those who hide so are counted together.
  const text = ipaddr.isValid(believed) ? believed : address;
  if (!ipaddr.isValid(text)) return { name: "unknown", isLoopback: false };
  const parsed = ipaddr.process(text);
  return { name: nameOf(parsed), isLoopback: parsed.range() === "loopback" };
}

function nameOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${NETWORK}`).toString()}/${NETWORK}`;
}
