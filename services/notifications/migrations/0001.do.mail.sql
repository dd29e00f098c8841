create table mail (
  id text primary key,
  -- What the mail is about: at most one of a kind for one thing.
  kind text not null,
  about text not null,
  recipient text not null,
  subject text not null,
  -- Not kept after an SMTP server has taken the mail.
  text text,
  html text,
  status text not null default 'due' check (status in ('due', 'sent', 'failed')),
  -- Due now or later. Whoever sends a mail puts it off first, so that nobody else does, and it is due again if he dies.
  due_at timestamptz not null default now(),
  attempts int not null default 0,
  error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (kind, about),
  check ((status = 'due') = (finished_at is null)),
  check ((text is null) = (html is null)),
  check (status = 'sent' or text is not null)
);

create index mail_due on mail (due_at) where status = 'due';
create index mail_sent on mail (finished_at desc, id desc) where status = 'sent' and text is not null;
create index mail_sent_to on mail (recipient, finished_at desc) where status = 'sent' and text is not null;
create index mail_failed on mail (finished_at desc, id desc) where status = 'failed';
