-- Guesses at passwords and numbers, by an HMAC of who tries what: how far each is paid for (GCRA), in microseconds. Here,
-- so that several servers on one database count together.
CREATE TABLE guess (
    id BLOB PRIMARY KEY,
    paid_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_due ON guess (paid_until);

-- From where somebody has signed in to what, by an HMAC of both: strangers' guesses do not count there.
CREATE TABLE known_address (
    id BLOB PRIMARY KEY,
    forget_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_address_forget ON known_address (forget_at);
