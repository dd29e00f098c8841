import type { Sql } from "../../lib/database.ts";
import type { Sort } from "./contract.ts";
import { containing } from "./model.ts";
import { type Fragment, narrowed, type Narrowing } from "./filter-store.ts";

/** What a page of the list is asked for. */
export interface Search extends Narrowing {
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

/** As far as products are counted. Counting more would make the first page of a large shop's list slower with each product. */
export const COUNTED = 10_000;

/** Above this many hits all of a tier are taken for equally relevant, but for their titles' lengths. */
const RANKED = 1_000;

/** One page of published products and how many there are in all, `COUNTED` + 1 at most. One statement. */
export async function findHits(sql: Sql, search: Search): Promise<{ total: number; hits: Hit[] }> {
  const { tuple, order, rest } = orderOf(sql, search);
  // Scanned twice: what was searched for is found once and kept, but a plain list is read along an index.
  const kept = search.words.length > 0 ? sql`materialized` : sql`not materialized`;
  const [row] = await sql<[{ total: number; hits: Hit[] }]>`
    with matched as ${kept} (
      select p.id, p.price_amount, p.created_at, p.title_key, ${tier(sql, search)} as tier
      from product p where p.is_published ${narrowed(sql, search)}
    ), found as ${kept} (select m.*, ${score(sql, search)} as score from matched m
    ), page as (
      select * from found f where ${rest} order by ${order} limit ${search.limit}
    )
    select (select count(*) from (select from matched limit ${COUNTED + 1}) as counted)::int as total, coalesce((
      select jsonb_agg(jsonb_build_object('id', p.id, 'handle', p.handle, 'title', p.title, 'image', p.images -> 0,
        'priceAmount', p.price_amount, 'currency', p.currency, 'isInStock', p.is_in_stock,
        'keys', jsonb_build_array(${tuple})) order by ${order})
      from page f join product p using (id)), '[]') as hits`;
  return row;
}

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

/** Lower is better: the very SKU, then titles that begin with the text, that hold its words, then the very tag, then the rest. */
function tier(sql: Sql, { text, words, sort }: Search): Fragment {
  if (words.length === 0 || sort !== "relevance") return sql`0`;
  const patterns = words.map(([word = ""]) => containing(word));
  return sql`
    case when strpos(p.search, ${`\t${text}\t`}) > 0 then 0
         when starts_with(p.search, ${text}) then 1
         when split_part(p.search, chr(10), 1) like all (${patterns}) then 2
         when strpos(p.search, ${`\n${text}\n`}) > 0 then 3
         else 4 end`;
}

/** The tier, then how relevant PostgreSQL finds the words where they stand, then short titles first. */
function score(sql: Sql, { words, sort }: Search): Fragment {
  if (words.length === 0 || sort !== "relevance") return sql`0`;
  return sql`
    m.tier * 1000 + least(length(m.title_key), 99) + case when (select count(*) from matched) > ${RANKED} then 0 else
      900 - 100 * least(9, floor(10 * (
        select ts_rank_cd(r.terms, (select ${query(sql, words)}), 32) from product r where r.id = m.id)))::int end`;
}

/** All words, each in any of its spellings. */
const query = (sql: Sql, words: Search["words"]): Fragment =>
  words
    .map((spellings) =>
      spellings.map((word) => sql`term_query(${word})`).reduce<Fragment>((all, one) => sql`${all} || ${one}`, sql`''`),
    )
    .reduce<Fragment>((all, one) => sql`${all} && (${one})`, sql`''`);
