import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
  type RateLimiterAbstract,
} from "rate-limiter-flexible";
import { createClient } from "redis";
import type { Config } from "../../lib/config.ts";
import type { Http } from "../../lib/contract.ts";
import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import type { Log } from "../../lib/log.ts";
import { RATE_LIMITS, type RateLimit } from "../../lib/rate-limits.ts";
import { clientOf, type Way } from "./client-address.ts";

/** Seconds for which requests are counted. */
const WINDOW = 60;
/** Milliseconds that Redis has to count one. */
const PATIENCE = 100;
/** Few of these are asked, and each of them is dear or a try: all gateways count them together. The others each counts by itself. */
const TOGETHER: ReadonlySet<RateLimit> = new Set(["login", "checkout"]);

type Settings = Pick<Config, "rateLimits" | "trustedProxies" | "redisUrl" | "namespace">;

/** How many requests a minute a client may make of each kind; undefined where there is no limit. */
export type Limits = Readonly<Record<RateLimit, number>>;

/** Holds clients back who ask too often. */
export class RateLimits {
  /** Undefined when there are none. */
  readonly limits: Limits | undefined;
  /** Nobody asked for limits, and nobody comes from elsewhere through a proxy: this machine is free of them. */
  readonly isLoopbackFree: boolean;
  readonly #proxies: number;
  readonly #limiters = new Map<RateLimit, RateLimiterAbstract>();
  readonly #redis: ReturnType<typeof connect> | undefined;

  constructor({ rateLimits, trustedProxies, redisUrl, namespace }: Settings, log: Log) {
    this.limits = rateLimits === "off" ? undefined : { ...RATE_LIMITS, ...rateLimits };
    this.isLoopbackFree = rateLimits === undefined && trustedProxies === 0;
    this.#proxies = trustedProxies;
    if (!this.limits) return;
    if (redisUrl) this.#redis = connect(redisUrl, log);
    for (const [limit, points] of Object.entries(this.limits) as [RateLimit, number][]) {
      const options = { points, duration: WINDOW, keyPrefix: `${namespace}:rate:${limit}` };
      this.#limiters.set(
        limit,
        this.#redis && TOGETHER.has(limit) ? sharedOver(this.#redis, options) : new RateLimiterMemory(options),
      );
    }
  }

  /**
   * Counts a request. Who has signed in is counted as himself, everybody else by address; administrators are not counted.
   *
   * @throws `rate_limited` when it is one too many in this minute.
   */
  async take(limit: Http["limit"] = "other", caller: Caller, way: Way): Promise<void> {
    if (!this.limits || limit === "none" || caller.kind === "admin") return;
    const key = this.#keyOf(caller, way);
    if (key === undefined) return;
    try {
      await this.#limiters.get(limit)!.consume(key);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const message = `Too many requests: ${this.limits[limit]} a minute are allowed here.`;
      throw fault("rate_limited", message, { retryAfter: refused.msBeforeNext / 1_000 });
    }
  }

  #keyOf(caller: Caller, way: Way): string | undefined {
    if (caller.kind === "customer") return `customer:${caller.id}`;
    const { name, isLoopback } = clientOf(way, this.#proxies);
    return isLoopback && this.isLoopbackFree ? undefined : name;
  }

  /** Whether the gateways count together now. */
  get isSharing(): boolean {
    return this.#redis?.isReady ?? false;
  }

  close(): void {
    if (this.#redis?.isOpen) this.#redis.destroy();
  }
}

/** As long as Redis cannot be asked, each gateway counts by itself. */
function sharedOver(redis: object, options: { points: number; duration: number; keyPrefix: string }): RateLimiterAbstract {
  const limiter = new RateLimiterRedis({ ...options, storeClient: redis, useRedisPackage: true, rejectIfRedisNotReady: true });
  return new RLWrapperTimeouts({ limiter, timeoutMs: PATIENCE, insuranceLimiter: new RateLimiterMemory(options) });
}

function connect(url: string, log: Log) {
  const client = createClient({ url, disableOfflineQueue: true });
  let isSaid = false;
  client.on("ready", () => (isSaid = false));
  client.on("error", (error: Error) => {
    if (!isSaid) log.warn(`Redis cannot count requests, so each gateway does by itself: ${error.message || error.name}`);
    isSaid = true;
  });
  // It tries until it is closed, and says so above.
  void client.connect().catch(() => {});
  return client;
}
