-- Where to find at Stripe what belongs to an order. Stripe's own search lags behind, so nothing is ever searched there.
create table stripe_intent (
  order_id text primary key,
  -- Null only for an order that was voided before anything was to be paid.
  amount bigint,
  currency text,
  intent_id text unique,
  -- Why the card was declined, for good.
  reason text,
  -- Voided: nothing is confirmed or captured any more.
  is_closed boolean not null default false,
  created_at timestamptz not null default now(),
  check ((amount is null) = (currency is null)),
  check (amount is not null or is_closed)
);
