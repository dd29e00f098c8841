import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import type { Config } from "../../lib/config.ts";
import { action } from "../../lib/contract.ts";
import { announce } from "../../lib/feed.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { service } from "../../lib/service.ts";
import { productChanged } from "../catalog/contract.ts";
import * as inventory from "./contract.ts";
import type { Variant } from "./store.ts";

const offer = action("catalog.offer", { summary: "Announces a product.", input: productChanged.payload, output: z.object({}) });

/** Another implementation of `catalog`: it announces whatever it is told to. */
function offeringCatalog(folder: string) {
  return service(
    "catalog",
    { offer, productChanged },
    () => ({
      actions: {
        offer: (product, ctx) =>
          ctx.commit(async (tx) => {
            await announce(tx, productChanged, product);
            return {};
          }),
      },
    }),
    { folder },
  );
}

/** A variant as the catalog announces it: ten tracked units unless said otherwise. */
export const aVariant = (sku: string, changes: Partial<Variant> = {}): Variant => ({
  variantId: idFor("var", sku),
  sku,
  isTracked: true,
  policy: "deny",
  quantity: 10,
  ...changes,
});

export const line = (sku: string, quantity = 1) => ({ variantId: idFor("var", sku), sku, quantity });

export const level = (sku: string, onHand: number, reserved = 0) => ({ sku, onHand, reserved, available: onHand - reserved });

/** The same thing again and again. */
export const repeat = <T>(count: number, thing: T): T[] => Array.from({ length: count }, () => thing);

export const newOrder = () => newId("ord");

/** Inventory beside a catalog that the test speaks for. */
export async function startInventory(config: Partial<Config> = {}) {
  // The stand-in needs a database for its feed and has no tables of its own.
  const folder = mkdtempSync(join(tmpdir(), "catalog-"));
  mkdirSync(join(folder, "migrations"));
  const nodes = await startNodes({ services: ["inventory"], schemas: [offeringCatalog(folder)], config });
  return {
    ...nodes,
    ...shop(nodes),
    async [Symbol.asyncDispose]() {
      await nodes[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function shop({ call }: TestNodes) {
  const reserve = (orderId: string, ...lines: ReturnType<typeof line>[]) => call(inventory.reserve, { orderId, lines });
  return {
    reserve,
    /** Announces variants and waits until inventory has followed. */
    async given(...variants: Variant[]) {
      await call(offer, { productId: newId("prod"), variants });
      await eventually(async () => {
        const { cursors } = await call(kernelContract("inventory").cursors, {});
        if (cursors.some(({ lag, state }) => state !== "reading" || lag !== 0)) throw new Error("inventory lags behind");
        if (cursors.some(({ retrying, parked }) => retrying + parked > 0)) throw new Error("inventory refuses the product");
      });
    },
    async levelOf(sku: string) {
      return (await call(inventory.findStock, { sku })).data[0];
    },
    /** What was announced of each SKU, in order. */
    async told() {
      const { events } = await call(kernelContract("inventory").feed, { after: 0 });
      const flips = events.filter(({ type }) => type === inventory.availabilityChanged.name);
      return flips.map(({ payload }) => [payload.sku, payload.isAvailable]);
    },
  };
}
