-- The ways to send a parcel. Their ids are the same everywhere, so a choice survives a move to another country.
create table shipping_option (
  id   text primary key,
  name text not null
);

-- A country belongs to one zone; a country without a zone is not shipped to.
create table country (
  code char(2) primary key check (code ~ '^[A-Z]{2}$'),
  zone text not null
);

-- Net prices, in minor units of the shop's currency.
create table rate (
  option_id text not null references shipping_option,
  zone      text not null,
  amount    bigint not null check (amount >= 0),
  estimate  text not null,
  primary key (zone, option_id)
);

create table parcel (
  id         text primary key,
  order_id   text not null unique, -- one parcel for an order, however often we hear of it
  option_id  text not null,
  address    jsonb not null,
  lines      jsonb not null check (jsonb_array_length(lines) > 0),
  planned_at timestamptz not null default now()
);

insert into shipping_option (id, name) values ('standard', 'Standard'), ('express', 'Express');

insert into rate (zone, option_id, amount, estimate) values
  ('domestic', 'standard',  490, '2-3 working days'),
  ('domestic', 'express',   990, '1 working day'),
  ('eu',       'standard',  990, '3-5 working days'),
  ('eu',       'express',  1990, '1-2 working days'),
  ('near',     'standard', 1490, '4-7 working days'),
  ('near',     'express',  2990, '2-3 working days'),
  ('overseas', 'standard', 1990, '7-14 working days'),
  ('overseas', 'express',  3990, '3-5 working days');

insert into country (zone, code)
select zone, unnest(codes) from (values
  ('domestic', array['DE']),
  ('eu', array['AT', 'BE', 'BG', 'CY', 'CZ', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL',
               'PL', 'PT', 'RO', 'SE', 'SI', 'SK']),
  ('near', array['CH', 'GB']),
  ('overseas', array['KR', 'US'])
) as zones (zone, codes);
