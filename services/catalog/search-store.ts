import type { Sql } from "../../lib/database.ts";
import type { Sort } from "./contract.ts";
import { containing } from "./model.ts";

/** What a page of the list is asked for. Texts are folded; a `text` comes with its words. */
export interface Search {
  readonly text: string;
  readonly words: readonly string[];
  readonly category?: string | undefined;
  readonly minPrice?: number | undefined;
  readonly maxPrice?: number | undefined;
  readonly inStock?: boolean | undefined;
  readonly sort: Sort;
  /** The keys of the last product of the page before, as `Hit.keys`. */
  readonly after?: readonly (string | number)[] | undefined;
  readonly limit: number;
}

export interface Hit {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly image: { url: string; alt: string } | null;
  readonly priceAmount: number;
  readonly currency: string;
  readonly isInStock: boolean;
  /** What it is sorted by, for the cursor. */
  readonly keys: (string | number)[];
}

/** One page of published products and how many there are in all. One statement. */
export async function findHits(sql: Sql, search: Search): Promise<{ total: number; hits: Hit[] }> {
  const { tuple, order, rest } = orderOf(sql, search);
  // Scanned twice: what was searched for is found once and kept, but a plain list is read along an index.
  const kept = search.words.length > 0 ? sql`materialized` : sql`not materialized`;
  const [row] = await sql<[{ total: number; hits: Hit[] }]>`
    with found as ${kept} (
      select p.id, p.price_amount, p.created_at, p.title_key, ${score(sql, search)} as score
      from product p where p.is_published ${filters(sql, search)}
    ), page as (
      select * from found f where ${rest} order by ${order} limit ${search.limit}
    )
    select (select count(*) from found)::int as total, coalesce((
      select jsonb_agg(jsonb_build_object('id', p.id, 'handle', p.handle, 'title', p.title, 'image', p.images -> 0,
        'priceAmount', p.price_amount, 'currency', p.currency, 'isInStock', p.is_in_stock,
        'keys', jsonb_build_array(${tuple})) order by ${order})
      from page f join product p using (id)), '[]') as hits`;
  return row;
}

type Fragment = ReturnType<Sql>;

interface Order {
  readonly tuple: Fragment;
  readonly order: Fragment;
  /** What comes after the cursor. */
  readonly rest: Fragment;
}

/** The id comes last in each, which makes the order total. */
function orderOf(sql: Sql, { sort, after }: Search): Order {
  const [key, type, isDescending] = {
    relevance: [sql`f.score, f.title_key`, ["int", "text", "text"], false] as const,
    price: [sql`f.price_amount`, ["bigint", "text"], false] as const,
    "-price": [sql`f.price_amount`, ["bigint", "text"], true] as const,
    newest: [sql`f.created_at`, ["timestamptz", "text"], true] as const,
    title: [sql`f.title_key`, ["text", "text"], false] as const,
  }[sort];
  const tuple: Fragment = sql`${key}, f.id`;
  const order: Fragment = isDescending ? sql`${key} desc, f.id desc` : tuple;
  if (!after) return { tuple, order, rest: sql`true` };
  const values = type.map((name, at) => sql`${String(after[at])}::text::${sql.unsafe(name)}`);
  const last = values.reduce((list, value) => sql`${list}, ${value}`);
  return { tuple, order, rest: isDescending ? sql`(${tuple}) < (${last})` : sql`(${tuple}) > (${last})` };
}

/** Lower is better: the very SKU, then titles that begin with the text, that hold its words, then the very tag, then the rest; short titles first. */
function score(sql: Sql, { text, words }: Search): Fragment {
  if (words.length === 0) return sql`0`;
  const patterns = words.map(containing);
  return sql`
    case when strpos(p.search, ${`\t${text}\t`}) > 0 then 0
         when starts_with(p.search, ${text}) then 1000
         when split_part(p.search, chr(10), 1) like all (${patterns}) then 2000
         when strpos(p.search, ${`\n${text}\n`}) > 0 then 3000
         else 4000 end + least(length(p.title_key), 999)`;
}

function filters(sql: Sql, { words, category, minPrice, maxPrice, inStock }: Search): Fragment {
  return sql`
    ${every(
      sql,
      words.map((word) => matches(sql, word)),
    )}
    ${category === undefined ? sql`` : sql`and p.category_id = any (array(${branch(sql, category)}))`}
    ${minPrice === undefined ? sql`` : sql`and p.price_amount >= ${minPrice}`}
    ${maxPrice === undefined ? sql`` : sql`and p.price_amount <= ${maxPrice}`}
    ${inStock === undefined ? sql`` : sql`and p.is_in_stock = ${inStock}`}`;
}

const every = (sql: Sql, conditions: Fragment[]): Fragment =>
  conditions.reduce((all, condition) => sql`${all} and ${condition}`, sql``);

const matches = (sql: Sql, word: string): Fragment =>
  [...word].length > 2 ? sql`p.search like ${containing(word)}` : sql`short_grams(p.search) @> ${[word]}`;

/** A category and everything below it. */
const branch = (sql: Sql, category: string): Fragment => sql`
  with recursive branch as (
    select id from category where id = ${category} or handle = ${category}
    union all select c.id from category c join branch b on c.parent_id = b.id
  ) select id from branch`;
