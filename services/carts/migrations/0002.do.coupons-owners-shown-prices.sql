alter table cart
  add column coupons     text[] not null default '{}' check (cardinality(coupons) <= 5), -- codes, in the order of coming
  add column customer_id text,
  add column started_at  timestamptz, -- when the first item came
  -- Rises when the prices that were shown are noted without a change of the cart, so that a freeze never takes half of them.
  add column shown       int not null default 0;

update cart set started_at = changed_at where exists (select from cart_item where cart_id = cart.id);

-- A customer has at most one open cart.
create unique index cart_of_customer on cart (customer_id) where status = 'open';

-- The price of one that the buyer was shown last, as money; null until it was shown.
alter table cart_item add column shown_price jsonb;
