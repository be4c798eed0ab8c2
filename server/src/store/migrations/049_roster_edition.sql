-- A roster has editions: a take-over writes the next one beside the present one, a little at a time, and nobody sees it until
-- `roster_version.edition` moves. See `edition.rs`.

-- What these keys promised, `edition.rs` keeps: the table that they named becomes a view. Only their words go from the schema,
-- as SQLite's manual has it (https://www.sqlite.org/lang_altertable.html, 7), so that no table has to be made anew.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ',
    FOREIGN KEY (agency, number) REFERENCES roster (agency, number)', '')
WHERE type = 'table' AND name IN ('company', 'account');
PRAGMA writable_schema = RESET;

-- The edition that is in force.
ALTER TABLE roster_version ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
-- The last one that was begun. No number is given twice.
ALTER TABLE roster_version ADD COLUMN latest INTEGER NOT NULL DEFAULT 0;
-- The one that undoing the agency's last import brings back.
ALTER TABLE roster_version ADD COLUMN former INTEGER;
-- The one that is being written, or made ready to be undone; 2^63 - 1: none. For which import (0: the command line's), and when
-- it was last seen at work.
ALTER TABLE roster_version ADD COLUMN writing INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE roster_version ADD COLUMN writing_for INTEGER NOT NULL DEFAULT 0;
ALTER TABLE roster_version ADD COLUMN writing_at INTEGER NOT NULL DEFAULT 0;
-- Whether there may be rows of an edition that is none of these, or that never came into force.
ALTER TABLE roster_version ADD COLUMN untidy INTEGER NOT NULL DEFAULT 0;
INSERT INTO roster_version (agency, version) SELECT DISTINCT agency, 0 FROM roster WHERE true ON CONFLICT DO NOTHING;

-- The imports that can be undone: what they changed becomes edition 1.
CREATE TABLE undoable AS SELECT import.id, import.agency FROM import JOIN roster_version AS now ON now.agency = import.agency
    AND now.version = import.roster_version WHERE import.state = 'taken';
UPDATE roster_version SET edition = 1, latest = 1, former = 0 WHERE agency IN (SELECT agency FROM undoable);

CREATE TABLE roster_row (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    corporate_number TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    address TEXT NOT NULL,
    representative_name TEXT NOT NULL,
    representative_title TEXT NOT NULL,
    phone TEXT NOT NULL,
    fax TEXT NOT NULL,
    branch TEXT NOT NULL,
    -- JSON object: qualification → grade.
    qualifications TEXT NOT NULL,
    user_id TEXT NOT NULL,
    -- PHC string (argon2id); empty: none issued.
    password_hash TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    information_user_id TEXT NOT NULL DEFAULT '',
    information_password INTEGER NOT NULL DEFAULT 0,
    listing_row INTEGER NOT NULL DEFAULT 11,
    listing_kana TEXT NOT NULL DEFAULT '',
    listing_name TEXT NOT NULL DEFAULT '',
    -- All further columns, as a JSON object.
    more TEXT NOT NULL DEFAULT '{}',
    -- An officer added or corrected it by hand, and imports leave it as it is.
    kept INTEGER NOT NULL DEFAULT 0,
    -- The first edition that has the row, and the first that has it no more; 2^63 - 1: none.
    since INTEGER NOT NULL DEFAULT 0,
    until INTEGER NOT NULL DEFAULT 9223372036854775807,
    delegate_phone TEXT GENERATED ALWAYS AS (more ->> '委任先電話番号') VIRTUAL,
    PRIMARY KEY (agency, number, since)
) STRICT, WITHOUT ROWID;
INSERT INTO roster_row (agency, number, since, name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more, kept)
SELECT agency, number, EXISTS (SELECT 1 FROM undoable WHERE undoable.agency = roster.agency AND (undoable.id = roster.added_by
    OR EXISTS (SELECT 1 FROM roster_before AS old WHERE old.import = undoable.id AND old.number = roster.number
    AND old.deed = 'changed'))), name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more, kept
FROM roster ORDER BY agency, number;
INSERT INTO roster_row (agency, number, since, until, name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more)
SELECT undoable.agency, number, 0, 1, name, kana, corporate_number, postal_code, address, representative_name,
    representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at, information_user_id,
    information_password, listing_row, listing_kana, listing_name, more
FROM roster_before JOIN undoable ON undoable.id = roster_before.import WHERE deed IN ('changed', 'removed');

-- Companies that an import suspended: undoing it lifts that.
CREATE TABLE import_suspended (
    import INTEGER NOT NULL REFERENCES import (id),
    number TEXT NOT NULL,
    PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;
INSERT INTO import_suspended (import, number) SELECT import, number FROM roster_before WHERE deed = 'suspended';
DROP TABLE roster_before;
DROP TABLE roster;
DROP TABLE undoable;

CREATE INDEX roster_kept ON roster_row (agency, number) WHERE kept <> 0;

-- Hints: some edition may have such a row (`hint.rs`). In place of indexes, which are written in the order of rows.
CREATE TABLE roster_place (
    agency TEXT NOT NULL,
    listing_row INTEGER NOT NULL,
    listing_kana TEXT NOT NULL,
    number TEXT NOT NULL,
    listing_name TEXT NOT NULL,
    PRIMARY KEY (agency, listing_row, listing_kana, number, listing_name)
) STRICT, WITHOUT ROWID;
INSERT INTO roster_place (agency, listing_row, listing_kana, number, listing_name)
SELECT DISTINCT agency, listing_row, listing_kana, number, listing_name FROM roster_row ORDER BY 1, 2, 3, 4, 5;
-- Digits of a phone number, or a representative's name without spaces.
CREATE TABLE roster_contact (
    agency TEXT NOT NULL,
    contact TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (agency, contact, number)
) STRICT, WITHOUT ROWID;
INSERT INTO roster_contact (agency, contact, number) SELECT agency, contact, number FROM (
    SELECT agency, replace(phone, '-', '') AS contact, number FROM roster_row UNION
    SELECT agency, replace(delegate_phone, '-', ''), number FROM roster_row UNION
    SELECT agency, replace(replace(representative_name, ' ', ''), '　', ''), number FROM roster_row)
WHERE contact <> '' ORDER BY 1, 2, 3;

-- 有資格業者名簿, as it is. Not for `LEFT JOIN`, for which SQLite would make all of it first.
CREATE VIEW roster AS SELECT roster_row.agency, number, since, until, name, kana, corporate_number, postal_code, address,
    representative_name, representative_title, phone, fax, branch, qualifications, user_id, password_hash, imported_at,
    information_user_id, information_password, listing_row, listing_kana, listing_name, more, kept, delegate_phone
FROM roster_version JOIN roster_row ON roster_row.agency = roster_version.agency AND since <= edition AND until > edition;

-- Numbers that somebody registered or applied with while an edition was being written.
CREATE TABLE roster_wanted (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (agency, number)
) STRICT, WITHOUT ROWID;

-- Names are indexed row by row, whichever edition has the row.
CREATE TABLE name_key_after (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    since INTEGER NOT NULL,
    UNIQUE (agency, number, since)
) STRICT;
INSERT INTO name_key_after (id, agency, number, since) SELECT id, agency, number, coalesce((SELECT since FROM roster
    WHERE roster.agency = name_key.agency AND roster.number = name_key.number), 0) FROM name_key;
DROP TABLE name_key;
ALTER TABLE name_key_after RENAME TO name_key;
-- In this order, so that those of an edition that is being written are out of everybody's way.
CREATE TABLE name_due_after (
    agency TEXT NOT NULL,
    since INTEGER NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (agency, since, number)
) STRICT, WITHOUT ROWID;
INSERT INTO name_due_after (agency, since, number) SELECT agency, coalesce((SELECT since FROM roster
    WHERE roster.agency = name_due.agency AND roster.number = name_due.number), 0), number FROM name_due
UNION SELECT agency, since, number FROM roster_row AS former WHERE until = 1
    AND NOT EXISTS (SELECT 1 FROM name_key WHERE name_key.agency = former.agency AND name_key.number = former.number
    AND name_key.since = former.since);
DROP TABLE name_due;
ALTER TABLE name_due_after RENAME TO name_due;
CREATE TRIGGER roster_added AFTER INSERT ON roster_row BEGIN
    INSERT INTO name_due (agency, since, number) VALUES (NEW.agency, NEW.since, NEW.number) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER roster_renamed AFTER UPDATE OF name, corporate_number, branch, more, listing_name, listing_kana,
    representative_name ON roster_row
WHEN (OLD.name, OLD.corporate_number, OLD.branch, OLD.more, OLD.listing_name, OLD.listing_kana, OLD.representative_name)
    IS NOT (NEW.name, NEW.corporate_number, NEW.branch, NEW.more, NEW.listing_name, NEW.listing_kana,
    NEW.representative_name) BEGIN
    INSERT INTO name_due (agency, since, number) VALUES (NEW.agency, NEW.since, NEW.number) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER roster_removed AFTER DELETE ON roster_row BEGIN
    INSERT INTO name_due (agency, since, number) VALUES (OLD.agency, OLD.since, OLD.number) ON CONFLICT DO NOTHING;
END;

-- Companies by 行: by how many an edition has more than the one before. An edition's own number is the sum up to it.
DROP TABLE roster_tally;
CREATE TABLE roster_tally (
    agency TEXT NOT NULL,
    edition INTEGER NOT NULL,
    listing_row INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (agency, edition, listing_row)
) STRICT, WITHOUT ROWID;
INSERT INTO roster_tally (agency, edition, listing_row, count) SELECT agency, edition, listing_row, sum(count) FROM (
    SELECT agency, since AS edition, listing_row, 1 AS count FROM roster_row UNION ALL
    SELECT agency, until, listing_row, -1 FROM roster_row WHERE until < 9223372036854775807) GROUP BY 1, 2, 3;
-- Upserts: a sweep folds the counts of earlier editions.
CREATE TRIGGER roster_tally_added AFTER INSERT ON roster_row BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count) VALUES (NEW.agency, NEW.since, NEW.listing_row, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT NEW.agency, NEW.until, NEW.listing_row, -1 WHERE NEW.until < 9223372036854775807
    ON CONFLICT DO UPDATE SET count = count - 1;
END;
CREATE TRIGGER roster_tally_moved AFTER UPDATE OF listing_row, until ON roster_row
WHEN OLD.listing_row <> NEW.listing_row OR OLD.until <> NEW.until BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count) VALUES (OLD.agency, OLD.since, OLD.listing_row, -1)
    ON CONFLICT DO UPDATE SET count = count - 1;
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT OLD.agency, OLD.until, OLD.listing_row, 1 WHERE OLD.until < 9223372036854775807
    ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO roster_tally (agency, edition, listing_row, count) VALUES (NEW.agency, NEW.since, NEW.listing_row, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT NEW.agency, NEW.until, NEW.listing_row, -1 WHERE NEW.until < 9223372036854775807
    ON CONFLICT DO UPDATE SET count = count - 1;
END;
CREATE TRIGGER roster_tally_removed AFTER DELETE ON roster_row BEGIN
    INSERT INTO roster_tally (agency, edition, listing_row, count) VALUES (OLD.agency, OLD.since, OLD.listing_row, -1)
    ON CONFLICT DO UPDATE SET count = count - 1;
    INSERT INTO roster_tally (agency, edition, listing_row, count)
    SELECT OLD.agency, OLD.until, OLD.listing_row, 1 WHERE OLD.until < 9223372036854775807
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
