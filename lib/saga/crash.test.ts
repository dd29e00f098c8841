import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { join } from "node:path";
import { eventually } from "../../test/support/eventually.ts";
import { failpointsSeen, recordFailpoints } from "../failpoint.ts";
import { goes, refused, type State } from "./saga.fixture.ts";
import { fresh, sagaWorld, type World } from "./saga.support.ts";
import type { SagaDefinition } from "../saga.ts";

const CHILD = join(import.meta.dirname, "crash.fixture.ts");

/** Every border that the two sagas cross. */
async function borders(world: World): Promise<string[]> {
  await using node = world.node([goes, refused]);
  recordFailpoints();
  for (const definition of [goes, refused]) await node.outcome(await world.start(node, definition), 5_000);
  return failpointsSeen();
}

interface Crash {
  readonly id: string;
  readonly definition: SagaDefinition<State>;
  readonly point: string;
}

/** A crash at each border, under a version of its own, so that no dying process takes up what another one left. */
const crashesAt = (points: readonly string[]): Crash[] =>
  points.map((point, index) => {
    const definition = point.startsWith(`saga.${goes.name}.`) ? goes : refused;
    return { id: fresh("crash"), definition: { ...definition, version: index + 2 }, point };
  });

/** Has a process of its own start the saga and die at the border. */
async function crash(world: World, { id, definition, point }: Crash): Promise<void> {
  const plan = [world.db.url, world.far.url, definition.name, String(definition.version), id, point];
  const child = spawn(process.execPath, [CHILD, ...plan], { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = await event(child, "exit");
  expect({ point, code, signal }).toEqual({ point, code: null, signal: "SIGKILL" });
}

const WENT = {
  status: "completed",
  ledger: ["five applied", "four applied", "one applied", "two applied"],
  facts: ["three", "six"],
};
const UNDONE = {
  status: "compensated",
  ledger: ["one applied", "one revoked", "two applied", "two revoked"],
  facts: ["compensated"],
};

// Some forty processes take about ten seconds, or a minute on a machine that is busy.
test("a crash at any border is survived: every effect happens once, and the saga ends", async () => {
  await using world = await sagaWorld();
  const crashes = crashesAt(await borders(world));
  expect(crashes.length).toBeGreaterThan(30);
  const queue = crashes.values();
  const worker = async () => {
    for (const next of queue) await crash(world, next);
  };
  await Promise.all([worker(), worker()]);

  await using node = world.node(crashes.map(({ definition }) => definition));
  for (const { id, definition, point } of crashes) {
    const expected = definition.name === goes.name ? WENT : UNDONE;
    const status = async () => (await node.outcome(id, 0)).status;
    await eventually(async () => expect({ point, status: await status() }).toEqual({ point, status: expected.status }));
    const ledger = (await world.ledger(id)).toSorted();
    expect({ point, status: await status(), ledger, facts: await world.facts(id) }).toEqual({ point, ...expected });
  }
}, 120_000);
