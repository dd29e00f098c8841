alter table shelf
  add column low_at bigint check (low_at >= 0), -- at so many that can be sold it is time to order more; null is the shop's own number
  add column is_low boolean not null default false; -- whether that was told

-- Goods that came back, each return once.
create table goods_return (
  id       text primary key,
  order_id text not null,
  lines    jsonb not null check (jsonb_array_length(lines) > 0),
  at       timestamptz not null default now()
);
create index on goods_return (order_id);
