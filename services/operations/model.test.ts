import { expect, test } from "@jest/globals";
import { type Listed, mergePage, readCursor, servicesOf, viewOf } from "./model.ts";

const at = (service: string, second: number): Listed => ({
  id: `${service}${second}`,
  service,
  at: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`,
});
const ids = (listed: readonly Listed[]) => listed.map(({ id }) => id);

test("a page is the newest of all, and the next one starts behind what was shown", () => {
  const { data, nextCursor } = mergePage(
    [
      [at("a", 9), at("a", 3)],
      [at("b", 8), at("b", 7)],
    ],
    {},
    2,
  );
  expect(ids(data)).toEqual(["a9", "b8"]);
  expect(readCursor(nextCursor!)).toEqual({ a: "a9", b: "b8" });
});

test("a service that gave nothing to this page goes on where it was", () => {
  const { nextCursor } = mergePage([[at("a", 9), at("a", 8)], [at("b", 1)]], { b: "b2" }, 2);
  expect(readCursor(nextCursor!)).toEqual({ a: "a8", b: "b2" });
});

test("the last page has no next one", () => {
  expect(mergePage([[at("a", 9)], []], {}, 2)).toEqual({ data: [at("a", 9)], nextCursor: null });
});

test.each([["nonsense"], ["W10"], ["eyJhIjoxfQ"], ["bnVsbA"]])("%s is not a cursor", (cursor) => {
  expect(readCursor(cursor)).toBeUndefined();
});

test("what came at the same instant is listed by id, whoever listed it first", () => {
  const same = ["b", "a", "c"].map((id) => ({ ...at("x", 1), id }));
  for (const lists of [same.map((one) => [one]), same.toReversed().map((one) => [one])]) {
    expect(ids(mergePage(lists, {}, 10).data)).toEqual(["c", "b", "a"]);
  }
});

test.each([
  "",
  "no base64 of ours",
  Buffer.from("[1]").toString("base64url"),
  Buffer.from("null").toString("base64url"),
  Buffer.from('{"a":1}').toString("base64url"),
])("%p is no cursor", (text) => expect(readCursor(text)).toBeUndefined());
test("no cursor is the beginning", () => expect(readCursor(undefined)).toEqual({}));
const calls = (service: string, perSecond: number, p99Seconds: number | null) => {
  return { service, count: 9, failed: 0, seconds: 1, perSecond, failedPerSecond: 0.1, p50Seconds: null, p99Seconds };
};
const report = (nodeId: string, version: string | null, ...told: ReturnType<typeof calls>[]) => ({
  nodeId,
  services: [{ name: "orders", version }],
  figures: {
    pid: 1,
    rss: 2,
    startedAt: "2026-01-01T00:00:00.000Z",
    calls: told,
    retries: { sent: 1, refused: 2, saved: 3 },
    breakers: { opened: 4, notClosed: [] },
    bus: { sent: 9, unsigned: 1, forged: 2, replayed: 3 },
  },
});

test("a service is the sum of its nodes, and as slow as its slowest", () => {
  const silent = { ...report("c", "2"), figures: null };
  const reports = [report("a", "1", calls("orders", 0.1, 0.5)), report("b", "2", calls("orders", 0.2, null)), silent];
  expect(servicesOf(reports)).toEqual([
    { name: "orders", nodes: 3, versions: ["1", "2"], perSecond: 0.3, failedPerSecond: 0.2, p50Seconds: null, p99Seconds: 0.5 },
  ]);
  expect(servicesOf([report("a", null)])).toMatchObject([{ nodes: 1, versions: [], perSecond: 0, p99Seconds: null }]);
});

test("a node shows what it told, and one that told nothing shows that", () => {
  expect(viewOf(report("a", "1"))).toEqual({
    nodeId: "a",
    services: [{ name: "orders", version: "1" }],
    pid: 1,
    rss: 2,
    startedAt: "2026-01-01T00:00:00.000Z",
    calls: [],
    breakers: [],
    retries: { sent: 1, refused: 2 },
    droppedPackets: 6,
  });
  expect(viewOf({ ...report("a", "1"), figures: null })).toMatchObject({
    pid: null,
    calls: [],
    retries: null,
    droppedPackets: null,
  });
});

test("the slowest node speaks for a service, and a node that dropped nothing says so", () => {
  const reports = ["a", "b", "c"].map((id, place) => report(id, "1", calls("orders", 1, [0.1, 0.5, 0.3][place]!)));
  expect(servicesOf(reports)[0]?.p99Seconds).toBe(0.5);
  const quiet = report("a", "1");
  expect(viewOf({ ...quiet, figures: { ...quiet.figures, bus: {} } }).droppedPackets).toBe(0);
});
