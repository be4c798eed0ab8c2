-- 監査記録: the last entry of each chain is authenticated with the server's key, which is not in the database. `seal_key`
-- names the key; both are empty where none was at hand.
ALTER TABLE audit_head ADD COLUMN seal_key TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_head ADD COLUMN seal TEXT NOT NULL DEFAULT '';

-- When the officers last got the end of the chain by mail, Unix milliseconds.
CREATE TABLE audit_mail (
    agency TEXT PRIMARY KEY,
    sent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
