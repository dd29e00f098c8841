create table cart (
  id                 text primary key,
  status             text not null default 'open' check (status in ('open', 'locked', 'completed')),
  order_id           text, -- the order that has the cart, or that it became
  version            int not null default 0, -- rises with every change of what the cart says; freezing and reopening change nothing
  email              text,
  shipping_address   jsonb,
  shipping_option_id text,
  created_at         timestamptz not null default now(),
  changed_at         timestamptz not null default now(),
  check ((status = 'open') = (order_id is null)),
  check (shipping_option_id is null or shipping_address is not null)
);

create table cart_item (
  id         text primary key,
  cart_id    text not null references cart,
  position   bigint generated always as identity, -- items stay in the order in which they came
  variant_id text not null,
  sku        text not null, -- a variant's SKU never changes, so a checkout need not ask for it
  quantity   int not null check (quantity between 1 and 999),
  unique (cart_id, variant_id)
);

-- What an order was told about its cart. A late or doubled freeze gets the same answer; `reopened` is the tombstone of an undo.
create table checkout (
  order_id   text not null,
  cart_id    text not null,
  answer     jsonb not null,
  created_at timestamptz not null default now(),
  primary key (order_id, cart_id)
);
