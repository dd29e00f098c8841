import { expect, test } from "@jest/globals";
import { readConfig } from "../../lib/config.ts";
import { openFeed } from "../../lib/feed.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { logOver } from "../../lib/log.ts";
import { type ScratchDatabase, scratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes } from "../../test/support/nodes.ts";
import * as catalog from "./contract.ts";
import { demoCatalogue } from "./demo.ts";
import { seeding } from "./seed.ts";

const size = [...demoCatalogue("EUR")].length;
const quiet = () => {};
const log = logOver({ debug: quiet, info: quiet, warn: quiet, error: quiet });

/** Seeds as a node would, until it is stopped. */
const node = (db: ScratchDatabase) => seeding({ db, config: readConfig({ seed: "demo" }, {}), log });

async function countsOf({ sql }: ScratchDatabase): Promise<{ products: number; events: number }> {
  const [counts] = await sql<[{ products: number; events: number }]>`
    select (select count(*) from product) as products, (select count(*) from kernel.feed) as events`;
  return counts;
}

test("a new shop gets the demo catalogue, and is not ready before", async () => {
  await using nodes = await startNodes({ services: ["catalog"], config: { seed: "demo" } });
  const { health } = kernelContract("catalog");
  await eventually(async () => expect((await nodes.call(health, {})).reason).not.toBe("writing the demo catalogue"), 20_000);
  expect((await nodes.request(catalog.findProducts, { q: "벽돌 2x4", sort: "title" })).data[0]?.handle).toBe("brick-2x4");
  expect((await nodes.request(catalog.findProducts, {})).meta.total).toBe(size);
});

test("two nodes that start at once write it once, and later ones not again", async () => {
  await using db = await scratchDatabase("catalog");
  openFeed(db, "catalog");
  const nodes = [node(db), node(db)];
  expect(await nodes[0]!.unready()).toBe("writing the demo catalogue");
  await Promise.all(nodes.map(({ job }) => job.work(AbortSignal.any([]))));
  await node(db).job.work(AbortSignal.any([]));
  expect(await countsOf(db)).toEqual({ products: size, events: size });
  expect(await nodes[1]!.unready()).toBeUndefined();
});

test("what a node left undone is continued by the next one", async () => {
  await using db = await scratchDatabase("catalog");
  openFeed(db, "catalog");
  const stopping = new AbortController();
  const first = node(db).job.work(stopping.signal);
  await eventually(async () => expect((await countsOf(db)).products).toBeGreaterThan(0));
  stopping.abort();
  await first;
  const { products } = await countsOf(db);
  expect(products).toBeLessThan(size);
  expect(await node(db).unready()).toBe("writing the demo catalogue");

  await node(db).job.work(AbortSignal.any([]));
  expect(await countsOf(db)).toEqual({ products: size, events: size });
});

test("a shop that has products already gets none", async () => {
  await using db = await scratchDatabase("catalog");
  await db.sql`
    insert into product (id, is_published, price_amount, title_key, search, handle, title, currency, vendor, category, tags,
                         option_names, images, description)
    values ('prod_mine', true, 1, '', '', 'mine', 'Mine', 'EUR', '', '', '{}', '{}', '[]', '')`;
  await node(db).job.work(AbortSignal.any([]));
  expect(await countsOf(db)).toEqual({ products: 1, events: 0 });
});
