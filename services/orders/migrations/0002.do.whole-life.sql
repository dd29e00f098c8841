-- Times inside of JSON.
create function iso(at timestamptz) returns text language sql stable as
  $$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

alter table orders
  add column customer_id  text,
  add column coupons      jsonb not null default '[]',
  add column confirmed_at timestamptz,
  -- What was authorized, taken and given back so far, in minor units of the order's currency.
  add column authorized   bigint generated always as (coalesce((totals #>> '{total,amount}')::bigint, 0)) stored,
  add column captured     bigint not null default 0,
  add column refunded     bigint not null default 0;

update orders o set confirmed_at = e.at from order_event e where e.order_id = o.id and e.what = 'confirmed';

alter table orders
  add constraint captured_of_authorized check (captured between 0 and authorized),
  add constraint refunded_of_captured check (refunded between 0 and captured);

create index on orders (customer_id, id);

-- How much of a line was sent, has come back and was paid back. No row until something happens to the line.
create table line_count (
  order_id text not null references orders on delete cascade,
  sku      text not null,
  quantity int not null check (quantity > 0),
  shipped  int not null default 0 check (shipped between 0 and quantity),
  returned int not null default 0 check (returned between 0 and shipped),
  refunded int not null default 0 check (refunded between 0 and quantity),
  primary key (order_id, sku)
);

create table shipment (
  id              text primary key,
  order_id        text not null references orders on delete cascade,
  lines           jsonb not null,
  carrier         text,
  tracking_number text,
  shipped_at      timestamptz not null,
  delivered_at    timestamptz
);
create index on shipment (order_id, id);

-- Money that was taken and given back, whoever asked for it. 'captured' and 'refunded' of an order are their sums.
create table capture (
  id       text primary key,
  order_id text not null references orders on delete cascade,
  amount   bigint not null check (amount > 0)
);
create index on capture (order_id);

create table refund (
  id       text primary key,
  order_id text not null references orders on delete cascade,
  amount   bigint not null check (amount > 0),
  lines    jsonb not null default '[]',
  reason   text not null,
  at       timestamptz not null default now()
);
create index on refund (order_id, id);

insert into capture (id, order_id, amount)
select 'whole of ' || id, id, authorized from orders where payment_status = 'captured' and authorized > 0;
update orders set captured = authorized where payment_status = 'captured';

-- What the administration asked for: one row for each move, whose saga has the same id.
create table order_move (
  id          text primary key,
  order_id    text not null references orders on delete cascade,
  kind        text not null check (kind in ('cancel', 'capture', 'ship', 'deliver', 'return', 'refund')),
  status      text not null default 'open' check (status in ('open', 'done', 'refused')),
  amount      bigint check (amount > 0), -- what a capture or a refund moves
  why         text, -- the reason that was given
  refusal     text,
  by          text not null,
  key_scope   text, -- the request's Idempotency-Key, kept for a day
  key         text,
  fingerprint text,
  asked_at    timestamptz not null default now(),
  ended_at    timestamptz,
  check ((status = 'refused') = (refusal is not null)),
  check ((status = 'open') = (ended_at is null))
);

-- Nobody begins anything with an order while something else is under way.
create unique index one_open_move on order_move (order_id) where status = 'open';
create unique index one_move_per_key on order_move (key_scope, key) where key is not null;
create index on order_move (asked_at) where key is not null;
create index on order_move (order_id, id);

-- `key` names what is told once, though two sources tell of it. `by` is for the administration's eyes only.
alter table order_event add column key text, add column by text;
create unique index told_once on order_event (order_id, key) where key is not null;

-- Whose an address is, in lower case: orders of guests who bought with it are theirs.
create table verified_email (
  email       text primary key,
  customer_id text not null
);
