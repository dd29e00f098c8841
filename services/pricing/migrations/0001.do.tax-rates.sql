-- Standard rates of value-added tax (sales tax is not computed for the US). A country that is not listed is not taxed.
create table tax_rate (
  country      char(2) primary key check (country ~ '^[A-Z]{2}$'),
  basis_points int not null check (basis_points between 0 and 10000) -- 1900 is 19 %
);

insert into tax_rate (country, basis_points) values
  ('AT', 2000), ('BE', 2100), ('BG', 2000), ('CH',  810), ('CY', 1900), ('CZ', 2100), ('DE', 1900), ('DK', 2500),
  ('EE', 2400), ('ES', 2100), ('FI', 2550), ('FR', 2000), ('GB', 2000), ('GR', 2400), ('HR', 2500), ('HU', 2700),
  ('IE', 2300), ('IT', 2200), ('KR', 1000), ('LT', 2100), ('LU', 1700), ('LV', 2100), ('MT', 1800), ('NL', 2100),
  ('PL', 2300), ('PT', 2300), ('RO', 2100), ('SE', 2500), ('SI', 2200), ('SK', 2300), ('US',    0);
