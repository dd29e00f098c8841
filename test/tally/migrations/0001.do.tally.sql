create table tally (
  order_id text primary key,
  -- A test narrows this limit to have an order that cannot be counted.
  units int not null constraint most check (units < 1000)
);
