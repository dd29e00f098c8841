create table thing (
  name  text primary key,
  count int not null default 1
);
