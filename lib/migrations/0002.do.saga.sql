-- One row per key that a write was done under, or a tombstone of one that must not be done any more. Never trimmed.
create table kernel.once (
  key text primary key,
  kept jsonb,
  undone_at timestamptz,
  created_at timestamptz not null default now()
);

create table kernel.saga (
  id text primary key,
  name text not null,
  version int not null,
  status text not null default 'running' check (status in ('running', 'compensating', 'completed', 'compensated', 'stuck')),
  -- Running: the step that comes next. Compensating and stuck: the highest step that is not undone yet, -1 for none.
  step int not null default 0,
  state jsonb not null,
  reason jsonb,
  attempt int not null default 0,
  put_off boolean not null default false,
  due_at timestamptz not null default now(),
  deadline_at timestamptz not null,
  lease_owner text,
  lease_token bigint not null default 1,
  lease_until timestamptz,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70);

-- Neither index holds a column that an ordinary step changes, so that steps stay HOT updates.
create index saga_due on kernel.saga (due_at) where status in ('running', 'compensating');
create index saga_stuck on kernel.saga (created_at, id) where status = 'stuck';
create index saga_created on kernel.saga (created_at, id);

create table kernel.saga_history (
  saga_id text not null,
  seq bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  step text,
  what text not null,
  detail jsonb not null,
  primary key (saga_id, seq)
);
