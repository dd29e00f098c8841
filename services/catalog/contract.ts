import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";

export const ProductId = Id("prod");
export const VariantId = Id("var");
export const ImportId = Id("imp");
export const UploadId = Id("upl");
export type ProductId = z.output<typeof ProductId>;
export type VariantId = z.output<typeof VariantId>;

/** Names one variant over the whole shop, for people and for stock. */
export const Sku = z.string().min(1).max(120);

const Image = z.object({ url: z.string(), alt: z.string() });

/** A product as a list shows it. `price` is the lowest of its variants. */
export const ProductItem = z.object({
  id: ProductId,
  handle: z.string(),
  title: z.string(),
  image: Image.nullable(),
  price: Money,
  inStock: z.boolean(),
});

/** `available` is null where stock is not tracked, and where it could not be learned: then `degraded` says so. */
export const ProductVariant = z.object({
  id: VariantId,
  sku: Sku,
  title: z.string(),
  options: z.record(z.string(), z.string()),
  price: Money,
  compareAtPrice: Money.optional(),
  image: Image.nullable(),
  available: z.int().nullable(),
});

export const Product = z.object({
  id: ProductId,
  handle: z.string(),
  title: z.string(),
  description: z.string(),
  vendor: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  images: z.array(Image),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  variants: z.array(ProductVariant),
  degraded: z.array(z.literal("availability")),
});

/** What pricing, carts and orders need to know of a variant. */
export const VariantFacts = z.object({
  id: VariantId,
  productId: ProductId,
  sku: Sku,
  productTitle: z.string(),
  handle: z.string(),
  title: z.string(),
  image: Image.nullable(),
  price: Money,
  grams: z.int(),
  requiresShipping: z.boolean(),
  isTaxable: z.boolean(),
  /** Which of a country's tax rates applies: `standard` if nothing else was said. */
  taxClass: z.string(),
  /** Handles of the product's category and of all that it lies in. */
  categories: z.array(z.string()),
});

/** `findProducts` takes the id or the handle. */
export interface Category {
  id: string;
  handle: string;
  name: string;
  count: number;
  children: Category[];
}

const CategoryNode: z.ZodType<Category> = z.lazy(() =>
  z.object({ id: z.string(), handle: z.string(), name: z.string(), count: z.int(), children: z.array(CategoryNode) }),
);

export const Sort = z.enum(["relevance", "price", "-price", "newest", "title"]);
export type Sort = z.output<typeof Sort>;

const BROWSE = "public, max-age=5, stale-while-revalidate=60";

export const findProducts = action("catalog.findProducts", {
  summary: "Lists published products: searched, filtered and sorted.",
  input: z.object({
    q: z.string().max(200).optional(),
    category: z.string().max(200).optional(),
    minPrice: z.int().min(0).optional(),
    maxPrice: z.int().min(0).optional(),
    inStock: z.boolean().optional(),
    sort: Sort.optional(),
    ...paging,
  }),
  output: page(ProductItem),
  access: "public",
  http: { route: "GET /store/v1/products", cacheControl: BROWSE },
});

export const getProduct = action("catalog.getProduct", {
  summary: "One published product with its variants and what of them is available.",
  input: z.object({ idOrHandle: z.string().min(1).max(255) }),
  output: Product,
  access: "public",
  http: { route: "GET /store/v1/products/:idOrHandle", cacheControl: BROWSE, faults: ["not_found"] },
});

export const findCategories = action("catalog.findCategories", {
  summary: "The tree of categories, each with its number of published products.",
  input: z.object({}),
  output: z.object({ data: z.array(CategoryNode) }),
  access: "public",
  http: { route: "GET /store/v1/categories", cacheControl: BROWSE },
});

export const getPicture = action("catalog.getPicture", {
  summary: "The picture of a building brick, drawn for the demo catalogue.",
  input: z.object({ name: z.string().max(120) }),
  output: z.object({ body: z.string() }),
  access: "public",
  http: {
    route: "GET /media/parts/:name",
    answers: "image/svg+xml",
    cacheControl: "public, max-age=31536000, immutable",
    faults: ["not_found"],
  },
});

export const findVariants = action("catalog.findVariants", {
  summary: "What others need to know of variants. Unknown ids and variants of unpublished products are left out.",
  input: z.object({ variantIds: z.array(VariantId).max(500) }),
  output: z.object({ variants: z.array(VariantFacts) }),
  repeat: "safe",
});

/** How far an import has come, counted in variants. `completed` means: sellable, in stock and found by search. */
export const Import = z.object({
  id: ImportId,
  status: z.enum(["running", "completed", "failed"]),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  failed: z.int(),
  /** From 0 to 1, over the bytes of the file. */
  progress: z.number(),
  errors: z.array(z.object({ line: z.int(), column: z.string(), message: z.string() })),
});

export const receiveUpload = action("catalog.receiveUpload", {
  summary: "Takes one piece of an uploaded file; a piece that arrives twice counts once.",
  input: z.object({ upload: UploadId, index: z.int().min(0).max(1_000), base64: z.string().max(700_000) }),
  output: z.object({}),
  repeat: "keyed",
});

export const startImport = action("catalog.startImport", {
  summary: "Imports products from Shopify's product CSV. Good lines go in, bad lines are reported.",
  input: z.object({ upload: UploadId }),
  output: Import,
  access: "admin",
  http: {
    route: "POST /admin/v1/imports",
    status: 202,
    body: { kind: "upload", mediaType: "text/csv", limit: 50 * 1_048_576, to: "catalog.receiveUpload" },
    faults: ["too_large", "unsupported_media_type"],
  },
});

export const getImport = action("catalog.getImport", {
  summary: "How far an import has come.",
  input: z.object({ id: ImportId }),
  output: Import,
  access: "admin",
  http: { route: "GET /admin/v1/imports/:id", faults: ["not_found"] },
});

/** A product was created or changed. Says what inventory must know; what it costs and how it looks is asked of the catalog. */
export const productChanged = event(
  "catalog.productChanged",
  "productId",
  z.object({
    productId: ProductId,
    variants: z.array(
      z.object({
        variantId: VariantId,
        sku: Sku,
        isTracked: z.boolean(),
        /** Whether it may be sold when there is none: Shopify's inventory policy. */
        policy: z.enum(["deny", "continue"]),
        /** The quantity that the import says. Stock changes only where it differs from what the import before said. */
        quantity: z.int(),
      }),
    ),
  }),
);
