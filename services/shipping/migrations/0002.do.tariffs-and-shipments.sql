alter table shipping_option add column is_archived boolean not null default false;

-- A rate is for parcels up to a weight; the lightest one that a parcel fits into counts.
alter table rate
  add column up_to_grams int not null default 2147483647 check (up_to_grams > 0),
  add column free_from bigint check (free_from >= 0), -- what the items must cost for the parcel to be free
  drop constraint rate_pkey,
  add primary key (zone, option_id, up_to_grams);

-- A parcel that is not to be sent any more, because its order was cancelled.
alter table parcel add column withdrawn_at timestamptz;

-- What a parcel holds and how much of it has left. Made from the parcel's lines when the first shipment is.
create table parcel_line (
  order_id text not null references parcel (order_id),
  sku      text not null,
  quantity int not null check (quantity > 0),
  shipped  int not null default 0,
  primary key (order_id, sku),
  constraint nothing_sent_twice check (shipped between 0 and quantity)
);

create table shipment (
  id              text primary key,
  order_id        text not null references parcel (order_id),
  lines           jsonb not null check (jsonb_array_length(lines) > 0),
  carrier         text,
  tracking_number text,
  shipped_at      timestamptz(3) not null default now(),
  delivered_at    timestamptz(3)
);
create index on shipment (order_id);
