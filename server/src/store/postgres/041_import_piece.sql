CREATE TABLE import_piece (
    import BIGINT NOT NULL,
    place BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (import, place),
    FOREIGN KEY (import) REFERENCES import (id)
);
-- Which dry run's rows a take-over writes: random, so that a server knows whether it has them.
ALTER TABLE import ADD COLUMN dry_run TEXT COLLATE "C" NOT NULL DEFAULT '';
