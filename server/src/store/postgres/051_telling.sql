-- See SQLite's.
ALTER TABLE suspension ADD COLUMN edition BIGINT;
UPDATE suspension SET edition = (SELECT edition FROM roster_version AS now WHERE now.agency = suspension.agency)
WHERE card IS NULL AND EXISTS (SELECT 1 FROM import JOIN import_suspended ON import_suspended.import = import.id
    WHERE import.agency = suspension.agency AND import.taken_at = suspension.at AND import_suspended.number = suspension.number);
CREATE INDEX suspension_edition ON suspension (agency, edition, number) WHERE edition IS NOT NULL;
DROP TABLE import_suspended;

CREATE TABLE roster_telling (
    agency TEXT COLLATE "C" NOT NULL,
    former BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    moved_at BIGINT NOT NULL,
    import BIGINT,
    officer TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (agency),
    FOREIGN KEY (import) REFERENCES import (id)
);
