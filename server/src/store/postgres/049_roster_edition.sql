-- See SQLite's.
ALTER TABLE company DROP CONSTRAINT company_agency_number_fkey;
ALTER TABLE account DROP CONSTRAINT account_agency_number_fkey;

ALTER TABLE roster_version ADD COLUMN edition BIGINT NOT NULL DEFAULT 0, ADD COLUMN latest BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN former BIGINT, ADD COLUMN writing BIGINT NOT NULL DEFAULT 9223372036854775807,
    ADD COLUMN writing_for BIGINT NOT NULL DEFAULT 0, ADD COLUMN writing_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN untidy BOOLEAN NOT NULL DEFAULT FALSE;
INSERT INTO roster_version (agency, version) SELECT DISTINCT agency, 0 FROM roster ON CONFLICT DO NOTHING;

-- Before anything fires on it.
DROP TRIGGER roster_added ON roster;
DROP TRIGGER roster_removed ON roster;
DROP TRIGGER roster_renamed ON roster;
DROP TRIGGER roster_tally ON roster;
DROP TRIGGER roster_tally_moved ON roster;
DROP FUNCTION name_is_due();
DROP FUNCTION roster_counted();
DROP FUNCTION count_roster(TEXT, BIGINT, INT);

CREATE TEMPORARY TABLE undoable ON COMMIT DROP AS SELECT import.id, import.agency FROM import
    JOIN roster_version AS now ON now.agency = import.agency AND now.version = import.roster_version
    WHERE import.state = 'taken';
UPDATE roster_version SET edition = 1, latest = 1, former = 0 WHERE agency IN (SELECT agency FROM undoable);

ALTER TABLE roster RENAME TO roster_row;
ALTER TABLE roster_row ADD COLUMN since BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN until BIGINT NOT NULL DEFAULT 9223372036854775807;
UPDATE roster_row SET since = 1 FROM undoable WHERE undoable.agency = roster_row.agency
    AND (undoable.id = roster_row.added_by OR EXISTS (SELECT 1 FROM roster_before AS old WHERE old.import = undoable.id
    AND old.number = roster_row.number AND old.deed = 'changed'));
ALTER TABLE roster_row DROP CONSTRAINT roster_pkey, DROP COLUMN added_by;
ALTER TABLE roster_row ADD PRIMARY KEY (agency, number, since);
INSERT INTO roster_row (agency, number, since, until, name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more)
SELECT undoable.agency, number, 0, 1, name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more
FROM roster_before JOIN undoable ON undoable.id = roster_before.import WHERE deed IN ('changed', 'removed');

CREATE TABLE import_suspended (
    import BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (import, number),
    FOREIGN KEY (import) REFERENCES import (id)
);
INSERT INTO import_suspended (import, number) SELECT import, number FROM roster_before WHERE deed = 'suspended';
DROP TABLE roster_before;

DROP INDEX roster_listing;
DROP INDEX roster_phone;
DROP INDEX roster_delegate_phone;
DROP INDEX roster_person;
CREATE TABLE roster_place (
    agency TEXT COLLATE "C" NOT NULL,
    listing_row BIGINT NOT NULL,
    listing_kana TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    listing_name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agency, listing_row, listing_kana, number, listing_name)
);
INSERT INTO roster_place (agency, listing_row, listing_kana, number, listing_name)
SELECT DISTINCT agency, listing_row, listing_kana, number, listing_name FROM roster_row;
CREATE TABLE roster_contact (
    agency TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agency, contact, number)
);
INSERT INTO roster_contact (agency, contact, number) SELECT agency, contact, number FROM (
    SELECT agency, replace(phone, '-', '') AS contact, number FROM roster_row UNION
    SELECT agency, replace(delegate_phone, '-', ''), number FROM roster_row UNION
    SELECT agency, replace(replace(representative_name, ' ', ''), '　', ''), number FROM roster_row) AS found
WHERE contact <> '';

CREATE VIEW roster AS SELECT roster_row.agency, number, since, until, name, kana, corporate_number, postal_code, address,
    representative_name, representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at,
    information_user_id, information_password, listing_row, listing_kana, listing_name, more, kept, delegate_phone
FROM roster_version JOIN roster_row ON roster_row.agency = roster_version.agency AND since <= edition AND until > edition;

CREATE TABLE roster_wanted (
    agency TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agency, number)
);

ALTER TABLE name_key ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
UPDATE name_key SET since = roster.since FROM roster
    WHERE roster.agency = name_key.agency AND roster.number = name_key.number AND roster.since <> 0;
ALTER TABLE name_key DROP CONSTRAINT name_key_agency_number_key, ADD UNIQUE (agency, number, since);
ALTER TABLE name_due ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
UPDATE name_due SET since = roster.since FROM roster
    WHERE roster.agency = name_due.agency AND roster.number = name_due.number AND roster.since <> 0;
ALTER TABLE name_due DROP CONSTRAINT name_due_pkey, ADD PRIMARY KEY (agency, since, number);
INSERT INTO name_due (agency, since, number) SELECT agency, since, number FROM roster_row AS former WHERE until = 1
    AND NOT EXISTS (SELECT 1 FROM name_key WHERE name_key.agency = former.agency AND name_key.number = former.number
    AND name_key.since = former.since) ON CONFLICT DO NOTHING;

CREATE FUNCTION name_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO name_due (agency, since, number) VALUES (OLD.agency, OLD.since, OLD.number) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO name_due (agency, since, number) VALUES (NEW.agency, NEW.since, NEW.number) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER roster_added AFTER INSERT ON roster_row FOR EACH ROW EXECUTE FUNCTION name_is_due();
CREATE TRIGGER roster_removed AFTER DELETE ON roster_row FOR EACH ROW EXECUTE FUNCTION name_is_due();
CREATE TRIGGER roster_renamed AFTER UPDATE ON roster_row FOR EACH ROW
WHEN ((OLD.name, OLD.corporate_number, OLD.branch, OLD.more, OLD.listing_name, OLD.listing_kana, OLD.representative_name)
    IS DISTINCT FROM (NEW.name, NEW.corporate_number, NEW.branch, NEW.more, NEW.listing_name, NEW.listing_kana,
    NEW.representative_name))
EXECUTE FUNCTION name_is_due();

DROP TABLE roster_tally;
CREATE TABLE roster_tally (
    agency TEXT COLLATE "C" NOT NULL,
    edition BIGINT NOT NULL,
    listing_row BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (agency, edition, listing_row)
);
INSERT INTO roster_tally (agency, edition, listing_row, count) SELECT agency, edition, listing_row, sum(count) FROM (
    SELECT agency, since AS edition, listing_row, 1 AS count FROM roster_row UNION ALL
    SELECT agency, until, listing_row, -1 FROM roster_row WHERE until < 9223372036854775807) AS counted GROUP BY 1, 2, 3;
-- Once for all rows that one statement writes: each row's own change of the same counters would be a version of them.
CREATE FUNCTION count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT agency, edition, listing_row, sum(count) FROM (
        SELECT agency, since AS edition, listing_row, 1 AS count FROM added UNION ALL
        SELECT agency, until, listing_row, -1 FROM added WHERE until < 9223372036854775807) AS counted GROUP BY 1, 2, 3
    ON CONFLICT (agency, edition, listing_row) DO UPDATE SET count = roster_tally.count + excluded.count;
    RETURN NULL;
END $$;
CREATE FUNCTION count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT agency, edition, listing_row, sum(count) FROM (
        SELECT agency, since AS edition, listing_row, -1 AS count FROM removed UNION ALL
        SELECT agency, until, listing_row, 1 FROM removed WHERE until < 9223372036854775807) AS counted GROUP BY 1, 2, 3
    ON CONFLICT (agency, edition, listing_row) DO UPDATE SET count = roster_tally.count + excluded.count;
    RETURN NULL;
END $$;
CREATE FUNCTION count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT agency, edition, listing_row, sum(count) FROM (
        SELECT agency, since AS edition, listing_row, -1 AS count FROM removed UNION ALL
        SELECT agency, until, listing_row, 1 FROM removed WHERE until < 9223372036854775807 UNION ALL
        SELECT agency, since, listing_row, 1 FROM added UNION ALL
        SELECT agency, until, listing_row, -1 FROM added WHERE until < 9223372036854775807) AS counted GROUP BY 1, 2, 3
    HAVING sum(count) <> 0
    ON CONFLICT (agency, edition, listing_row) DO UPDATE SET count = roster_tally.count + excluded.count;
    RETURN NULL;
END $$;
CREATE TRIGGER roster_tally_added AFTER INSERT ON roster_row REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_added();
CREATE TRIGGER roster_tally_removed AFTER DELETE ON roster_row REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_removed();
CREATE TRIGGER roster_tally_moved AFTER UPDATE ON roster_row REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_moved();
