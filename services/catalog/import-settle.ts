import type { Call } from "../../lib/contract.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";

const own = kernelContract("catalog");
const inventory = kernelContract("inventory");

/** The end of this service's feed, now that everything it has announced has a position. */
export async function feedHead(call: Call): Promise<number> {
  const { head } = await call(own.feed, { after: 0, limit: 1 });
  // Positions are handed out some thousand at a time.
  const next = await call(own.feed, { after: head, limit: 1 });
  return next.head === head ? head : feedHead(call);
}

/**
 * Tells whether what was announced up to `head` can be sold, and be found as in stock: inventory has handled it, and this
 * service has handled what inventory said on that. To be asked again and again.
 */
export function settlement(call: Call, head: number): () => Promise<boolean> {
  let answered: number | undefined;
  return async () => {
    const there = await cursorOf(call, inventory, "catalog");
    if (!there || there.position < head || there.retrying > 0) return false;
    const here = await cursorOf(call, own, "inventory");
    // What matters was said before this first look; what comes later is other business.
    answered ??= here?.head ?? undefined;
    return here !== undefined && answered !== undefined && here.position >= answered && here.retrying === 0;
  };
}

async function cursorOf(call: Call, { cursors: action }: typeof own, name: string) {
  const { cursors } = await call(action, {});
  return cursors.find(({ feed }) => feed === name);
}
