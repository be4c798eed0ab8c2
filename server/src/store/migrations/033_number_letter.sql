-- Letters with issued numbers that were not confirmed as sent. `sealed` is JSON, sealed with the server's key: the
-- database alone reveals no number.
CREATE TABLE number_letter (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (agency, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX number_letter_issued ON number_letter (agency, issued_at, number);
