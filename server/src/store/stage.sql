-- What a dry run prepares (`stage.rs`): the rows that a take-over would write, and the numbers of wrong and missing ones.
CREATE TABLE stage_row (
    number TEXT PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT,
    kana TEXT,
    corporate_number TEXT,
    postal_code TEXT,
    address TEXT,
    representative_name TEXT,
    representative_title TEXT,
    phone TEXT,
    fax TEXT,
    branch TEXT,
    qualifications TEXT,
    user_id TEXT,
    password_hash TEXT,
    information_user_id TEXT,
    information_password INTEGER,
    more TEXT,
    listing_row INTEGER,
    listing_kana TEXT,
    listing_name TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE stage_wrong (
    number TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE stage_missing (
    number TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
-- New passwords of the 入札情報公開システム.
CREATE TABLE stage_secret (
    number TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Phone numbers and representatives of those rows (`hint.rs`).
CREATE TABLE stage_contact (
    contact TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (contact, number)
) STRICT, WITHOUT ROWID;
