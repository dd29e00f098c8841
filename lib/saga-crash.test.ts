import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { join } from "node:path";
import { eventually } from "../test/support/eventually.ts";
import { failpointsSeen, recordFailpoints } from "./failpoint.ts";
import { goes, refused } from "./saga.fixture.ts";
import { fresh, sagaWorld, type World } from "./saga.support.ts";

const CHILD = join(import.meta.dirname, "saga-crash.fixture.ts");

/** Every border that the two sagas cross. */
async function borders(world: World): Promise<string[]> {
  await using node = world.node([goes, refused]);
  recordFailpoints();
  for (const definition of [goes, refused]) await node.outcome(await world.start(node, definition), 5_000);
  return failpointsSeen();
}

/** Has a process of its own start a saga and die at the failpoint; answers with the saga's id. */
async function crashAt(world: World, point: string): Promise<string> {
  const id = fresh(point);
  const name = point.split(".").slice(1, 3).join(".");
  const child = spawn(process.execPath, [CHILD, world.db.url, world.far.url, name, id, point], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await event(child, "exit");
  expect([point, code, signal]).toEqual([point, null, "SIGKILL"]);
  return id;
}

const GONE = ["five applied", "four applied", "one applied", "two applied"];
const UNDONE = ["one applied", "one revoked", "two applied", "two revoked"];

test("a crash at any border is survived: every effect happens once, and the saga ends", async () => {
  await using world = await sagaWorld();
  const points = await borders(world);
  expect(points.length).toBeGreaterThan(30);
  const ids: string[] = [];
  const queue = [...points];
  const worker = async () => {
    for (let point = queue.shift(); point; point = queue.shift()) ids.push(await crashAt(world, point));
  };
  await Promise.all([worker(), worker()]);

  await using node = world.node([goes, refused]);
  for (const id of ids) {
    const isRefused = id.includes("saga.shop.refused");
    const status = isRefused ? "compensated" : "completed";
    await eventually(async () => expect([id, (await node.outcome(id, 0)).status]).toEqual([id, status]));
    expect([id, (await world.ledger(id)).sort()]).toEqual([id, isRefused ? UNDONE : GONE]);
    expect([id, await world.facts(id)]).toEqual([id, isRefused ? ["compensated"] : ["three", "six"]]);
  }
});
