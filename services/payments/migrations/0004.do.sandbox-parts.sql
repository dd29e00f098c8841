alter table sandbox.intent
  add column captured bigint not null default 0,
  add column refunded bigint not null default 0,
  -- Voided: what is not captured by then never will be.
  add column closed_at timestamptz,
  -- How often each of its webhooks is sent.
  add column copies int not null default 1;

-- A capture or refund has the id that it was asked for under, and is booked once.
alter table sandbox.entry add column reference text;
update sandbox.entry set reference = 'cap_0000000000' || substr(md5(order_id), 1, 26) where type = 'capture';
update sandbox.intent i set captured = e.amount from sandbox.entry e where e.order_id = i.order_id and e.type = 'capture';
update sandbox.intent i set closed_at = e.at from sandbox.entry e where e.order_id = i.order_id and e.type = 'void';

alter table sandbox.intent
  add constraint captured_within_amount check (captured between 0 and coalesce(amount, 0)),
  add constraint refunded_within_captured check (refunded between 0 and captured);
-- Nothing of an older release runs beside this one that could capture twice without it: captures are guarded by the sums above.
drop index sandbox.settled_once;
create unique index moved_once on sandbox.entry (reference);
create unique index voided_once on sandbox.entry (order_id) where type = 'void';

-- What the provider has still to tell the shop.
create table sandbox.webhook (
  id text primary key,
  type text not null,
  order_id text not null,
  amount bigint not null,
  currency text not null,
  reference text,
  copies int not null,
  tries int not null default 0,
  due_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index webhook_due on sandbox.webhook (due_at);
