-- Whose card: why officers look at one, and what it would replace.
ALTER TABLE card_application ADD COLUMN causes TEXT NOT NULL DEFAULT '[]';
-- ICカード更新: the card whose place it would take.
ALTER TABLE card_application ADD COLUMN replaces INTEGER REFERENCES card (id);

-- Whether the certificate names another company than the roster: made with the holder, and again when the roster
-- changes in what is compared.
ALTER TABLE card_holder ADD COLUMN is_other INTEGER NOT NULL DEFAULT 0;
CREATE INDEX card_holder_other ON card_holder (card) WHERE is_other;
INSERT INTO holder_due (card) SELECT id FROM card WHERE id NOT IN (SELECT card FROM holder_due);
CREATE TRIGGER roster_identified AFTER UPDATE OF name, corporate_number, branch, more ON roster
WHEN (OLD.name, OLD.corporate_number, OLD.branch, OLD.more)
    IS NOT (NEW.name, NEW.corporate_number, NEW.branch, NEW.more) BEGIN
    INSERT INTO name_due (agency, number) VALUES (NEW.agency, NEW.number) ON CONFLICT DO NOTHING;
END;

-- Of a card that is not registered, its certificate's serial number and what it says of its company and holder.
ALTER TABLE event ADD COLUMN serial TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN detail TEXT NOT NULL DEFAULT '';
CREATE INDEX event_kind ON event (agency, number, kind, at);

-- IDs that officers or their company stopped; those of companies and cards are in `suspension`.
CREATE TABLE account_suspension (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    reason TEXT NOT NULL,
    officer TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
