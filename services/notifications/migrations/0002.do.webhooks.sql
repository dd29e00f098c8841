-- Somebody else's system that wants to hear of events. Its secret is not here: it is made of the id and the version.
create table webhook (
  id             text primary key,
  url            text not null,
  events         text[] not null check (cardinality(events) > 0),
  is_active      boolean not null default true,
  secret_version int not null default 1,
  secret_renewed_at timestamptz,
  created_at     timestamptz(3) not null default now()
);

-- One event for one webhook: the id is what the receiver tells repetitions by.
create table delivery (
  id            text primary key,
  webhook_id    text not null references webhook on delete cascade,
  type          text not null,
  payload       jsonb not null,
  occurred_at   timestamptz(3) not null default now(),
  status        text not null default 'due' check (status in ('due', 'delivered', 'failed')),
  -- Whoever delivers puts it off first, so that nobody else does, and it is due again if he dies.
  due_at        timestamptz not null default now(),
  attempts      int not null default 0,
  answer_status int, -- of the last try; null when there was no answer
  error         text,
  finished_at   timestamptz(3),
  check ((status = 'due') = (finished_at is null))
);
create index delivery_due on delivery (due_at) where status = 'due';
create index on delivery (webhook_id, id);
