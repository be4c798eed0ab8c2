-- Several applications for one company wait side by side, and so do two that want one ユーザーID: whichever is approved
-- first has it.
DROP INDEX account_login;
DROP INDEX account_company;
CREATE UNIQUE INDEX account_login ON account (agency, login_id) WHERE state = 'approved';

-- The link in the mail that says what came of an application: whoever has it proves to be the applicant.
CREATE TABLE application_link (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    -- SHA-256 of what the link holds.
    token_hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX application_link_expiry ON application_link (expires_at);

-- The application that whoever holds the session made: it was made in it, or proved by the link or by ID and password.
ALTER TABLE session ADD COLUMN application INTEGER REFERENCES account (id);
