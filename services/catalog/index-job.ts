import type { Job, Resources } from "../../lib/service.ts";
import { draftOf } from "./full-product.ts";
import { readStale } from "./full-store.ts";
import { INDEX, lockProducts } from "./product-store.ts";
import { upsertProducts } from "./upsert-products.ts";

const STRETCH = 50;

/** Brings what search and facets know of products up to date when a release has new rules for that. */
export const indexJob = ({ db }: Pick<Resources, "db">): Job => ({
  name: "index",
  every: 5_000,
  async work(stopping) {
    let isOver = false;
    while (!isOver && !stopping.aborted) {
      isOver = await db.transaction(async (tx) => {
        await lockProducts(tx);
        const drafts = (await readStale(tx, INDEX, STRETCH)).map(draftOf);
        await upsertProducts(
          tx,
          drafts.map((draft) => ({ draft })),
        );
        return drafts.length < STRETCH;
      });
    }
  },
});
