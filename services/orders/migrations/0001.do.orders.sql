create table orders (
  id                 text primary key,
  number             text not null unique,
  cart_id            text not null,
  status             text not null default 'pending' check (status in ('pending', 'confirmed', 'shipped', 'delivered', 'cancelled')),
  payment_status     text not null default 'pending'
    check (payment_status in ('pending', 'authorized', 'captured', 'partially_refunded', 'refunded', 'declined', 'voided')),
  fulfilment_status  text not null default 'unfulfilled' check (fulfilment_status in ('unfulfilled', 'shipped', 'delivered', 'returned')),
  lines              jsonb not null default '[]',
  totals             jsonb,
  email              text,
  shipping_address   jsonb,
  shipping_option_id text,
  payment            jsonb, -- how the buyer pays; gone as soon as the outcome is known
  reason             jsonb, -- why it was cancelled
  placed_at          timestamptz not null default now(),
  check (status in ('pending', 'cancelled') or (totals is not null and email is not null and shipping_address is not null)),
  check (status = 'pending' or payment is null)
);

-- However often and under whatever keys a cart is checked out, at most one order stands for it.
create unique index one_order_per_cart on orders (cart_id) where status <> 'cancelled';
create index on orders (lower(email), id);
create index on orders (status, id);
create index on orders (placed_at);

create table order_event (
  order_id text not null references orders on delete cascade,
  seq      bigint generated always as identity,
  at       timestamptz not null default now(),
  what     text not null,
  detail   text,
  primary key (order_id, seq)
);

-- The answer to a repeated checkout is rebuilt from the order, so only the way to it is kept.
create table checkout_key (
  scope       text not null,
  key         text not null,
  fingerprint text not null,
  order_id    text not null,
  created_at  timestamptz not null default now(),
  primary key (scope, key)
);
create index on checkout_key (created_at);
create index on checkout_key (order_id);
