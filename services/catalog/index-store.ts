import type { Tx } from "../../lib/database.ts";
import { type Cells, extraOf } from "./cells.ts";
import type { Facet, FacetSet } from "./facets.ts";

const json = (rows: Iterable<object>): string => JSON.stringify([...rows]);
const keyOf = (name: string, rest: string): string => `${name}\n${rest}`;

/** Makes sure that facets are known, and answers their ids. How one was written first is how it is shown. */
export async function saveFacets(tx: Tx, facets: readonly Facet[]): Promise<(facet: Facet) => number> {
  const all = new Map(facets.toReversed().map((facet) => [keyOf(facet.name, facet.value), facet]));
  const wanted = json(all.values());
  await tx`
    insert into facet_value (name, value, label)
    select name, value, label from jsonb_to_recordset(${wanted}::text::jsonb) as f (name text, value text, label text)
    where not exists (select from facet_value known where known.name = f.name and known.value = f.value)
    on conflict do nothing`;
  const known = await tx<{ id: number; name: string; value: string }[]>`
    select id, name, value from facet_value join jsonb_to_recordset(${wanted}::text::jsonb) as f (name text, value text)
      using (name, value)`;
  const ids = new Map(known.map(({ id, name, value }) => [keyOf(name, value), id]));
  return ({ name, value }) => ids.get(keyOf(name, value))!;
}

/** Makes sure that sets of facets are known, and answers their ids. */
export async function saveSets(tx: Tx, sets: readonly FacetSet[]): Promise<(name: string, digest: string) => number> {
  const wanted = json(new Map(sets.map((set) => [keyOf(set.name, set.digest), set])).values());
  await tx`
    insert into facet_set (name, digest, facets)
    select name, digest, facets from jsonb_to_recordset(${wanted}::text::jsonb) as s (name text, digest text, facets int[])
    where not exists (select from facet_set known where known.name = s.name and known.digest = s.digest)
    on conflict do nothing`;
  const known = await tx<{ id: number; name: string; digest: string }[]>`
    select id, name, digest from facet_set join jsonb_to_recordset(${wanted}::text::jsonb) as s (name text, digest text)
      using (name, digest)`;
  const ids = new Map(known.map(({ id, name, digest }) => [keyOf(name, digest), id]));
  return (name, digest) => ids.get(keyOf(name, digest))!;
}

/** Makes sure that words are known to the correction of typing mistakes. */
export async function saveWords(tx: Tx, words: readonly string[]): Promise<void> {
  if (words.length === 0) return;
  await tx`insert into search_word (word) select distinct unnest(${[...new Set(words)]}::text[]) on conflict do nothing`;
}

/** Makes sure that an export has all columns that cells were noted of. */
export async function saveColumns(tx: Tx, cells: readonly (Cells | undefined)[]): Promise<void> {
  const names = [...new Set(cells.flatMap((some = {}) => Object.keys(extraOf(some))))];
  if (names.length === 0) return;
  await tx`
    insert into extra_column (name)
    select name from unnest(${names}::text[]) with ordinality as n (name, place)
    where not exists (select from extra_column known where known.name = n.name) order by place
    on conflict do nothing`;
}
