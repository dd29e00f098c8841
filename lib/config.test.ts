import { expect, test } from "@jest/globals";
import { describeConfig, readConfig } from "./config.ts";

test("has a default for everything that is not secret", () => {
  expect(readConfig({}, {})).toMatchObject({ port: 3000, data: "./data", currency: "EUR", seed: "demo", mode: "development" });
});

test("the command line wins over the environment", () => {
  expect(readConfig({ port: 4000 }, { PORT: "5000" }).port).toBe(4000);
  expect(readConfig({}, { PORT: "5000" }).port).toBe(5000);
});

test("names every wrong value in one line", () => {
  const wrong = () => readConfig({}, { PORT: "seventy", CURRENCY: "euro", DATABASE_URL: "mysql://x", SHOP_SECRET: "short" });
  expect(wrong).toThrow(/PORT .*; .*DATABASE_URL must be a postgres:\/\/ URL; SHOP_SECRET .*; CURRENCY/);
  expect(wrong).not.toThrow(/\n/);
});

test("an empty variable counts as not set", () => {
  expect(readConfig({}, { PORT: "" }).port).toBe(3000);
});

test("finds the databases of single services", () => {
  expect(readConfig({}, { CATALOG_DATABASE_URL: "postgres://a/b" }).databaseUrls).toEqual({ catalog: "postgres://a/b" });
});

test("describes every value and never shows a secret", () => {
  const rows = describeConfig({ BUS_KEY: "k".repeat(40), PORT: "5000" });
  expect(rows.every(({ description }) => description.endsWith("."))).toBe(true);
  expect(rows.find(({ name }) => name === "BUS_KEY")).toMatchObject({ isSet: true, value: "(set)" });
  expect(rows.find(({ name }) => name === "PORT")).toMatchObject({ default: "3000", value: "5000" });
});
