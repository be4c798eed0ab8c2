-- Sign-in for bidding systems (OpenID Connect).

-- When the session's card or ID logged in.
ALTER TABLE session ADD COLUMN logged_in_at INTEGER NOT NULL DEFAULT 0;

-- The keys that tokens are signed with.
CREATE TABLE oidc_key (
    kid TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    -- 'next' is published and not used yet, 'current' signs, 'retired' only proves what it signed.
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    -- PKCS #8, sealed with the server's key.
    private BLOB NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX oidc_key_use ON oidc_key (algorithm, state) WHERE state <> 'retired';

-- What clients asked for and nobody has answered yet.
CREATE TABLE oidc_request (
    -- SHA-256 of what names it: the request_uri of a pushed one, then the id in the page.
    id BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    client TEXT NOT NULL,
    -- SHA-256 of the browser's cookie; NULL: pushed, no browser has brought it yet.
    browser BLOB,
    -- JSON.
    asked TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_request_expiry ON oidc_request (expires_at);

-- Sign-ins that were answered.
CREATE TABLE oidc_grant (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    client TEXT NOT NULL,
    sid TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    category TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('card', 'password')),
    number TEXT NOT NULL,
    card INTEGER,
    account INTEGER,
    auth_time INTEGER NOT NULL,
    -- JSON.
    asked TEXT NOT NULL,
    -- SHA-256 of the code: a stolen database opens nothing.
    code BLOB NOT NULL UNIQUE,
    code_expires_at INTEGER NOT NULL,
    code_used INTEGER NOT NULL DEFAULT 0,
    -- SHA-256 of the access token.
    token BLOB UNIQUE,
    token_expires_at INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER,
    expires_at INTEGER NOT NULL,
    CHECK ((card IS NULL) <> (account IS NULL))
) STRICT;
CREATE INDEX oidc_grant_live ON oidc_grant (expires_at) WHERE ended_at IS NULL;
CREATE INDEX oidc_grant_expiry ON oidc_grant (expires_at);

-- Clients' assertions that were accepted: each is good once.
CREATE TABLE oidc_assertion (
    -- SHA-256 over agency, client and jti.
    id BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_assertion_expiry ON oidc_assertion (expires_at);

-- Ended sign-ins that their clients have not heard of yet.
CREATE TABLE oidc_logout (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    client TEXT NOT NULL,
    sid TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_logout_due ON oidc_logout (next_attempt_at);
