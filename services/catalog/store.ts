import type { Sql, Tx } from "../../lib/database.ts";
import type { Output } from "../../lib/contract.ts";
import { money } from "../../lib/money.ts";
import type { findVariants, getProduct } from "./contract.ts";
import type { CategoryRow } from "./model.ts";

type Product = Omit<Output<typeof getProduct>, "variants" | "options" | "degraded">;
type Variant = Output<typeof getProduct>["variants"][number];
type VariantFacts = Output<typeof findVariants>["variants"][number];

export interface VariantOnSale extends Omit<Variant, "available" | "price" | "compareAtPrice"> {
  readonly priceAmount: number;
  readonly compareAtAmount: number | null;
  readonly isTracked: boolean;
}

export interface ProductOnSale extends Product {
  readonly currency: string;
  readonly optionNames: string[];
  readonly variants: VariantOnSale[];
}

/** A published product, by id or handle. */
export async function readProduct(sql: Sql, idOrHandle: string): Promise<ProductOnSale | undefined> {
  const [row] = await sql<ProductOnSale[]>`
    select id, handle, title, description, vendor, category, tags, images, option_names, currency,
      (select coalesce(jsonb_agg(jsonb_build_object(
         'id', v.id, 'sku', v.sku, 'title', v.title, 'options', v.options, 'priceAmount', v.price_amount,
         'compareAtAmount', v.compare_at_amount, 'image', v.image, 'isTracked', v.is_tracked) order by v.position), '[]')
       from variant v where v.product_id = p.id and not v.is_archived) as variants
    from product p where (id = ${idOrHandle} or handle = ${idOrHandle}) and is_published`;
  return row;
}

interface VariantRow extends Omit<VariantFacts, "price"> {
  readonly priceAmount: number;
  readonly currency: string;
}

/** What others need to know of variants that are on sale, in the order of the ids. A variant without a picture has its product's first. */
export async function findVariantFacts(sql: Sql, ids: readonly string[]): Promise<VariantFacts[]> {
  const rows = await sql<VariantRow[]>`
    select v.id, v.product_id, v.sku, p.title as product_title, p.handle, v.title, coalesce(v.image, p.images -> 0) as image,
      v.price_amount, p.currency, v.grams, v.requires_shipping, v.is_taxable, p.tax_class, coalesce(c.path, '{}') as categories
    from variant v join product p on p.id = v.product_id left join category c on c.id = p.category_id
    where v.id = any (${ids}) and not v.is_archived and p.is_published
    order by array_position(${ids}::text[], v.id)`;
  return rows.map(({ priceAmount, currency, ...facts }) => ({ ...facts, price: money(priceAmount, currency) }));
}

/** All categories with the published products that are directly in them, by name. */
export const findCategories = (sql: Sql): Promise<(CategoryRow & { count: number })[]> => sql<
  (CategoryRow & { count: number })[]
>`
  select c.id, c.handle, c.name, c.parent_id, coalesce(n.count, 0) as count
  from category c left join (
    select category_id, count(*) from product where is_published group by category_id
  ) n on n.category_id = c.id
  order by c.name, c.id`;

/** Notes what inventory says of a SKU, and whether its product has anything in stock. */
export async function setAvailability(tx: Tx, { sku, isAvailable }: { sku: string; isAvailable: boolean }): Promise<void> {
  // Before the statement that looks at the other variants, so that it sees what another writer of this product has done.
  await tx`select from product where id = (select product_id from variant where sku = ${sku}) for no key update`;
  await tx`
    with changed as (
      update variant set is_available = ${isAvailable} where sku = ${sku} and is_available <> ${isAvailable}
      returning id, product_id, is_available and not is_archived as is_available
    )
    update product p set is_in_stock = c.is_available or exists (
      select from variant v where v.product_id = p.id and v.id <> c.id and v.is_available and not v.is_archived)
    from changed c where p.id = c.product_id`;
}
