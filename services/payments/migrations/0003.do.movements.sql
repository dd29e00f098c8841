-- What was taken and given back of a payment so far, and what is on its way. The provider is asked only for what found room here.
alter table payment
  add column captured bigint not null default 0 check (captured >= 0),
  add column capturing bigint not null default 0 check (capturing >= 0),
  add column refunded bigint not null default 0 check (refunded >= 0),
  add column refunding bigint not null default 0 check (refunding >= 0),
  -- The refund that gives the whole payment back, once that was asked for.
  add column give_back_id text,
  add column give_back_reason text,
  -- When somebody has to ask the provider what became of it, while that is not known, and how often that was done.
  add column due_at timestamptz not null default now() + interval '5 seconds',
  add column asked int not null default 0,
  add constraint captured_within_authorized check (captured + capturing <= coalesce(amount, 0)),
  add constraint refunded_within_captured check (refunded + refunding <= captured),
  add constraint give_back_has_reason check ((give_back_id is null) = (give_back_reason is null));

create index payment_open on payment (due_at) where status in ('pending', 'failing', 'voiding');
create index payment_changed on payment (updated_at, order_id);

-- Every capture and refund that was asked for, under the id that is the provider's idempotency key.
create table movement (
  id text primary key,
  order_id text not null,
  kind text not null check (kind in ('capture', 'refund')),
  amount bigint not null check (amount > 0),
  currency text not null,
  why text,
  status text not null check (status in ('pending', 'done', 'refused')),
  refusal text,
  due_at timestamptz not null default now() + interval '5 seconds',
  asked int not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((refusal is not null) = (status = 'refused'))
);
create index movement_of_order on movement (order_id, created_at);
create index movement_open on movement (due_at) where status = 'pending';

-- The shop's own books, by double entry.
create table account (
  name text primary key,
  meaning text not null
);
insert into account (name, meaning) values
  ('provider', 'What payment providers have taken for the shop and owe it.'),
  ('sales', 'What was paid for orders.');

create table booking (
  id bigint generated always as identity primary key,
  order_id text not null,
  kind text not null check (kind in ('capture', 'refund')),
  -- The capture or refund that it is about, booked once.
  movement_id text not null unique references movement,
  at timestamptz not null default now()
);

create table entry (
  id bigint generated always as identity primary key,
  booking_id bigint not null references booking,
  order_id text not null,
  account text not null references account,
  side text not null check (side in ('debit', 'credit')),
  amount bigint not null check (amount > 0),
  currency text not null
);
create index entry_of_order on entry (order_id, id);
create index entry_of_booking on entry (booking_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Table % is only ever added to.', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger booking_is_kept before update or delete or truncate on booking execute function refuse_change();
create trigger entry_is_kept before update or delete or truncate on entry execute function refuse_change();

create function require_balance() returns trigger language plpgsql as $$
declare
  wanted bigint := case tg_table_name when 'booking' then (to_jsonb(new) ->> 'id')::bigint else (to_jsonb(new) ->> 'booking_id')::bigint end;
begin
  if not exists (select from entry where booking_id = wanted) or exists (
    select from entry where booking_id = wanted group by currency
    having sum(case side when 'debit' then amount else -amount end) <> 0
  ) then
    raise exception 'Booking % is not balanced.', wanted using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger booking_is_balanced after insert on booking
  deferrable initially deferred for each row execute function require_balance();
create constraint trigger entry_is_balanced after insert on entry
  deferrable initially deferred for each row execute function require_balance();

-- What was captured before there were books: one capture of the whole amount.
update payment set captured = amount where status = 'captured' and amount > 0;
insert into movement (id, order_id, kind, amount, currency, status, created_at, updated_at)
select 'cap_0000000000' || substr(md5(order_id), 1, 26), order_id, 'capture', amount, currency, 'done', updated_at, updated_at
from payment where captured > 0;
insert into booking (order_id, kind, movement_id, at) select order_id, kind, id, updated_at from movement;
insert into entry (booking_id, order_id, account, side, amount, currency)
select b.id, m.order_id, a.account, a.side, m.amount, m.currency
from booking b join movement m on m.id = b.movement_id, (values ('provider', 'debit'), ('sales', 'credit')) as a (account, side);

-- The messages of providers that were worked on, so that one that comes again changes nothing.
create table webhook (
  provider text not null,
  id text not null,
  received_at timestamptz not null default now(),
  primary key (provider, id)
);
create index webhook_received on webhook (received_at);
