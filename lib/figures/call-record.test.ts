import { expect, test } from "@jest/globals";
import { CallRecord } from "./call-record.ts";

test("what is recent is the last ten whole seconds, and counts go on", () => {
  const record = new CallRecord();
  for (let at = 0; at < 100; at++) record.observe(at === 99 ? 1 : 0.01, at < 5, 100 + at / 100);
  expect(record.recent(100.99)).toEqual({ perSecond: 0, failedPerSecond: 0, p50Seconds: null, p99Seconds: null });
  expect(record.recent(101)).toMatchObject({ perSecond: 10, failedPerSecond: 0.5 });
  expect(record.recent(110.9)).toMatchObject({ perSecond: 10 });
  expect(record.recent(111)).toMatchObject({ perSecond: 0, p99Seconds: null });
  record.observe(0.01, false, 111.5);
  expect(record.recent(112)).toMatchObject({ perSecond: 0.1 });
  expect({ ...record }).toMatchObject({ count: 101, failed: 5 });
  expect(record.seconds).toBeCloseTo(2);
});

test.each([0.000_01, 0.001, 0.02, 0.5, 7])("a quantile of calls that all took %d s is at most a half above it", (seconds) => {
  const record = new CallRecord();
  for (let call = 0; call < 50; call++) record.observe(seconds, false, 5);
  const { p50Seconds, p99Seconds } = record.recent(6);
  expect(p50Seconds).toBe(p99Seconds);
  expect(p50Seconds).toBeGreaterThanOrEqual(seconds);
  expect(p50Seconds).toBeLessThanOrEqual(Math.max(seconds * 1.5, 0.000_05));
});

test("the slowest hundredth is told from the rest, and what takes for ever is a minute", () => {
  const record = new CallRecord();
  for (let call = 0; call < 97; call++) record.observe(0.001, false, 5);
  for (let call = 0; call < 3; call++) record.observe(3_600, false, 5);
  const { p50Seconds, p99Seconds } = record.recent(6);
  expect(p50Seconds).toBeLessThan(0.002);
  expect(p99Seconds).toBeGreaterThan(60);
});
