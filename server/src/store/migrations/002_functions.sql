-- 変更, ICカード更新, 簡易認証.

-- Counts changes of the fields: a 変更 names the state that it edited.
ALTER TABLE company ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE card ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- ICカード更新: the card that came in place of this one. A replaced card stays for the timeline; it opens nothing
-- and is never registered again.
ALTER TABLE card ADD COLUMN replaced_by INTEGER REFERENCES card (id);
ALTER TABLE card ADD COLUMN replaced_at INTEGER;

-- 簡易認証: an ID登録申請, and from its approval on the ID itself.
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    category TEXT NOT NULL,
    number TEXT NOT NULL,
    login_id TEXT NOT NULL COLLATE NOCASE,
    -- PHC string (argon2id).
    password_hash TEXT NOT NULL,
    -- JSON object: field → value, as entered. The ID's own, the company's rows too: nothing that a review has not
    -- seen reaches what the company registered with a card.
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    reason TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    applied_at INTEGER NOT NULL,
    decided_at INTEGER,
    -- What was typed at 変更 and not yet sent.
    draft TEXT,
    draft_saved_at INTEGER,
    FOREIGN KEY (agency, number) REFERENCES roster (agency, number)
) STRICT;
-- A rejected application keeps neither its ID nor its company from applying again.
CREATE UNIQUE INDEX account_login ON account (agency, login_id) WHERE state <> 'rejected';
CREATE UNIQUE INDEX account_company ON account (agency, category, number) WHERE state <> 'rejected';
CREATE INDEX account_by_login ON account (agency, login_id);
CREATE INDEX account_latest ON account (agency, category, number, id);

-- One link for a new password at a time.
CREATE TABLE password_reset (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    -- SHA-256 of what the link holds.
    token_hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT;

ALTER TABLE event ADD COLUMN account INTEGER REFERENCES account (id);

-- Was `registration`, of cards only. What was completed, each with the answer that its page received.
CREATE TABLE completion (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    card INTEGER REFERENCES card (id),
    account INTEGER REFERENCES account (id),
    submission TEXT NOT NULL,
    completed TEXT NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((card IS NULL) <> (account IS NULL)),
    UNIQUE (card, submission),
    UNIQUE (account, submission)
) STRICT;
INSERT INTO completion (id, agency, card, submission, completed, at)
SELECT id, agency, card, submission, completed, at FROM registration;

-- Made anew: `registration` becomes `completion`. Who is at work goes on.
CREATE TABLE session_after (
    -- SHA-256 of the cookie: a stolen database opens no session.
    id BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    category TEXT NOT NULL,
    way TEXT NOT NULL DEFAULT 'card' CHECK (way IN ('card', 'password')),
    expires_at INTEGER NOT NULL,
    nonce TEXT,
    nonce_expires_at INTEGER NOT NULL DEFAULT 0,
    nonce_state TEXT NOT NULL DEFAULT 'none' CHECK (nonce_state IN ('none', 'open', 'used')),
    purpose TEXT,
    certificate BLOB,
    -- ICカード更新: the new card's.
    new_certificate BLOB,
    person_in_charge TEXT NOT NULL DEFAULT '',
    -- 簡易認証: the ID that logged in.
    account INTEGER REFERENCES account (id),
    number TEXT,
    occasion TEXT,
    -- ID登録申請: what was typed and not yet sent. Nobody has proved who they are, so it ends with the session.
    draft TEXT,
    completion INTEGER REFERENCES completion (id)
) STRICT, WITHOUT ROWID;
INSERT INTO session_after (id, agency, category, expires_at, nonce, nonce_expires_at, nonce_state, purpose,
    certificate, person_in_charge, number, occasion, completion)
SELECT id, agency, category, expires_at, nonce, nonce_expires_at, nonce_state, purpose,
    certificate, person_in_charge, number, occasion, registration FROM session;
DROP TABLE session;
ALTER TABLE session_after RENAME TO session;
CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_account ON session (account) WHERE account IS NOT NULL;
DROP TABLE registration;
