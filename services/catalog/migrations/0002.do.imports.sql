create table upload_piece (
  upload      text not null,
  place       int not null,
  bytes       bytea not null,
  received_at timestamptz not null default now(),
  primary key (upload, place)
);

-- One row for each upload that was started. While it runs, one node at a time holds its lease; whoever has an old token can
-- no longer write.
create table import (
  id           text primary key,
  upload       text not null unique, -- an upload is imported once, however often it is started
  status       text not null default 'running' check (status in ('running', 'completed', 'failed')),
  created      int not null default 0,
  updated      int not null default 0,
  unchanged    int not null default 0,
  failed       int not null default 0,
  progress     real not null default 0 check (progress between 0 and 1),
  errors       jsonb not null default '[]',
  error_count  int not null default 0,
  -- How many products and errors of the file are dealt with: where a node goes on after another one's crash.
  entries      int not null default 0,
  -- The end of the catalog's feed once the file was read; inventory has to get there.
  feed_head    bigint,
  token        bigint not null default 0,
  leased_until timestamptz,
  created_at   timestamptz not null default now(),
  finished_at  timestamptz
);

create index import_running on import (token, created_at) where status = 'running';

-- How far the demo catalogue was written. The row is there as soon as it was decided whether to write it at all.
create table seeding (
  only_row boolean primary key default true check (only_row),
  products int not null default 0,
  done_at  timestamptz
);
