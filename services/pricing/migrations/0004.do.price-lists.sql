-- Prices that stand in for the catalog's while their list is active.
create table price_list (
  id          text primary key,
  name        text not null,
  priority    int not null default 0,
  starts_at   timestamptz,
  ends_at     timestamptz,
  archived_at timestamptz,
  created_at  timestamptz not null default now(),
  check (starts_at < ends_at)
);

create table price (
  list_id    text not null references price_list,
  variant_id text not null,
  amount     bigint not null check (amount >= 0), -- minor units of the shop's currency
  primary key (list_id, variant_id)
);

create index price_of_variant on price (variant_id);
