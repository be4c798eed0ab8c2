-- Times are Unix milliseconds. Every table that belongs to an agency has its code in the key, so that no
-- query can reach another agency's rows by accident.

-- 有資格業者名簿, as imported.
CREATE TABLE roster (
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
    PRIMARY KEY (agency, number)
) STRICT, WITHOUT ROWID;

-- 電子入札業者: companies that registered at least one card. A roster row without one is a 紙入札業者.
CREATE TABLE company (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    company_id TEXT NOT NULL,
    -- JSON object: field → value. Only what the form lets a person edit; the rest stays the roster's.
    fields TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (agency, number),
    UNIQUE (agency, company_id),
    FOREIGN KEY (agency, number) REFERENCES roster (agency, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE company_sequence (
    agency TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    -- DER of the issuer's name, and the serial number in decimal: what identifies a certificate
    -- (RFC 5280, 4.1.2.2).
    issuer BLOB NOT NULL,
    serial TEXT NOT NULL,
    certificate BLOB NOT NULL,
    person_in_charge TEXT NOT NULL,
    -- JSON object: field → value, of the card's own fields.
    fields TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    UNIQUE (agency, issuer, serial),
    FOREIGN KEY (agency, number) REFERENCES company (agency, number)
) STRICT;
CREATE INDEX card_company ON card (agency, number);

-- Completed 登録, each with the answer that its page received: asked again, the same is answered.
CREATE TABLE registration (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    card INTEGER NOT NULL REFERENCES card (id),
    submission TEXT NOT NULL,
    completed TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (card, submission)
) STRICT;

CREATE TABLE session (
    -- SHA-256 of the cookie: a stolen database opens no session.
    id BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    category TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    nonce TEXT,
    nonce_expires_at INTEGER NOT NULL DEFAULT 0,
    nonce_state TEXT NOT NULL DEFAULT 'none' CHECK (nonce_state IN ('none', 'open', 'used')),
    purpose TEXT,
    certificate BLOB,
    person_in_charge TEXT NOT NULL DEFAULT '',
    number TEXT,
    occasion TEXT,
    registration INTEGER REFERENCES registration (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expiry ON session (expires_at);

-- What was typed and not yet registered.
CREATE TABLE draft (
    agency TEXT NOT NULL,
    issuer BLOB NOT NULL,
    serial TEXT NOT NULL,
    number TEXT NOT NULL,
    fields TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (agency, issuer, serial, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_age ON draft (saved_at);

-- What happened, for the company's timeline.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    card INTEGER REFERENCES card (id),
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX event_company ON event (agency, number, at);

-- Mails, written in the transaction of what they tell about.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'queued';
