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

/** The shop shows what is active. `unlisted` comes from Shopify's files; here it is hidden as a draft is. */
export const Status = z.enum(["draft", "active", "archived", "unlisted"]);
export type Status = z.output<typeof Status>;

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

/** How many products each value of a facet would leave, by the value as it was written, the most frequent 100. */
const Facets = z.record(z.string(), z.record(z.string(), z.int()));

export const findProducts = action("catalog.findProducts", {
  summary:
    "Lists published products: searched, filtered, counted and sorted. Words may be inflected; a search that finds nothing is tried again with its mistyped words corrected.",
  input: z.object({
    q: z.string().max(200).optional(),
    category: z.string().max(200).optional(),
    minPrice: z.int().min(0).optional(),
    maxPrice: z.int().min(0).optional(),
    inStock: z.boolean().optional(),
    /** `filter[color]=red,blue`: by an option, a metafield, `vendor` or `tag`, in any case. One of the values, for some variant. */
    filter: z.record(z.string().max(100), z.string().max(1_000)).optional(),
    /** `facets=color,size`: what to count. What a facet itself is filtered by does not count for it. */
    facets: z.string().max(500).optional(),
    sort: Sort.optional(),
    ...paging,
  }),
  output: z.object({
    data: z.array(ProductItem),
    meta: z.object({
      limit: z.int(),
      nextCursor: z.string().nullable(),
      /** Counted up to 10 000. */
      total: z.int(),
      isTotalExact: z.boolean(),
      facets: Facets.optional(),
    }),
  }),
  access: "public",
  http: { route: "GET /store/v1/products", limit: "search", cacheControl: BROWSE },
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

const Text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .regex(/^\P{Cc}*$/u, "must not have control characters");
const PictureUrl = z
  .string()
  .max(2_048)
  .regex(/^(https?:\/\/[^/\s]|\/(?!\/))[^\s"<>\\]*$/i, "is not the http or https address of a picture");

/** Columns of Shopify's CSV that mean nothing here, with their text: SEO, metafields, cost per item. Product metafields are filters. */
const Extra = z.record(z.string(), z.string());

/** A variant as the administration sees it. `quantity` is what its last import or its making said, not what is on the shelf. */
export const FullVariant = z.object({
  id: VariantId,
  sku: Sku,
  title: z.string(),
  options: z.record(z.string(), z.string()),
  price: Money,
  compareAtPrice: Money.nullable(),
  image: Image.nullable(),
  grams: z.int(),
  requiresShipping: z.boolean(),
  isTaxable: z.boolean(),
  barcode: z.string(),
  isTracked: z.boolean(),
  policy: z.enum(["deny", "continue"]),
  quantity: z.int(),
  /** Off sale. It keeps its id and SKU, and comes back when a variant with its SKU is added. */
  isArchived: z.boolean(),
  extra: Extra,
});

/** A product as the administration sees it. The shop shows what is `active` and `published`. */
export const FullProduct = z.object({
  id: ProductId,
  handle: z.string(),
  title: z.string(),
  description: z.string(),
  vendor: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  status: Status,
  published: z.boolean(),
  taxClass: z.string(),
  images: z.array(Image),
  options: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
  variants: z.array(FullVariant),
  extra: Extra,
  /** One more with each change of the product or of its variants. */
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const VariantFields = {
  price: Money,
  compareAtPrice: Money.nullable(),
  options: z.record(Text(255).min(1), Text(255).min(1)),
  /** One of the product's images; null takes it away. */
  image: PictureUrl.nullable(),
  grams: z.int().min(0).max(999_999_999),
  requiresShipping: z.boolean(),
  isTaxable: z.boolean(),
  barcode: Text(64),
  isTracked: z.boolean(),
  policy: z.enum(["deny", "continue"]),
  extra: z.record(Text(200).min(1), z.string().max(100_000).nullable()),
};
const NewVariant = z.object({
  sku: Text(100).optional(),
  ...VariantFields,
  compareAtPrice: VariantFields.compareAtPrice.default(null),
  options: VariantFields.options.default({}),
  image: VariantFields.image.default(null),
  grams: VariantFields.grams.default(0),
  requiresShipping: z.boolean().default(true),
  isTaxable: z.boolean().default(true),
  barcode: VariantFields.barcode.default(""),
  isTracked: z.boolean().default(true),
  policy: VariantFields.policy.default("deny"),
  extra: VariantFields.extra.default({}),
  /** Units that it starts with. Later ones are inventory's adjustments. */
  quantity: z.int().min(0).max(999_999_999).default(0),
});
export type NewVariant = z.output<typeof NewVariant>;

const ProductFields = {
  title: Text(255).min(1),
  /** HTML. Scripts, styles and everything else that could do harm are taken out. */
  description: z.string().max(100_000),
  vendor: Text(255),
  /** "Bricks > Basic": categories that there are not yet are made. */
  category: Text(255),
  tags: z.array(Text(255).min(1)).max(250),
  status: z.enum(["draft", "active", "archived"]),
  published: z.boolean(),
  taxClass: z.string().regex(/^[a-z0-9_-]{1,40}$/, "has small letters, digits, - and _ only, at most 40"),
  images: z.array(z.object({ url: PictureUrl, alt: z.string().max(512).default("") })).max(250),
  /** Merged into what is there; null takes a column away. */
  extra: z.record(Text(200).min(1), z.string().max(100_000).nullable()),
};

/** The version that a change was made for. Another one is a 409; without it the change is made to whatever there is. */
const version = z.int().min(0).optional();

const CHANGE_FAULTS = ["not_found", "conflict"] as const;

export const findAllProducts = action("catalog.findAllProducts", {
  summary: "Lists all products for the administration, hidden ones too, newest first.",
  input: z.object({
    q: z.string().max(200).optional(),
    status: Status.optional(),
    category: z.string().max(200).optional(),
    ...paging,
  }),
  output: page(
    ProductItem.extend({
      status: Status,
      published: z.boolean(),
      variants: z.int(),
      version: z.int(),
      updatedAt: z.iso.datetime(),
    }),
  ),
  access: "admin",
  http: "GET /admin/v1/products",
});

export const getFullProduct = action("catalog.getFullProduct", {
  summary: "One product with all that the administration can say of it, hidden or not.",
  input: z.object({ id: ProductId }),
  output: FullProduct,
  access: "admin",
  http: { route: "GET /admin/v1/products/:id", faults: ["not_found"] },
});

export const createProduct = action("catalog.createProduct", {
  summary: "Makes a product with its variants.",
  input: z.object({
    /** Part of the product's address; made of the title where it is left out. */
    handle: z
      .string()
      .max(255)
      .regex(/^(?!\.+$)[^\s/\\?#%<>"'`\p{Cc}]+$/u, "cannot be part of a URL")
      .optional(),
    ...ProductFields,
    description: ProductFields.description.default(""),
    vendor: ProductFields.vendor.default(""),
    category: ProductFields.category.default(""),
    tags: ProductFields.tags.default([]),
    status: ProductFields.status.default("active"),
    published: z.boolean().default(true),
    taxClass: ProductFields.taxClass.default("standard"),
    images: ProductFields.images.default([]),
    extra: ProductFields.extra.default({}),
    /** Names. Every variant has a value for each. */
    options: z.array(Text(255).min(1)).max(3).default([]),
    variants: z.array(NewVariant).min(1).max(2_048),
  }),
  output: FullProduct,
  access: "admin",
  http: { route: "POST /admin/v1/products", status: 201, faults: ["conflict"] },
});

export const changeProduct = action("catalog.changeProduct", {
  summary: "Changes what is said of a product; fields that are left out stay as they are.",
  input: z.object({ id: ProductId, version, ...z.object(ProductFields).partial().shape }),
  output: FullProduct,
  access: "admin",
  http: { route: "PATCH /admin/v1/products/:id", faults: CHANGE_FAULTS },
});

export const archiveProduct = action("catalog.archiveProduct", {
  summary: "Takes a product out of the shop. It keeps everything, and a change of its status brings it back.",
  input: z.object({ id: ProductId }),
  output: FullProduct,
  access: "admin",
  http: { route: "DELETE /admin/v1/products/:id", faults: ["not_found"] },
});

export const addVariant = action("catalog.addVariant", {
  summary: "Adds a variant to a product, last.",
  input: z.object({ id: ProductId, version, ...NewVariant.shape }),
  output: FullProduct,
  access: "admin",
  http: { route: "POST /admin/v1/products/:id/variants", status: 201, faults: CHANGE_FAULTS },
});

export const changeVariant = action("catalog.changeVariant", {
  summary: "Changes a variant; fields that are left out stay as they are. The SKU never changes.",
  input: z.object({ id: ProductId, variantId: VariantId, version, ...z.object(VariantFields).partial().shape }),
  output: FullProduct,
  access: "admin",
  http: { route: "PATCH /admin/v1/products/:id/variants/:variantId", faults: CHANGE_FAULTS },
});

export const archiveVariant = action("catalog.archiveVariant", {
  summary: "Takes a variant off sale. The last one cannot be; archive the product.",
  input: z.object({ id: ProductId, variantId: VariantId }),
  output: FullProduct,
  access: "admin",
  http: { route: "DELETE /admin/v1/products/:id/variants/:variantId", faults: CHANGE_FAULTS },
});

export const CategoryId = Id("cat");

/** `count`: products that are directly in it, hidden ones too. */
export const FullCategory = z.object({
  id: CategoryId,
  handle: z.string(),
  name: z.string(),
  parentId: CategoryId.nullable(),
  count: z.int(),
});

export const findAllCategories = action("catalog.findAllCategories", {
  summary: "All categories, in a list by handle.",
  input: z.object({}),
  output: z.object({ data: z.array(FullCategory) }),
  access: "admin",
  http: "GET /admin/v1/categories",
});

const CategoryName = Text(100)
  .min(1)
  .regex(/^[^>]*$/, "must not have the sign >");

export const createCategory = action("catalog.createCategory", {
  summary: "Makes a category, in another one or on top.",
  input: z.object({ name: CategoryName, parentId: CategoryId.nullable().default(null) }),
  output: FullCategory,
  access: "admin",
  http: { route: "POST /admin/v1/categories", status: 201, faults: ["conflict", "not_found"] },
});

export const changeCategory = action("catalog.changeCategory", {
  summary: "Renames or moves a category. Its handle stays, so that addresses, coupons and files go on meaning it.",
  input: z.object({ id: CategoryId, name: CategoryName.optional(), parentId: CategoryId.nullable().optional() }),
  output: FullCategory,
  access: "admin",
  http: { route: "PATCH /admin/v1/categories/:id", faults: CHANGE_FAULTS },
});

export const deleteCategory = action("catalog.deleteCategory", {
  summary: "Deletes a category that nothing is in.",
  input: z.object({ id: CategoryId }),
  output: z.object({}),
  access: "admin",
  http: { route: "DELETE /admin/v1/categories/:id", faults: CHANGE_FAULTS },
});

/** Pieces are small enough for the bus; put one after the other they are the file. */
export const exportProducts = action("catalog.exportProducts", {
  summary: "One piece of all products as Shopify's product CSV, which an import takes back without a change.",
  input: z.object({ cursor: z.string().max(500).optional() }),
  output: z.object({
    csv: z.string(),
    nextCursor: z.string().nullable(),
    /** Products so far, and in all. */
    done: z.int(),
    total: z.int(),
  }),
  access: "admin",
  timeout: 10_000,
  http: { route: "GET /admin/v1/exports/products", faults: ["conflict"] },
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
