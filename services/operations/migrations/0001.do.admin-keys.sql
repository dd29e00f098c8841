-- Keys besides the shop's own one. Of a key only its SHA-256 is kept: it is random enough that nobody can guess it from that.
create table admin_key (
  id           text primary key,
  digest       text not null unique check (digest ~ '^[0-9a-f]{64}$'),
  name         text not null,
  scopes       text[] not null check (cardinality(scopes) > 0),
  hint         text not null,
  created_at   timestamptz(3) not null default now(),
  created_by   text not null,
  last_used_at timestamptz(3),
  revoked_at   timestamptz(3)
);
