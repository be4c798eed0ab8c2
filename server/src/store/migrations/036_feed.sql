-- An agency's events in the order in which they happened.
CREATE INDEX event_feed ON event (agency, id);

-- How far each client's webhook is in them.
CREATE TABLE webhook (
    agency TEXT NOT NULL,
    client TEXT NOT NULL,
    -- The last event that arrived.
    position INTEGER NOT NULL,
    -- How often the next one was tried in vain, and when it is tried next.
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    arrived_at INTEGER,
    -- Why the last try failed; empty: it did not.
    error TEXT NOT NULL,
    PRIMARY KEY (agency, client)
) STRICT, WITHOUT ROWID;
