-- What an administrator may say of a product. `is_published` stays what the shop looks at: active, and meant for the online store.
alter table product
  add column status    text not null default 'active' check (status in ('draft', 'active', 'archived', 'unlisted')),
  add column is_listed boolean not null default true,
  add column tax_class text not null default 'standard',
  -- One more with every change of the product or of its variants.
  add column version   int not null default 0,
  -- What a file said in cells that are kept nowhere else, by column: the text, or [the text, what it was read as].
  add column cells     jsonb not null default '{}';

update product set status = 'draft' where not is_published;

alter table variant add column cells jsonb not null default '{}';

create index product_hidden on product (created_at, id) where not is_published;
create index product_of_all_by_age on product (created_at, id);

-- Handles of the category and of all that it lies in, itself last.
alter table category add column path text[] not null default '{}';

with recursive tree as (
  select id, array[handle] as path from category where parent_id is null
  union all select c.id, t.path || c.handle from category c join tree t on c.parent_id = t.id
)
update category c set path = t.path from tree t where t.id = c.id;

create index category_path on category using gin (path);

-- Which columns the cells have, in the order in which they were first seen: an export's columns stay the same from its first
-- piece to its last.
create table extra_column (
  place int generated always as identity primary key,
  name  text not null unique
);
