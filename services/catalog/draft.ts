import type { Money } from "../../lib/money.ts";
import type { Cells } from "./cells.ts";
import type { Status } from "./contract.ts";

/** A product as a file, an administrator or the demo describes it, checked and sanitised, before it has ids and stock rows. */
export interface ProductDraft {
  handle: string;
  title: string;
  /** Sanitised HTML. */
  description: string;
  vendor: string;
  /** The product type, may be "". */
  category: string;
  tags: string[];
  /** What is not said stays as it is; a new product is active, published and taxed at the standard rate. */
  status?: Status | undefined;
  published?: boolean | undefined;
  taxClass?: string | undefined;
  cells?: Cells;
  /** At most three; empty for a product with the one variant "Default". */
  options: { name: string; values: string[] }[];
  images: DraftImage[];
  /** At least one. */
  variants: VariantDraft[];
}

/** `cells` are those of a row that has nothing but the image. */
export interface DraftImage {
  url: string;
  alt: string;
  cells?: Cells;
}

/** One sellable thing of a product: a value for each of the product's options. */
export interface VariantDraft {
  sku: string;
  options: Record<string, string>;
  /** "Red / Large", or "Default". */
  title: string;
  price: Money;
  compareAtPrice?: Money;
  tracked: boolean;
  /** Units to put in stock; 0 when untracked. */
  quantity: number;
  policy: "deny" | "continue";
  grams: number;
  requiresShipping: boolean;
  taxable: boolean;
  barcode: string;
  /** URL, or "". */
  image: string;
  cells?: Cells;
}
