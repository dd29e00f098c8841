import { lookup, type LookupAddress } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";

/** A message to somebody outside the shop. */
export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether addresses inside the shop's own network may be told. */
  readonly mayBePrivate: boolean;
}

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
  ["64:ff9b::", 96],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const)
  PRIVATE.addSubnet(net, bits, "ipv6");

/** Whether an IP address is not of the public internet. IPv4 addresses written as IPv6 count as what they are. */
export function isPrivate(address: string): boolean {
  const mapped = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.v4;
  if (mapped) return isPrivate(mapped);
  return PRIVATE.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

const TIME = 10_000;
const MOST_READ = 4_096;

/**
 * Posts a message and answers the status; rejects when there is no answer within ten seconds. The name is looked up and judged for the very connection that is made, so that no second
 * answer of the name server can lead into the shop's own network; redirects are not followed.
 */
export function post({ url, headers, body, mayBePrivate }: Parcel): Promise<number> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, "");
  if (!mayBePrivate && isIP(host) && isPrivate(host)) return Promise.reject(new Error(`${host} is not a public address`));
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(
      target,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        agent: false,
        signal: AbortSignal.timeout(TIME),
        lookup: mayBePrivate ? lookup : lookupPublic,
      },
      (answer) => {
        let read = 0;
        answer.on("data", (chunk: Buffer) => {
          read += chunk.length;
          if (read > MOST_READ) answer.destroy();
        });
        answer.on("error", () => {}).on("close", () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

type Lookup = NonNullable<Parameters<typeof httpRequest>[1]["lookup"]>;

const lookupPublic: Lookup = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return done(error, "", 0);
    const open = addresses.filter(({ address }) => !isPrivate(address));
    const [first] = open;
    if (!first) return done(Object.assign(new Error(`${name} has no public address`), { code: "EACCES" }), "", 0);
    return options.all ? done(null, open) : done(null, first.address, first.family);
  });
};
