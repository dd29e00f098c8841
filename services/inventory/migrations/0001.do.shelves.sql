create table shelf (
  sku               text primary key,
  variant_id        text not null,
  is_tracked        boolean not null, -- what is not tracked is always available and never counted
  policy            text not null check (policy in ('deny', 'continue')),
  on_hand           bigint not null,
  reserved          bigint not null default 0 check (reserved >= 0),
  imported_quantity bigint not null, -- what the last import said; stock changes only where the next one says something else
  -- Units that were owed to back orders when the policy became 'deny': the only way for such a shelf to promise more than it has.
  overdrawn         bigint not null default 0 check (overdrawn >= 0),
  -- Units that can be promised; null for without end. Below zero while more is owed than there is.
  free              bigint generated always as (case when is_tracked and policy = 'deny' then on_hand - reserved end) stored,
  constraint nothing_oversold check (policy = 'continue' or reserved <= on_hand + overdrawn)
) with (fillfactor = 70);

-- One row for every order that was ever asked about, never trimmed: it makes each answer repeatable, and 'released' without
-- a reservation is the tombstone that refuses one which arrives late.
create table order_hold (
  order_id   text primary key,
  status     text not null check (status in ('reserved', 'allocated', 'short', 'released', 'expired')),
  expires_at timestamptz, -- of the reservation, if there ever was one
  missing    jsonb,
  check ((status = 'short') = (missing is not null)),
  check (status not in ('reserved', 'expired') or expires_at is not null)
);
create index order_hold_due on order_hold (expires_at) where status = 'reserved';

-- What an order takes off a shelf; lines that were not tracked at the time have no row. The hold says whether it still counts.
create table reservation (
  order_id   text not null references order_hold,
  sku        text not null references shelf,
  variant_id text not null,
  quantity   bigint not null check (quantity > 0),
  primary key (order_id, sku)
);

create table adjustment (
  id     bigint generated always as identity primary key,
  sku    text not null references shelf,
  delta  bigint not null check (delta <> 0),
  reason text not null,
  by     text not null,
  at     timestamptz not null default now()
);
create index on adjustment (sku, id);
