-- Whether the officer gets a mail every morning about what happened.
ALTER TABLE officer ADD COLUMN daily_mail INTEGER NOT NULL DEFAULT 1;
