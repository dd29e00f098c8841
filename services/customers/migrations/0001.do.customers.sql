create table customer (
  id text primary key,
  -- In the one form in which addresses are compared.
  email text not null unique check (email = lower(email) and email = btrim(email)),
  name text,
  -- A PHC string: algorithm, parameters, salt and hash.
  password text not null,
  -- Counts the passwords there were, not their hashes: a hash is renewed while people sign in.
  password_version int not null default 1,
  email_verified_at timestamptz,
  registered_at timestamptz not null default now()
);

create index customer_registered on customer (registered_at desc, id desc);

create table address (
  id text primary key,
  customer_id text not null references customer on delete cascade,
  position bigint generated always as identity,
  fields jsonb not null
);

create index address_customer on address (customer_id, position);

create table session (
  id text primary key,
  customer_id text not null references customer on delete cascade,
  started_at timestamptz not null default now(),
  -- Moves on with every refresh, but never beyond the end.
  expires_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  ended_by text check (ended_by in ('logout', 'reuse', 'password')),
  check (expires_at <= ends_at),
  check ((ended_at is null) = (ended_by is null))
);

create index session_customer on session (customer_id);
create index session_expires on session (expires_at);

create table refresh_token (
  -- SHA-256: the token itself is with its owner only.
  digest bytea primary key check (length(digest) = 32),
  session_id text not null references session on delete cascade,
  spent_at timestamptz,
  -- SHA-256 of the Idempotency-Key that it was spent under.
  spent_under bytea,
  check (spent_under is null or spent_at is not null)
);

create index refresh_token_session on refresh_token (session_id);
-- A session has one token that is good.
create unique index refresh_token_unspent on refresh_token (session_id) where spent_at is null;

-- A mail that somebody has asked for. Its token is made from its id when it is written, so nothing here opens anything.
create table letter (
  id text primary key,
  kind text not null check (kind in ('password_reset', 'verify_email', 'account_exists')),
  email text not null,
  requested_at timestamptz not null default now(),
  -- Null once it was handed on. Whoever writes it puts it off first.
  due_at timestamptz default now(),
  attempts int not null default 0,
  customer_id text references customer on delete cascade,
  token_digest bytea unique,
  expires_at timestamptz,
  used_at timestamptz,
  check (token_digest is null or (customer_id is not null and expires_at is not null))
);

create index letter_due on letter (due_at) where due_at is not null;
create index letter_email on letter (email, kind, requested_at);
create index letter_customer on letter (customer_id) where customer_id is not null;

-- Failed attempts by what they were made on, known or not: a keyed hash.
create table attempt (
  key bytea primary key,
  failures int not null check (failures > 0),
  blocked_until timestamptz not null,
  last_at timestamptz not null default now()
);

create index attempt_last on attempt (last_at);
