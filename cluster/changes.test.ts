import { expect, test } from "@jest/globals";
import { eventually } from "../test/support/eventually.ts";
import { Changes } from "./changes.ts";

const scale = { what: "scale", service: "orders" } as const;

test("a change that takes longer is answered as running, and listed with what came of it", async () => {
  const changes = new Changes();
  const [well, badly] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const begun = await Promise.all([well, badly].map(({ promise }) => changes.begin(scale, () => promise)));
  expect(begun.map(({ status, endedAt }) => [status, endedAt])).toEqual([
    ["running", null],
    ["running", null],
  ]);
  well.resolve("3 nodes");
  badly.reject(new Error("it died"));
  await eventually(() =>
    expect(changes.list()).toEqual([
      { ...begun[1], status: "failed", outcome: "it died", endedAt: expect.any(String) },
      { ...begun[0], status: "done", outcome: "3 nodes", endedAt: expect.any(String) },
    ]),
  );
});

test("a change that ends at once is answered with its end, and one that cannot be is refused and listed", async () => {
  const changes = new Changes();
  expect(await changes.begin(scale, async () => "1 nodes")).toMatchObject({ status: "done", outcome: "1 nodes" });
  const refused = changes.begin(scale, async () => {
    throw new Error("there is no such service");
  });
  await expect(refused).rejects.toThrow("there is no such service");
  expect(changes.list().map(({ status }) => status)).toEqual(["failed", "done"]);
});

test("the last fifty are kept", async () => {
  const changes = new Changes();
  for (let count = 1; count <= 60; count++) await changes.begin(scale, async () => `${count} nodes`);
  const outcomes = changes.list().map(({ outcome }) => outcome);
  expect([outcomes.length, outcomes[0], outcomes.at(-1)]).toEqual([50, "60 nodes", "11 nodes"]);
});
