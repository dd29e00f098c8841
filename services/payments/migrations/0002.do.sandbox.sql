-- The sandbox provider's own books. Nothing of the shop reads or writes them but through the provider.
create schema sandbox;

-- What the provider has decided about an order, once. `closed`: it was voided before an authorization arrived.
create table sandbox.intent (
  order_id text primary key,
  outcome text not null check (outcome in ('authorized', 'declined', 'closed')),
  reason text check ((reason is not null) = (outcome = 'declined')),
  amount bigint,
  currency text,
  at timestamptz not null default now(),
  check (outcome = 'closed' or (amount is not null and currency is not null))
);

-- Money that was moved. Only ever added to.
create table sandbox.entry (
  seq bigint generated always as identity primary key,
  order_id text not null references sandbox.intent,
  type text not null check (type in ('authorize', 'capture', 'void', 'refund')),
  amount bigint not null check (amount >= 0),
  currency text not null,
  at timestamptz not null default clock_timestamp()
);
create unique index authorized_once on sandbox.entry (order_id) where type = 'authorize';
-- An authorization is either captured or voided.
create unique index settled_once on sandbox.entry (order_id) where type in ('capture', 'void');
