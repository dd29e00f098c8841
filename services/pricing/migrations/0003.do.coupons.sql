create table coupon (
  code         text primary key check (code ~ '^[A-Z0-9][A-Z0-9_-]{0,39}$'),
  type         text not null check (type in ('percent', 'amount', 'free_shipping')),
  value        bigint not null, -- basis points of a percent, minor units of an amount
  usage_limit  bigint check (usage_limit > 0),
  per_customer bigint check (per_customer > 0),
  minimum      bigint check (minimum > 0),
  starts_at    timestamptz,
  ends_at      timestamptz,
  products     jsonb not null default '[]', -- ids; with the categories empty too: everything
  categories   jsonb not null default '[]', -- handles
  used         bigint not null default 0 check (used >= 0), -- may lie above a limit that was lowered later
  archived_at  timestamptz,
  created_at   timestamptz not null default now(),
  check (starts_at < ends_at),
  check (case type when 'percent' then value between 1 and 10000 when 'amount' then value > 0 else value = 0 end)
);

-- How often a buyer has used a coupon. The buyer is an email address in small letters.
create table coupon_use (
  code  text not null references coupon,
  buyer text not null,
  used  bigint not null check (used >= 0),
  primary key (code, buyer)
);

create table redemption (
  order_id    text not null,
  code        text not null references coupon,
  buyer       text not null,
  redeemed_at timestamptz not null default now(),
  returned_at timestamptz,
  primary key (order_id, code)
);
