import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { startShop } from "./gateway.support.ts";
import { nodeMetrics } from "./node-metrics.ts";

const figures = {
  pid: 1,
  rss: 2,
  startedAt: "2026-01-01T00:00:00.000Z",
  calls: [
    { service: "orders", count: 3, failed: 1, seconds: 0.5, perSecond: 0, failedPerSecond: 0, p50Seconds: 0.1, p99Seconds: null },
  ],
  retries: { sent: 4, refused: 5, saved: 6 },
  breakers: { opened: 7, notClosed: [{ nodeId: "b", action: "carts.getCart", state: "open" as const }] },
  bus: { sent: 8, received: 9, unsigned: 10, forged: 11, replayed: 12, lostAnswers: 13 },
};

test("what a node tells becomes series with its id", () => {
  const lines = nodeMetrics([
    { nodeId: "a", services: [], figures },
    { nodeId: "b", services: [], figures: null },
  ]);
  const samples = lines.join("").split("\n").filter((line) => line !== "" && !line.startsWith("#")); // prettier-ignore
  expect(samples).toEqual([
    'brickwork_node_up{node="a"} 1',
    'brickwork_node_up{node="b"} 0',
    'brickwork_node_memory_bytes{node="a"} 2',
    'brickwork_call_seconds{node="a",service="orders",quantile="0.5"} 0.1',
    'brickwork_call_seconds_sum{node="a",service="orders"} 0.5',
    'brickwork_call_seconds_count{node="a",service="orders"} 3',
    'brickwork_failed_calls_total{node="a",service="orders"} 1',
    'brickwork_bus_packets_total{node="a",direction="sent"} 8',
    'brickwork_bus_packets_total{node="a",direction="received"} 9',
    'brickwork_bus_dropped_packets_total{node="a",reason="unsigned"} 10',
    'brickwork_bus_dropped_packets_total{node="a",reason="forged"} 11',
    'brickwork_bus_dropped_packets_total{node="a",reason="replayed"} 12',
    'brickwork_bus_failures_total{node="a",kind="lost_answers"} 13',
    'brickwork_retries_total{node="a",outcome="sent"} 4',
    'brickwork_retries_total{node="a",outcome="refused"} 5',
    'brickwork_retry_budget{node="a"} 6',
    'brickwork_breaker_opened_total{node="a"} 7',
    'brickwork_breaker_not_closed{node="a",target="b",action="carts.getCart",state="open"} 1',
  ]);
});

test("the gateway prints the figures of every node, its own too", async () => {
  await using shop = await startShop();
  await shop.ask("/store/v1/things/t1");
  await eventually(async () => {
    const { text } = await shop.ask("/metrics");
    for (const node of [shop.inside.nodeID, shop.outside.nodeID]) expect(text).toContain(`brickwork_node_up{node="${node}"} 1\n`);
    expect(text).toContain(`brickwork_call_seconds_count{node="${shop.inside.nodeID}",service="things"} 1\n`);
    expect(text).toContain(`brickwork_retry_budget{node="${shop.inside.nodeID}"} 200\n`);
  });
});
