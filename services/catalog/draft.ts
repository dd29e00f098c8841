import type { Money } from "../../lib/money.ts";

/** A product as a file or the demo describes it, checked and sanitised, before it has ids and stock rows. */
export interface ProductDraft {
  handle: string;
  title: string;
  /** Sanitised HTML. */
  description: string;
  vendor: string;
  /** The product type, may be "". */
  category: string;
  tags: string[];
  published: boolean;
  /** At most three; empty for a product with the one variant "Default". */
  options: { name: string; values: string[] }[];
  images: { url: string; alt: string }[];
  /** At least one. */
  variants: VariantDraft[];
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
}
