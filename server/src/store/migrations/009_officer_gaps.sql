-- 監査記録: how far each chain was proved, and what the last look through all of it found.
CREATE TABLE audit_proof (
    agency TEXT PRIMARY KEY,
    -- Everything up to this entry was proved, and this is its hash.
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL,
    -- When the whole chain was looked through last; 0: not yet.
    checked_at INTEGER NOT NULL DEFAULT 0,
    -- The first entry that is known to be broken, until the whole chain is found to be sound.
    broken_at INTEGER
) STRICT, WITHOUT ROWID;

-- Counts changes of an officer's account: a change names the state that it was made on.
ALTER TABLE officer ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- 番号の通知: up to which 業者番号 every company has an issued number, and how many have none. Holds for that version
-- of the roster.
CREATE TABLE number_place (
    agency TEXT PRIMARY KEY,
    roster_version INTEGER NOT NULL,
    number TEXT NOT NULL,
    remaining INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Cards whose holder nobody noted yet.
CREATE TABLE holder_due (
    card INTEGER PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE
) STRICT;
INSERT INTO holder_due (card)
SELECT id FROM card WHERE NOT EXISTS (SELECT 1 FROM card_holder WHERE card_holder.card = card.id);
CREATE TRIGGER card_added AFTER INSERT ON card BEGIN
    INSERT INTO holder_due (card) VALUES (NEW.id);
END;
CREATE TRIGGER card_holder_noted AFTER INSERT ON card_holder BEGIN
    DELETE FROM holder_due WHERE card = NEW.card;
END;

-- When the officers were told of a revoked card; NULL: not yet. What was found before they are told of at all stays
-- as it is.
ALTER TABLE revoked_card ADD COLUMN officers_told_at INTEGER;
UPDATE revoked_card SET officers_told_at = found_at;
CREATE INDEX revoked_card_untold ON revoked_card (card) WHERE officers_told_at IS NULL;
