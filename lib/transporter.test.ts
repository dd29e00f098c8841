import { expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { OperatorError } from "./operator-error.ts";
import { busCounters, transporterOf } from "./transporter.ts";

const REDIS = "redis://127.0.0.1:6379";
const KEY = "k".repeat(32);

test("the configuration decides: no Redis, no bus; Redis needs a key", () => {
  expect(transporterOf({ redisUrl: undefined, busKey: undefined })).toBeNull();
  expect(transporterOf({ redisUrl: REDIS, busKey: KEY })).not.toBeNull();
  expect(() => transporterOf({ redisUrl: REDIS, busKey: undefined })).toThrow(OperatorError);
  expect(() => transporterOf({ redisUrl: REDIS, busKey: undefined })).toThrow(/BUS_KEY/);
});

test("a broker on our bus has counters, another one has none", () => {
  const options = { logger: false, skipProcessEventRegistration: true };
  expect(busCounters(new ServiceBroker({ ...options, transporter: transporterOf({ redisUrl: REDIS, busKey: KEY }) }))?.sent).toBe(
    0,
  );
  expect(busCounters(new ServiceBroker(options))).toBeUndefined();
});
