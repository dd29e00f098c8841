-- Whole words of a product in any inflection: as they are, and as the English and the German stemmer know them; the title's weigh
-- most. SKUs are no words. Of Korean, whose endings no dictionary here knows, trigrams and short grams find the parts.
create function search_terms(search text) returns tsvector language sql immutable strict parallel safe as $$
  select setweight(to_tsvector('simple', title) || to_tsvector('english', title) || to_tsvector('german', title), 'A')
      || setweight(to_tsvector('simple', rest) || to_tsvector('english', rest) || to_tsvector('german', rest), 'D')
  from (select split_part(search, chr(10), 1) as title,
               substr(split_part(search, chr(10) || chr(9), 1), length(split_part(search, chr(10), 1)) + 1) as rest) as parts
$$;

-- A word as `search_terms` would have it.
create function term_query(word text) returns tsquery language sql immutable strict parallel safe as $$
  select to_tsquery('simple', term) || to_tsquery('english', term) || to_tsquery('german', term)
  from (select '''' || replace(replace(word, '\', '\\'), '''', '''''') || '''' as term) as quoted
$$;

alter table product
  add column terms tsvector generated always as (search_terms(search)) stored,
  -- Ids of `facet_value`, to narrow a list down, and for each name its `facet_set`, to count them.
  add column facets int[] not null default '{}',
  add column facet_sets jsonb not null default '{}',
  -- Which rules of model.ts made `search` and `facets`; a job brings what is older up to date.
  add column indexed_by int not null default 0;

create index product_terms on product using gin (terms) where is_published;
create index product_facets on product using gin (facets) where is_published;
create index product_to_index on product (id) where indexed_by < 1;

-- Values that products can be narrowed down by. `name` and `value` are folded, `label` is how it was first written.
create table facet_value (
  id    int generated always as identity primary key,
  name  text not null,
  value text not null,
  label text not null,
  unique (name, value)
);

-- The values of one name that some product has, all together: very many products share few of them, so that counting these first
-- is a small part of counting every value of every product.
create table facet_set (
  id     int generated always as identity primary key,
  name   text not null,
  digest text not null,
  facets int[] not null,
  unique (name, digest)
);

-- Every word that products have had, Korean ones in their letters: what a mistyped word may have meant.
create table search_word (
  word text primary key
);

create index search_word_alike on search_word using gin (word gin_trgm_ops);

-- More than the threshold's default, because two letters that change places leave little of a short word.
create function words_like(text) returns table (word text) language sql stable strict
set pg_trgm.similarity_threshold = 0.15 as $$
  select w.word from search_word w where w.word % $1 and length(w.word) between length($1) - 2 and length($1) + 2
  order by similarity(w.word, $1) desc, w.word limit 100
$$;
