create table payment (
  order_id text primary key,
  -- Null only for an order that was voided before anything was to be paid.
  amount bigint check (amount >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  -- Needed to ask again; gone as soon as the provider has decided.
  token text,
  status text not null check (
    status in ('pending', 'authorized', 'captured', 'declined', 'failing', 'failed', 'voiding', 'voided')
  ),
  reason text,
  -- How often the provider said that it failed.
  attempts int not null default 0,
  provider text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((token is not null) = (status = 'pending')),
  check ((amount is null) = (currency is null)),
  check (amount is not null or status in ('voiding', 'voided')),
  check ((reason is not null) or status not in ('declined', 'failing', 'failed'))
);
