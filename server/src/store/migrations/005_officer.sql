-- The officers' side.
CREATE TABLE officer (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    login_id TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('view', 'review', 'manage')),
    stopped INTEGER NOT NULL DEFAULT 0,
    -- PHC string (argon2id); empty until the link was used.
    password_hash TEXT NOT NULL DEFAULT '',
    -- The authenticator's secret, sealed with the server's key.
    totp_secret BLOB,
    -- The last time step that was accepted: a code works once (RFC 6238, 5.2).
    totp_step INTEGER NOT NULL DEFAULT 0,
    -- SHA-256 of what the one-time link holds.
    setup_hash BLOB UNIQUE,
    setup_expires_at INTEGER NOT NULL DEFAULT 0,
    -- The secret that the link offers, sealed; becomes `totp_secret`.
    setup_secret BLOB,
    -- The card that signs in: DER of the issuer's name, and the serial number in decimal.
    card_issuer BLOB,
    card_serial TEXT,
    created_at INTEGER NOT NULL,
    last_login_at INTEGER,
    UNIQUE (agency, login_id),
    UNIQUE (agency, card_issuer, card_serial)
) STRICT;

-- Sign-ins with a password that were not right, in a row. By an HMAC of agency and ログインID, typed as it may be:
-- an account that nobody has is braked like one that somebody has.
CREATE TABLE officer_attempt (
    id BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    -- Until when no other is looked at.
    blocked_until INTEGER NOT NULL,
    -- From when on they count no more.
    forget_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX officer_attempt_forget ON officer_attempt (forget_at);

CREATE TABLE officer_session (
    -- SHA-256 of the cookie: a stolen database opens no session.
    id BLOB PRIMARY KEY,
    -- Names it in the list of sessions.
    public_id TEXT NOT NULL UNIQUE,
    -- NULL: nobody has signed in yet; it holds the challenge only.
    officer INTEGER REFERENCES officer (id),
    address TEXT NOT NULL,
    by_card INTEGER NOT NULL DEFAULT 0,
    began_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    previous_login_at INTEGER,
    -- The challenge; NULL after it was answered.
    nonce TEXT,
    -- 0: none was asked for.
    nonce_expires_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX officer_session_officer ON officer_session (officer);
CREATE INDEX officer_session_expiry ON officer_session (expires_at);

-- 監査記録: one chain for each agency. Not even this server changes what is written.
CREATE TABLE audit (
    agency TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (agency, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is append-only'); END;

-- The last entry of each chain, kept apart: a chain whose end was cut off is sound in itself.
CREATE TABLE audit_head (
    agency TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
