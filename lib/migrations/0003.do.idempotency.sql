-- Idempotency keys of requests from outside, beside the data that the request changes.
create table kernel.idempotency_key (
  scope       text not null, -- caller, method and concrete path
  key         text not null,
  fingerprint text not null, -- of the body: the same key with another body is a mistake of the client
  token       uuid not null, -- of the request that works under the key; a late one with an older token cannot answer
  lease_until timestamptz,   -- null once answered
  status      int,
  answer      jsonb,
  created_at  timestamptz not null default now(),
  primary key (scope, key),
  check ((lease_until is null) = (status is not null))
);
create index on kernel.idempotency_key (created_at);
