import type { Sql } from "../../lib/database.ts";
import { every, type Fragment, has, narrowedButFacets, type Narrowing } from "./filter-store.ts";

interface FacetCount {
  readonly name: string;
  readonly label: string;
  readonly count: number;
}

/** So many values of a facet are counted: a list of all tags is nothing to choose from. */
const MOST = 100;

/**
 * How many products each value of some facets would leave, the most frequent first. What a facet itself is narrowed down by does
 * not count for it, so that one sees what else there is.
 */
export const countFacets = (sql: Sql, search: Narrowing, names: readonly string[]): Promise<FacetCount[]> => sql<FacetCount[]>`
  with base as materialized (
    select p.facets, p.facet_sets from product p where p.is_published ${narrowedButFacets(sql, search)}
  ), sets as (${names.map((name) => countSets(sql, search, name)).reduce((all, one) => sql`${all} union all ${one}`)}
  ), counted as (
    select v.name, v.label, sum(sets.count)::int as count,
      row_number() over (partition by v.name order by sum(sets.count) desc, v.label) as place
    from sets join facet_set s on s.id = sets.set::int
    cross join unnest(s.facets) as x (id) join facet_value v on v.id = x.id
    group by v.id
  )
  select name, label, count from counted where place <= ${MOST} order by name, place`;

const countSets = (sql: Sql, { filter }: Narrowing, name: string): Fragment => sql`
  select facet_sets -> ${name} as set, count(*) as count from base
  where true ${every(
    sql,
    filter.filter((one) => one.name !== name).map((one) => has(sql, one)),
  )}
  group by 1`;
