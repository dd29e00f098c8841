create extension if not exists pg_trgm;

create table category (
  id        text primary key,
  handle    text not null unique,
  name      text not null,
  parent_id text references category check (parent_id <> id)
);

create index category_children on category (parent_id);

-- title_key and search are folded in model.ts. price_amount and is_in_stock are those of the variants that are on sale. The
-- columns that a search looks at come first, because PostgreSQL walks a row from its beginning.
create table product (
  id           text primary key,
  is_published boolean not null,
  is_in_stock  boolean not null default false,
  price_amount bigint not null check (price_amount >= 0),
  -- Milliseconds, because cursors carry it and JavaScript knows no finer time.
  created_at   timestamptz(3) not null default now(),
  updated_at   timestamptz(3) not null default now(),
  category_id  text references category,
  title_key    text not null,
  search       text not null,
  handle       text not null unique,
  title        text not null,
  currency     char(3) not null,
  vendor       text not null,
  category     text not null,
  tags         text[] not null,
  option_names text[] not null,
  images       jsonb not null,
  description  text not null
);

create table variant (
  id                text primary key,
  product_id        text not null references product,
  sku               text not null unique,
  title             text not null,
  options           jsonb not null,
  position          int not null,
  price_amount      bigint not null check (price_amount >= 0),
  compare_at_amount bigint check (compare_at_amount >= 0),
  image             jsonb,
  grams             int not null check (grams >= 0),
  requires_shipping boolean not null,
  is_taxable        boolean not null,
  barcode           text not null,
  is_tracked        boolean not null,
  policy            text not null check (policy in ('deny', 'continue')),
  quantity          int not null,
  -- Taken off sale, not deleted: orders know it, and its stock waits for its return.
  is_archived       boolean not null default false,
  -- What inventory said last. Of a new SKU it says nothing, so this begins as what the import says.
  is_available      boolean not null
);

create index variant_of_product on variant (product_id);

-- All texts of one or two characters in a text. Trigrams cannot find the two syllables of a Korean word; these can.
create function short_grams(text) returns text[] language sql immutable strict parallel safe cost 10000 as $$
  select array_agg(distinct gram) from (
    select substr($1, place, length) as gram from generate_series(1, length($1)) as place, generate_series(1, 2) as length
  ) as grams where gram !~ '\s'
$$;

create index product_search on product using gin (search gin_trgm_ops) where is_published;
create index product_search_short on product using gin (short_grams(search)) where is_published;
create index product_by_price on product (price_amount, id) where is_published;
create index product_by_age on product (created_at, id) where is_published;
create index product_by_title on product (title_key, id) where is_published;
create index product_by_category on product (category_id) where is_published;
