-- 業者情報取込 from the officers' page, and issued numbers.

-- Counts what changes in an agency's roster: a dry run holds as long as this is the same.
CREATE TABLE roster_version (
    agency TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The import that brought the row; NULL: the command line.
ALTER TABLE roster ADD COLUMN added_by INTEGER;

CREATE TABLE import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('uploading', 'checking', 'checked', 'taking', 'taken', 'undone', 'failed',
        'cancelled')),
    done INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    -- JSON: what the dry run found.
    found TEXT,
    officer INTEGER NOT NULL REFERENCES officer (id),
    began_at INTEGER NOT NULL,
    -- When somebody last did something with it: what is abandoned is tidied.
    touched_at INTEGER NOT NULL,
    taken_at INTEGER,
    -- Of the roster that the dry run looked at; once taken over, of the roster that came of it.
    roster_version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX import_agency ON import (agency, id);
CREATE UNIQUE INDEX import_unsettled ON import (agency)
WHERE state IN ('uploading', 'checking', 'checked', 'taking');

-- The rows that the dry run shows, the first of each kind.
CREATE TABLE import_row (
    import INTEGER NOT NULL REFERENCES import (id),
    kind TEXT NOT NULL CHECK (kind IN ('added', 'changed', 'missing', 'wrong', 'doubtful')),
    -- From 1, in the file's order.
    place INTEGER NOT NULL,
    line INTEGER NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON array.
    cells TEXT NOT NULL,
    PRIMARY KEY (import, kind, place)
) STRICT, WITHOUT ROWID;

-- How officers said that a header is to be read.
CREATE TABLE import_columns (
    agency TEXT NOT NULL,
    -- SHA-256 of its titles.
    header BLOB NOT NULL,
    -- JSON array: for each column the field's name, or empty.
    fields TEXT NOT NULL,
    PRIMARY KEY (agency, header)
) STRICT, WITHOUT ROWID;

-- The rows that an agency's last import changed or removed, as they were: its undo.
CREATE TABLE roster_before (
    import INTEGER NOT NULL REFERENCES import (id),
    deed TEXT NOT NULL CHECK (deed IN ('changed', 'removed', 'suspended')),
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
    qualifications TEXT NOT NULL,
    user_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    information_user_id TEXT NOT NULL,
    information_password INTEGER NOT NULL,
    listing_row INTEGER NOT NULL,
    listing_kana TEXT NOT NULL,
    listing_name TEXT NOT NULL,
    PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;

-- 番号の通知: one number a company; a new one takes the old one's place.
CREATE TABLE issued_number (
    agency TEXT NOT NULL,
    -- 業者番号, as in the roster.
    number TEXT NOT NULL,
    -- HMAC-SHA-256 of the issued number with the server's key: a stolen database reveals none.
    hash BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    mailed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agency, number),
    UNIQUE (agency, hash)
) STRICT, WITHOUT ROWID;
