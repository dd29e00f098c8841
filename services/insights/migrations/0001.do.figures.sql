-- Made of feeds only: whatever is here can be made anew (`brickwork rebuild insights`). Days are in UTC.

create table sale (
  order_id     text primary key,
  at           timestamptz(3) not null, -- of the confirmation
  currency     char(3) not null,
  total        bigint not null,
  is_cancelled boolean not null default false
);
create index on sale (at);

create table sold (
  order_id      text not null references sale,
  sku           text not null,
  variant_id    text not null,
  title         text not null,
  variant_title text not null,
  quantity      int not null,
  paid          bigint not null, -- for all of them, after discounts, with tax
  refunded      int not null default 0,
  primary key (order_id, sku)
);
create index on sold (sku);

create table refund (
  id       text primary key,
  order_id text not null references sale,
  at       timestamptz(3) not null,
  amount   bigint not null
);
create index on refund (at);

create table cart (
  id           text primary key,
  started_at   timestamptz(3) not null,
  completed_at timestamptz(3)
);
create index on cart (started_at);

create table low_stock (
  sku        text primary key,
  variant_id text not null,
  available  int not null,
  threshold  int not null,
  since      timestamptz(3) not null
);
