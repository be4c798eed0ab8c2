-- A plain letter tells a company its 業者番号, which is no secret; one with an issued number is another matter. Where
-- an agency's profile goes from the one to the other, companies have none of the other kind yet.
CREATE TABLE issued_number_new (
    agency TEXT NOT NULL,
    -- 業者番号, as in the roster.
    number TEXT NOT NULL,
    -- A plain letter: nothing was issued, and the hash is of nothing that can be typed.
    plain INTEGER NOT NULL,
    -- HMAC-SHA-256 of the issued number with the server's key: a stolen database reveals none.
    hash BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    mailed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agency, number, plain),
    UNIQUE (agency, hash)
) STRICT, WITHOUT ROWID;
-- Which kind a row is of, 監査記録 says: both were written in one transaction.
INSERT INTO issued_number_new (agency, number, plain, hash, issued_at, mailed)
SELECT agency, number, EXISTS (
    SELECT 1 FROM audit
    WHERE audit.agency = issued_number.agency AND audit.subject = issued_number.number
        AND audit.at = issued_number.issued_at AND audit.action = 'number_notified'
), hash, issued_at, mailed FROM issued_number;
CREATE TABLE number_letter_new (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    plain INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (agency, number, plain)
) STRICT, WITHOUT ROWID;
INSERT INTO number_letter_new (agency, number, plain, issued_at, sealed)
SELECT agency, number, (
    SELECT plain FROM issued_number_new
    WHERE issued_number_new.agency = number_letter.agency AND issued_number_new.number = number_letter.number
), issued_at, sealed FROM number_letter
WHERE EXISTS (
    SELECT 1 FROM issued_number
    WHERE issued_number.agency = number_letter.agency AND issued_number.number = number_letter.number
);
DROP TABLE issued_number;
DROP TABLE number_letter;
ALTER TABLE issued_number_new RENAME TO issued_number;
ALTER TABLE number_letter_new RENAME TO number_letter;
CREATE INDEX number_letter_issued ON number_letter (agency, plain, issued_at, number);
CREATE TRIGGER issued_number_voided AFTER DELETE ON issued_number
BEGIN
    DELETE FROM number_letter WHERE agency = OLD.agency AND number = OLD.number AND plain = OLD.plain;
END;

-- Up to which 業者番号 every company has one of that kind, and how many have none. It is counted again.
DROP TABLE number_place;
CREATE TABLE number_place (
    agency TEXT NOT NULL,
    plain INTEGER NOT NULL,
    roster_version INTEGER NOT NULL,
    number TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    PRIMARY KEY (agency, plain)
) STRICT, WITHOUT ROWID;
