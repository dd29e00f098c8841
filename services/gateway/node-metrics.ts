import type { NodeReport } from "../../lib/figures.ts";
import { metric, type Sample, summary } from "./exposition.ts";

type Figures = NonNullable<NodeReport["figures"]>;

/** Packets that were thrown away, because they were not signed by a node of this shop for this target now. */
const DROPPED = ["unsigned", "forged", "replayed"] as const;
const PASSED = ["sent", "received"] as const;

/** What the nodes told, for Prometheus. A node that ends takes its series with it; the next one has another id. */
export function nodeMetrics(reports: readonly NodeReport[]): string[] {
  const told = reports.flatMap(({ nodeId, figures }) => (figures ? [{ node: nodeId, figures }] : []));
  const each = (samples: (figures: Figures) => readonly Sample[]): Sample[] =>
    told.flatMap(({ node, figures }) => samples(figures).map(({ labels, value }) => ({ labels: { node, ...labels }, value })));
  const onBus = (samples: (bus: NonNullable<Figures["bus"]>) => readonly Sample[]): Sample[] =>
    each(({ bus }) => (bus ? samples(bus) : []));
  const failures = (bus: NonNullable<Figures["bus"]>): Sample[] =>
    Object.entries(bus)
      .filter(([kind]) => ![...PASSED, ...DROPPED].some((known) => known === kind))
      .map(([kind, value]) => ({ labels: { kind: snake(kind) }, value }));
  return [
    metric("gauge", "brickwork_node_up", "1 when the node answers.", up(reports)),
    metric(
      "gauge",
      "brickwork_node_memory_bytes",
      "Memory of the node's process.",
      each(({ rss }) => [{ value: rss }]),
    ),
    ...calls(told),
    metric(
      "counter",
      "brickwork_bus_packets_total",
      "Packets on the bus, by direction.",
      onBus((bus) => PASSED.map((direction) => ({ labels: { direction }, value: bus[direction] ?? null }))),
    ),
    metric(
      "counter",
      "brickwork_bus_dropped_packets_total",
      "Packets that a node threw away, by reason: unsigned, forged (with another key, or for another target) or replayed.",
      onBus((bus) => DROPPED.map((reason) => ({ labels: { reason }, value: bus[reason] ?? null }))),
    ),
    metric("counter", "brickwork_bus_failures_total", "What went wrong on the bus, by kind.", onBus(failures)),
    ...resilience(each),
  ];
}

const up = (reports: readonly NodeReport[]): Sample[] =>
  reports.map(({ nodeId, figures }) => ({ labels: { node: nodeId }, value: figures ? 1 : 0 }));

function calls(told: readonly { readonly node: string; readonly figures: Figures }[]): string[] {
  const all = told.flatMap(({ node, figures }) => figures.calls.map(({ service, ...of }) => ({ labels: { node, service }, of })));
  const times = all.map(({ labels, of: { count, seconds, p50Seconds, p99Seconds } }) => {
    return { labels, count, sum: seconds, quantiles: { 0.5: p50Seconds, 0.99: p99Seconds } };
  });
  return [
    summary("brickwork_call_seconds", "Time that a node took for calls of a service; quantiles of the last ten seconds.", times),
    metric(
      "counter",
      "brickwork_failed_calls_total",
      "Calls that failed for reasons that were not the caller's, by service.",
      all.map(({ labels, of }) => ({ labels, value: of.failed })),
    ),
  ];
}

function resilience(each: (samples: (figures: Figures) => readonly Sample[]) => Sample[]): string[] {
  return [
    metric(
      "counter",
      "brickwork_retries_total",
      "Lost calls, by outcome: sent again, or refused because the budget was spent.",
      each(({ retries }) => [
        { labels: { outcome: "sent" }, value: retries.sent },
        { labels: { outcome: "refused" }, value: retries.refused },
      ]),
    ),
    metric(
      "gauge",
      "brickwork_retry_budget",
      "Retries that a node may still make at once.",
      each(({ retries }) => [{ value: retries.saved }]),
    ),
    metric(
      "counter",
      "brickwork_breaker_opened_total",
      "How often a node's breakers have opened.",
      each(({ breakers }) => [{ value: breakers.opened }]),
    ),
    metric(
      "gauge",
      "brickwork_breaker_not_closed",
      "1 for each action of another node (`target`) that a node sends nothing, or only a trial.",
      each(({ breakers }) =>
        breakers.notClosed.map(({ nodeId, action, state }) => ({ labels: { target: nodeId, action, state }, value: 1 })),
      ),
    ),
  ];
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
