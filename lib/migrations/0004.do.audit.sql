-- What the administration did with this service, or tried to. Written before it is done, so that no deed is without its line;
-- `begun` stays only where the process died meanwhile. Never trimmed.
create table kernel.audit (
  id         text primary key, -- sorts by time
  at         timestamptz(3) not null default now(),
  by         text not null,
  action     text not null,
  input      jsonb not null,
  request_id text not null,
  outcome    text not null default 'begun' -- then 'done' or the code of the fault
);
create index on kernel.audit (by, id);
create index on kernel.audit (action, id);
