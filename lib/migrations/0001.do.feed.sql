-- The announcer's side. The columns id, aggregatetype, aggregateid, type and payload are those of Debezium's outbox router.
create table kernel.feed (
  sequence bigint generated always as identity primary key,
  position bigint unique,
  id text not null unique,
  aggregatetype text not null,
  aggregateid text not null,
  type text not null,
  payload jsonb not null,
  occurred_at timestamptz not null default now(),
  correlation_id text
);

create index feed_unstamped on kernel.feed (sequence) where position is null;

create table kernel.feed_state (
  only_row boolean primary key default true check (only_row),
  epoch text not null default gen_random_uuid(),
  head bigint not null default 0
);

insert into kernel.feed_state default values;

-- Hands out positions, gapless and in the order of insertion, to rows that are committed. Call it in a transaction of its
-- own (READ COMMITTED): the second statement then has a snapshot that is younger than the lock, and sees whatever the
-- stamper before has done. At most 5000 rows at a time, so that a large import cannot run into the statement timeout.
create function kernel.stamp_feed() returns void language plpgsql as $$
begin
  perform from kernel.feed_state for update;
  with pending as (
    select sequence, row_number() over (order by sequence) as place
    from kernel.feed where position is null
    order by sequence limit 5000
  ), stamped as (
    update kernel.feed set position = feed_state.head + pending.place
    from pending, kernel.feed_state where feed.sequence = pending.sequence
    returning feed.sequence
  )
  update kernel.feed_state set head = head + (select count(*) from stamped);
end $$;

-- The subscriber's side: how far this service has read each feed, and which node reads it at the moment. The token changes
-- with every lease and every reset, so whoever holds an old one can no longer move the cursor.
create table kernel.cursor (
  feed text primary key,
  epoch text,
  position bigint not null default 0,
  event_id text,
  token bigint not null default 0,
  leased_by text,
  leased_until timestamptz
);

-- Events whose handler has failed, and later events of the same key behind them.
create table kernel.held_event (
  id text primary key,
  feed text not null,
  position bigint not null,
  type text not null,
  key text not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  correlation_id text,
  status text not null check (status in ('retrying', 'waiting', 'parked')),
  tries int not null,
  next_try_at timestamptz not null default now(),
  error text,
  held_at timestamptz not null default now(),
  unique (feed, key, position)
);

create index held_event_alive on kernel.held_event (feed, next_try_at) where status <> 'parked';
