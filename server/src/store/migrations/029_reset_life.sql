-- A link for a new password lives from the moment on when its mail has left: which mail, and for how long. Both are empty
-- as soon as that is known. There may be several: a stranger who asks for another one voids none of the owner's.
CREATE TABLE reset_link (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    -- SHA-256 of what the link holds.
    token_hash BLOB NOT NULL UNIQUE,
    mail TEXT NOT NULL DEFAULT '',
    life INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO reset_link (account, token_hash, expires_at) SELECT account, token_hash, expires_at FROM password_reset;
DROP TABLE password_reset;
ALTER TABLE reset_link RENAME TO password_reset;
CREATE INDEX password_reset_account ON password_reset (account);
CREATE INDEX password_reset_expiry ON password_reset (expires_at);
CREATE INDEX password_reset_mail ON password_reset (mail) WHERE mail <> '';
