import type { Sql } from "../../lib/database.ts";
import { containing } from "./model.ts";

export type Fragment = ReturnType<Sql>;

/** What a list is narrowed down by. Texts are folded; a `text` comes with its words, each with the spellings that it may have. */
export interface Narrowing {
  readonly text: string;
  readonly words: readonly (readonly string[])[];
  readonly category?: string | undefined;
  readonly minPrice?: number | undefined;
  readonly maxPrice?: number | undefined;
  readonly inStock?: boolean | undefined;
  /** Of each facet one of its values. */
  readonly filter: readonly FacetFilter[];
}

export interface FacetFilter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Everything that a published product `p` must fulfil, as conditions that begin with `and`. */
export const narrowed = (sql: Sql, search: Narrowing): Fragment => sql`
  ${narrowedButFacets(sql, search)}
  ${every(
    sql,
    search.filter.map((one) => has(sql, one)),
  )}`;

export function narrowedButFacets(sql: Sql, { words, category, minPrice, maxPrice, inStock }: Narrowing): Fragment {
  return sql`
    ${every(
      sql,
      words.map((spellings) => matches(sql, spellings)),
    )}
    ${category === undefined ? sql`` : sql`and p.category_id = any (array(${branch(sql, category)}))`}
    ${minPrice === undefined ? sql`` : sql`and p.price_amount >= ${minPrice}`}
    ${maxPrice === undefined ? sql`` : sql`and p.price_amount <= ${maxPrice}`}
    ${inStock === undefined ? sql`` : sql`and p.is_in_stock = ${inStock}`}`;
}

export const every = (sql: Sql, conditions: readonly Fragment[]): Fragment =>
  conditions.reduce<Fragment>((all, condition) => sql`${all} and ${condition}`, sql``);

/** Whether a product has one of the values. */
export const has = (sql: Sql, { name, values }: FacetFilter): Fragment =>
  sql`facets && array(select id from facet_value where name = ${name} and value = any (${values}))`;

function matches(sql: Sql, spellings: readonly string[]): Fragment {
  const each = spellings.map((word) => holds(sql, word)).reduce((all, one) => sql`${all} or ${one}`);
  return sql`(${each})`;
}

/** A part of any of its texts, or a whole word in another inflection. In a subquery the function runs once and not for each row. */
const holds = (sql: Sql, word: string): Fragment =>
  [...word].length > 2
    ? sql`p.search like ${containing(word)} or p.terms @@ (select term_query(${word}))`
    : sql`short_grams(p.search) @> ${[word]}`;

/** The same without the dictionaries, for products that are not shown. */
export const holdsAnywhere = (sql: Sql, word: string): Fragment =>
  [...word].length > 2 ? sql`p.search like ${containing(word)}` : sql`short_grams(p.search) @> ${[word]}`;

/** A category and everything below it. */
export const branch = (sql: Sql, category: string): Fragment => sql`
  select below.id from category below join category above on below.path @> array[above.handle]
  where above.id = ${category} or above.handle = ${category}`;
