import { shopper, type Stock } from "../test/support/shopper.ts";
import type { Visitors } from "./visitors.ts";

/** More than any run sells of one SKU. */
const PLENTY = 100_000;
const SHELVES = 40;
/** A page of a list, as a shop window shows it. */
const PAGE = 24;

type Goods = Pick<Visitors, "pages" | "variants"> & { readonly stock: readonly Stock[] };

/** Chooses what people look at and buy in the demo shop, and fills the shelves so that nothing sells out. */
export async function stockUp({ url, adminKey }: { url: string; adminKey: string }): Promise<Goods> {
  const staff = shopper({ url, adminKey });
  const found = (await Promise.all(["brick", "plate", "tile"].map((q) => staff.find(q)))).flat();
  const handles = [...new Set(found.map(({ handle }) => handle))];
  const products = await Promise.all(handles.map((handle) => staff.product(handle)));
  const variants = products.flatMap((product) => product.variants.filter(({ available }) => available !== null).slice(0, 2));
  const chosen = variants.slice(0, SHELVES);
  const stock: Stock[] = [];
  for (const { sku } of chosen) {
    await staff.setStock(sku, PLENTY);
    stock.push(await staff.stock(sku));
  }
  return { variants: chosen.map(({ id, sku }) => ({ id, sku })), pages: pagesOf(handles), stock };
}

/** Lists, product pages and categories in the measure of a shop window: one list for three products. */
const pagesOf = (handles: readonly string[]): string[] =>
  handles.flatMap((handle, at) => [
    `/store/v1/products/${handle}`,
    ...(at % 3 === 0 ? [`/store/v1/products?limit=${PAGE}&q=${["brick", "plate", "tile"][(at / 3) % 3]}`] : []),
    ...(at % 6 === 1 ? [`/store/v1/products?limit=${PAGE}&sort=price`, "/store/v1/categories"] : []),
  ]);
