-- Takes the place of tax_rate, whose primary key leaves room for one rate per country. The old table stays as it is, because a
-- node of the release before would read any of a country's rates from it as the standard one.
create table class_rate (
  country      text not null check (country ~ '^[A-Z]{2}$'),
  tax_class    text not null default 'standard' check (tax_class ~ '^[a-z][a-z0-9_-]{0,39}$'),
  basis_points int not null check (basis_points between 0 and 10000), -- 1900 is 19 %
  primary key (country, tax_class)
);

insert into class_rate (country, basis_points) select country, basis_points from tax_rate;

-- The main reduced rate, which most countries have for food and books. Where a class has no rate, the standard rate applies.
insert into class_rate (country, tax_class, basis_points) values
  ('AT', 'reduced', 1000), ('BE', 'reduced',  600), ('CH', 'reduced',  260), ('CZ', 'reduced', 1200), ('DE', 'reduced',  700),
  ('ES', 'reduced', 1000), ('FR', 'reduced',  550), ('GB', 'reduced',  500), ('IE', 'reduced', 1350), ('IT', 'reduced', 1000),
  ('LU', 'reduced',  800), ('NL', 'reduced',  900), ('PL', 'reduced',  800), ('PT', 'reduced',  600), ('SE', 'reduced', 1200),
  ('GB', 'zero',       0), ('IE', 'zero',       0);
