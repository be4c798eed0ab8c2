-- A take-over writes the suspensions of registered companies that the next edition lacks before it is in force: they are with that edition,
-- and not before it. Undoing ends them. NULL: set by hand.
ALTER TABLE suspension ADD COLUMN edition INTEGER;
UPDATE suspension SET edition = (SELECT edition FROM roster_version AS now WHERE now.agency = suspension.agency)
WHERE card IS NULL AND EXISTS (SELECT 1 FROM import JOIN import_suspended ON import_suspended.import = import.id
    WHERE import.agency = suspension.agency AND import.taken_at = suspension.at AND import_suspended.number = suspension.number);
CREATE INDEX suspension_edition ON suspension (agency, edition, number) WHERE edition IS NOT NULL;
DROP TABLE import_suspended;

-- An agency's edition has moved, and its companies are being told, one after the other.
CREATE TABLE roster_telling (
    agency TEXT NOT NULL PRIMARY KEY,
    -- The edition until then, and the one from then on; undoing goes back.
    former INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    -- NULL: the command line.
    import INTEGER REFERENCES import (id),
    officer TEXT NOT NULL,
    address TEXT NOT NULL,
    -- Up to which 業者番号 they have been told.
    number TEXT NOT NULL DEFAULT ''
) STRICT;
