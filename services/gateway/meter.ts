import { monitorEventLoopDelay } from "node:perf_hooks";
import type { NodeReport } from "../../lib/figures.ts";
import type { CursorView } from "../../lib/kernel-contract.ts";
import { histogram, metric, type Sample } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { nodeMetrics } from "./node-metrics.ts";

/** What a service told about its durable side; undefined when it did not answer. */
export interface Told {
  readonly service: string;
  readonly answer:
    { readonly cursors: readonly CursorView[]; readonly sagas: Readonly<Partial<Record<string, number>>> } | undefined;
}

/** Milliseconds between two looks at the event loop. Node counts them into the delay. */
const RESOLUTION = 10;

interface Gauges {
  readonly inFlight: number;
  readonly streams: number;
  /** Requests that were answered with an older answer, since the start. */
  readonly older: number;
}

interface Seen {
  readonly time: Histogram;
  readonly byStatus: Map<number, number>;
}

/** Counts what goes through the gateway and prints it, with what services and nodes tell, for Prometheus. */
export class Meter {
  readonly #routes = new Map<string, Seen>();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });

  constructor() {
    this.#delay.enable();
  }

  /** `route` is one of the known ones, never an address that somebody made up. */
  observe(route: string, status: number, seconds: number): void {
    const seen = this.#routes.get(route) ?? { time: new Histogram(), byStatus: new Map<number, number>() };
    this.#routes.set(route, seen);
    seen.time.observe(seconds);
    seen.byStatus.set(status, (seen.byStatus.get(status) ?? 0) + 1);
  }

  stop(): void {
    this.#delay.disable();
  }

  print(gauges: Gauges, told: readonly Told[], nodes: readonly NodeReport[]): string {
    return [...this.#requests(), ...this.#process(gauges), ...feeds(told), ...nodeMetrics(nodes)].join("");
  }

  #requests(): string[] {
    const routes = [...this.#routes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const counts = routes.flatMap(([route, { byStatus }]) =>
      [...byStatus].map(([status, value]) => ({ labels: { route, status }, value })),
    );
    const times = routes.map(([route, { time }]) => ({ labels: { route }, of: time }));
    return [
      metric("counter", "brickwork_http_requests_total", "Requests answered, by route and status.", counts),
      histogram("brickwork_http_request_seconds", "Time from a request's headers to the end of its answer.", times),
    ];
  }

  #process({ inFlight, streams, older }: Gauges): string[] {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const delays = [50, 99].map((percent) => ({
      labels: { quantile: percent / 100 },
      value: late(this.#delay.percentile(percent)),
    }));
    const longest = { labels: { quantile: 1 }, value: late(this.#delay.max) };
    this.#delay.reset();
    return [
      metric("gauge", "brickwork_http_requests_in_flight", "Requests being worked on.", one(inFlight)),
      metric(
        "counter",
        "brickwork_http_older_answers_total",
        "Reads that got their last answer: their service had none.",
        one(older),
      ),
      metric("gauge", "brickwork_event_streams_open", "Open streams of server-sent events.", one(streams)),
      metric("gauge", "brickwork_event_loop_delay_seconds", "Delay of the gateway's event loop since the last scrape.", [
        ...delays,
        longest,
      ]),
      metric("gauge", "process_resident_memory_bytes", "Memory of the gateway's process.", one(rss)),
      metric("gauge", "nodejs_heap_used_bytes", "JavaScript heap of the gateway's process.", one(heapUsed)),
      metric("counter", "process_cpu_seconds_total", "CPU time of the gateway's process.", one((user + system) / 1e6)),
    ];
  }
}

const one = (value: number): Sample[] => [{ value }];

const late = (nanoseconds: number): number => Math.max(0, (nanoseconds - RESOLUTION * 1e6) / 1e9);

function feeds(told: readonly Told[]): string[] {
  const cursors = told.flatMap(({ answer }) => answer?.cursors ?? []);
  const by = (pick: (cursor: CursorView) => number | null): Sample[] =>
    cursors.map((cursor) => ({ labels: { service: cursor.service, feed: cursor.feed }, value: pick(cursor) }));
  const held = cursors.flatMap(({ service, feed, ...counts }) =>
    (["retrying", "waiting", "parked"] as const).map((state) => ({ labels: { service, feed, state }, value: counts[state] })),
  );
  const sagas = told.flatMap(({ service, answer }) =>
    Object.entries(answer?.sagas ?? {}).map(([status, value = 0]) => ({ labels: { service, status }, value })),
  );
  const up = told.map(({ service, answer }) => ({ labels: { service }, value: answer ? 1 : 0 }));
  return [
    metric("gauge", "brickwork_service_up", "1 when the service answers.", up),
    metric(
      "gauge",
      "brickwork_feed_lag_events",
      "Events that a service has not handled yet.",
      by(({ lag }) => lag),
    ),
    metric(
      "gauge",
      "brickwork_feed_age_seconds",
      "Age of the oldest event not handled yet.",
      by(({ ageSeconds, lag }) => ageSeconds ?? (lag === 0 ? 0 : null)),
    ),
    metric(
      "gauge",
      "brickwork_feed_reading",
      "1 while the feed is read, 0 when its reader stopped or cannot reach it.",
      by(({ state }) => (state === "reading" ? 1 : 0)),
    ),
    metric(
      "gauge",
      "brickwork_feed_held_events",
      "Events put aside: being tried again, waiting behind such a one, or parked.",
      held,
    ),
    metric("gauge", "brickwork_sagas", "Sagas that are not finished, by status.", sagas),
  ];
}
