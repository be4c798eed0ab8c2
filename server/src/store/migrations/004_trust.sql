-- Decisions about cards at the login, with what they rest on. Nothing here names a person; `card` is the registered
-- card that was shown, if it is one.
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    agency TEXT NOT NULL,
    purpose TEXT NOT NULL,
    -- `ok`, or the code of the refusal.
    code TEXT NOT NULL,
    -- JSON object: the anchor and the CRLs.
    evidence TEXT NOT NULL,
    card INTEGER REFERENCES card (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX decision_time ON decision (at);
CREATE INDEX decision_card ON decision (card);

-- Registered cards that were found revoked, and that their companies were told.
CREATE TABLE revoked_card (
    card INTEGER PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    found_at INTEGER NOT NULL
) STRICT;
