-- A plain letter tells a company its 業者番号, which is no secret; one with an issued number is another matter. Where
-- an agency's profile goes from the one to the other, companies have none of the other kind yet.
ALTER TABLE issued_number ADD COLUMN plain BOOLEAN;
-- Which kind a row is of, 監査記録 says: both were written in one transaction.
UPDATE issued_number SET plain = EXISTS (
    SELECT 1 FROM audit
    WHERE audit.agency = issued_number.agency AND audit.subject = issued_number.number
        AND audit.at = issued_number.issued_at AND audit.action = 'number_notified'
);
ALTER TABLE issued_number ALTER COLUMN plain SET NOT NULL;
ALTER TABLE number_letter ADD COLUMN plain BOOLEAN;
UPDATE number_letter SET plain = (
    SELECT i.plain FROM issued_number i WHERE i.agency = number_letter.agency AND i.number = number_letter.number
);
DELETE FROM number_letter WHERE plain IS NULL;
ALTER TABLE number_letter ALTER COLUMN plain SET NOT NULL;
ALTER TABLE issued_number DROP CONSTRAINT issued_number_pkey;
ALTER TABLE issued_number ADD PRIMARY KEY (agency, number, plain);
ALTER TABLE number_letter DROP CONSTRAINT number_letter_pkey;
ALTER TABLE number_letter ADD PRIMARY KEY (agency, number, plain);
DROP INDEX number_letter_issued;
CREATE INDEX number_letter_issued ON number_letter (agency, plain, issued_at, number);
CREATE OR REPLACE FUNCTION number_is_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM number_letter WHERE agency = OLD.agency AND number = OLD.number AND plain = OLD.plain;
    RETURN NULL;
END $$;

-- Up to which 業者番号 every company has one of that kind, and how many have none. It is counted again.
DROP TABLE number_place;
CREATE TABLE number_place (
    agency TEXT COLLATE "C" NOT NULL,
    plain BOOLEAN NOT NULL,
    roster_version BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    remaining BIGINT NOT NULL,
    PRIMARY KEY (agency, plain)
);
