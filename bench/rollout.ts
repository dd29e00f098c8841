import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findServices } from "../lib/node.ts";
import { copiedCheckout } from "../test/support/copied-checkout.ts";
import { brickwork, nodesOf, type Shop, startShop } from "../test/support/shop.ts";
import { type Audit, audit, problemsOf } from "./audit.ts";
import type { Options } from "./bench.ts";
import { now } from "./clock.ts";
import { stockUp } from "./crowd.ts";
import { percentile, print, save, seconds } from "./report.ts";
import { lateness, type Request, type Seen, sendVisitors, waits } from "./visitors.ts";

// Every service, one after the other, is deployed to a changed release and rolled back while people browse and buy. No request
// may fail and no order be lost or doubled.

/** A second. A machine that has other things to do may be given less. */
const BROWSE = 200;
const BUY = 10;
/** Until everything was called a few hundred times. */
const WARM_UP = 10_000;
/** Before the first deployment, for comparison. */
const QUIET = 10_000;
/** Of browsing, milliseconds: what P8 of our aims allows. */
const GOAL = 250;
const QUICK: ReadonlySet<string> = new Set(["catalog", "orders", "gateway"]);

/** A stretch of the run. */
interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Milliseconds; null where nothing was deployed. */
  readonly deploy: number | null;
  readonly rollback: number | null;
  /** Why a deployment or a rollback did not come about. */
  readonly refusals: readonly string[];
}

/** `npm run bench -- rollout`: independent deployment under load. */
export async function benchRollout({ quick, browse = BROWSE, buy = BUY }: Options): Promise<void> {
  await using checkout = await copiedCheckout();
  const shop = await startShop({ shape: "split", root: checkout.path });
  try {
    const services = findServices(join(checkout.path, "services")).filter((name) => !quick || QUICK.has(name));
    const { stock, ...goods } = await stockUp(shop);
    using visitors = await sendVisitors({ url: shop.url, browse, buy, ...goods });
    await sleep(WARM_UP);
    const stretches = [await quiet()];
    for (const service of services) stretches.push(await deployAndBack(shop, checkout.path, service));
    const seen = await visitors.leave();
    const books = await audit({ ...shop, stock }, seen.purchases);
    console.log(`Every service deployed and rolled back under ${browse} page views and ${buy} purchases a second. Milliseconds,`);
    console.log("counted from the moment at which a request was due. Impaired: answered with an older or incomplete page.\n");
    tell(stretches, seen, books);
    await save("rollout", { browse, buy, stretches: stretches.map((stretch) => figuresOf(stretch, seen.requests)), books });
  } finally {
    await shop.stop();
    await rm(shop.data, { recursive: true, force: true });
  }
}

async function quiet(): Promise<Stretch> {
  const from = now();
  await sleep(QUIET);
  return { name: "(no deployment)", from, to: now(), deploy: null, rollback: null, refusals: [] };
}

/** Changes one line of a service, deploys it, and rolls it back. */
async function deployAndBack({ data }: Shop, root: string, service: string): Promise<Stretch> {
  const path = join(root, "services", service, `${service}.service.ts`);
  const source = await readFile(path, "utf8");
  const before = await nodesOf(data);
  await appendFile(path, "\n// A change.\n");
  const from = now();
  const refusals = [...(await command("deploy", service, data))];
  const deployed = now();
  if (refusals.length === 0) refusals.push(...(await command("rollback", service, data)));
  const to = now();
  await writeFile(path, source);
  const replaced = (await nodesOf(data)).filter(({ nodeId }) => !before.some((node) => node.nodeId === nodeId));
  if (replaced.some(({ services }) => !services.includes(service))) throw new Error(`more than ${service} was replaced`);
  return { name: service, from, to, deploy: deployed - from, rollback: to - deployed, refusals };
}

/** Answers what was refused. */
async function command(verb: "deploy" | "rollback", service: string, data: string): Promise<string[]> {
  const { code, stdout, stderr } = await brickwork(verb, service, "--data", data);
  return code === 0 && / went from /.test(stdout) ? [] : [`${verb} ${service} ended with ${code}: ${stdout}${stderr}`];
}

function figuresOf(stretch: Stretch, all: readonly Request[]) {
  const requests = all.filter(({ due }) => due >= stretch.from && due < stretch.to);
  const [browse, checkout] = [waits(requests, "browse"), waits(requests, "checkout")];
  return {
    ...stretch,
    requests: requests.length,
    failures: requests.flatMap(({ failure }) => failure ?? []),
    impaired: requests.filter(({ isImpaired }) => isImpaired).length,
    browse: {
      p50: percentile(browse, 50),
      p95: percentile(browse, 95),
      p99: percentile(browse, 99),
      max: percentile(browse, 100),
    },
    checkout: { p50: percentile(checkout, 50), p99: percentile(checkout, 99) },
  };
}

type Figures = ReturnType<typeof figuresOf>;

const ms = (value: number): string => value.toFixed(0);

const row = ({ name, deploy, rollback, requests, failures, impaired, browse, checkout }: Figures): string[] => [
  name,
  deploy === null ? "" : seconds(deploy),
  rollback === null ? "" : seconds(rollback),
  String(requests),
  String(failures.length),
  String(impaired),
  ...[browse.p50, browse.p95, browse.p99, browse.max, checkout.p99].map(ms),
];

function tell(stretches: readonly Stretch[], { requests, purchases }: Seen, books: Audit): void {
  const deployed = stretches.slice(1);
  const together = { ...deployed[0]!, name: "all deployments", to: deployed.at(-1)!.to, deploy: null, rollback: null };
  const figures = [...stretches, together].map((stretch) => figuresOf(stretch, requests));
  const head = [
    "service",
    "deploy",
    "rollback",
    "requests",
    "failed",
    "impaired",
    "browse p50",
    "p95",
    "p99",
    "max",
    "checkout p99",
  ];
  print(head, figures.map(row));
  console.log(
    `\nThe visitors' own process sent its requests ${percentile(lateness(requests), 99).toFixed(1)} ms late at the 99th percentile.`,
  );
  const failures = requests.flatMap(({ failure }) => failure ?? []);
  for (const [failure, times] of Object.entries(Object.groupBy(failures, (text) => text)))
    console.log(`${times!.length} x ${failure}`);
  const refusals = stretches.flatMap((stretch) => stretch.refusals);
  for (const problem of [...refusals, ...problemsOf(books)]) console.log(problem);
  const open = purchases.filter(({ state }) => state === "open").length;
  const { orders, lost, doubled, wrongMoney, wrongStock } = books;
  console.log(`\n${requests.length} requests, ${orders} orders, ${open} of them answered before they were settled.`);
  const isKept = failures.length + refusals.length + problemsOf(books).length === 0;
  const verdict = [
    `${failures.length} failed requests`,
    `${refusals.length} deployments refused`,
    `${lost.length} orders lost`,
    `${doubled.length} doubled`,
    `${wrongMoney.length} charged wrongly`,
    `${wrongStock.length} SKUs wrong`,
  ].join(", ");
  const { p99 } = figures.at(-1)!.browse;
  const speed = `browse p99 ${ms(p99)} ms while deploying: the goal of ${GOAL} ms is ${p99 < GOAL ? "met" : "not met"}`;
  console.log(`${isKept ? "Kept" : "BROKEN"}: ${verdict}; ${speed}.`);
  if (!isKept) process.exitCode = 1;
}
