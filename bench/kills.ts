import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../test/support/eventually.ts";
import { brickwork, nodesOf, startShop } from "../test/support/shop.ts";
import { audit, problemsOf } from "./audit.ts";
import { killBareNodes, PER_SECOND } from "./bare-kills.ts";
import { stockUp } from "./crowd.ts";
import { median, print, save } from "./report.ts";
import { sendVisitors } from "./visitors.ts";

// kill -9 of one of two nodes under load: first between bare nodes, where every single call can be followed, then in a whole shop.

/** Milliseconds between two kills. */
const PAUSE = 2_000;
/** Milliseconds: P7 of our aims. */
const GOAL = 300;

/** `npm run bench -- kills`: what a killed node costs its callers. */
export async function benchKills({ quick }: { quick: boolean }): Promise<void> {
  const kills = await killBareNodes(quick ? 8 : 30);
  const shop = await killInShop(quick ? 2 : 8);
  const noticed = kills.map((kill) => kill.noticed);
  const failures = kills.flatMap((kill) => kill.failures);
  const calls = kills.reduce((sum, kill) => sum + kill.calls, 0);
  console.log(
    `kill -9 of one of two nodes. ${kills.length} times under ${PER_SECOND} calls a second, half of them safe and half keyed,`,
  );
  console.log(`and ${shop.kills} times of one of two inventory nodes of a shop under 100 page views and 5 purchases a second.\n`);
  print(
    ["what", "measured", "goal"],
    [
      ["last call to the dead node, after its death, max", `${Math.max(...noticed).toFixed(0)} ms`, `< ${GOAL} ms`],
      ["the same, median", `${median(noticed).toFixed(0)} ms`, ""],
      ["slowest call, max", `${Math.max(...kills.map(({ slowest }) => slowest)).toFixed(0)} ms`, ""],
      ["failed safe and keyed calls", `${failures.length} of ${calls}`, "0"],
      ["failed requests of the shop", `${shop.failures.length} of ${shop.requests}`, "0"],
      ["orders that are not as they should be", `${shop.problems.length} of ${shop.orders}`, "0"],
    ],
  );
  for (const line of new Set([...failures, ...shop.failures, ...shop.problems])) console.log(line);
  await save("kills", { kills, shop });
  if (failures.length + shop.failures.length + shop.problems.length > 0) process.exitCode = 1;
}

async function killInShop(kills: number) {
  const shop = await startShop({ shape: "split", args: ["--scale", "inventory=2"] });
  try {
    const { stock, ...goods } = await stockUp(shop);
    using visitors = await sendVisitors({ url: shop.url, ...goods, browse: 100, buy: 5 });
    for (let kill = 0; kill < kills; kill++) {
      await sleep(PAUSE);
      const [victim] = await inventory(shop.data, 2);
      await brickwork("kill", victim!.nodeId, "--data", shop.data);
    }
    await inventory(shop.data, 2);
    const { requests, purchases } = await visitors.leave();
    const books = await audit({ ...shop, stock }, purchases);
    const failures = requests.flatMap(({ failure }) => failure ?? []);
    return { kills, requests: requests.length, failures, orders: books.orders, problems: problemsOf(books) };
  } finally {
    await shop.stop();
    await rm(shop.data, { recursive: true, force: true });
  }
}

const inventory = (data: string, count: number) =>
  eventually(async () => {
    const ready = (await nodesOf(data)).filter((node) => node.ready && node.services.includes("inventory"));
    if (ready.length !== count) throw new Error(`${ready.length} of ${count} inventory nodes are ready`);
    return ready;
  }, 60_000);
