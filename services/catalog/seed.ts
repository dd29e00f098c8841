import type { Resources } from "../../lib/service.ts";
import { demoCatalogue } from "./demo.ts";
import type { ProductDraft } from "./draft.ts";
import * as store from "./seed-store.ts";
import { upsertProducts } from "./upsert-products.ts";

const STRETCH = 50;

/** Writes the demo catalogue into an empty shop, once. Nodes that do it at the same time share the work. */
export function seeding({ db, config, log }: Pick<Resources, "db" | "config" | "log">) {
  let isOver = config.seed !== "demo";

  const write = async (drafts: ProductDraft[], from: number, isLast: boolean): Promise<void> => {
    await db.transaction(async (tx) => {
      const isMine = await store.advanceSeeding(tx, { from, to: from + drafts.length, isLast });
      if (isMine)
        await upsertProducts(
          tx,
          drafts.map((draft) => ({ draft })),
        );
    });
  };

  const seed = async (stopping: AbortSignal): Promise<void> => {
    await store.beginSeeding(db.sql);
    isOver = await store.isSeeded(db.sql);
    if (isOver) return;
    const drafts = [...demoCatalogue(config.currency)];
    for (let from = 0; from < drafts.length && !stopping.aborted; from += STRETCH) {
      await write(drafts.slice(from, from + STRETCH), from, from + STRETCH >= drafts.length);
    }
    isOver = await store.isSeeded(db.sql);
    if (isOver) log.info(`the demo catalogue is there: ${drafts.length} products`);
  };

  return {
    job: { name: "seed", every: 1_000, work: async (stopping: AbortSignal) => void (isOver || (await seed(stopping))) },
    unready: async () => (isOver || (await store.isSeeded(db.sql)) ? undefined : "writing the demo catalogue"),
  };
}
