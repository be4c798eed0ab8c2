-- An upload whose servers share no folder: any of them takes any piece, and any of them checks the file.
CREATE TABLE import_piece (
    import INTEGER NOT NULL REFERENCES import (id),
    -- Where in the file it begins, in bytes.
    place INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (import, place)
) STRICT, WITHOUT ROWID;
-- Which dry run's rows a take-over writes: random, so that a server knows whether it has them.
ALTER TABLE import ADD COLUMN dry_run TEXT NOT NULL DEFAULT '';
