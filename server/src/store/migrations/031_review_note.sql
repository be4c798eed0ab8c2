-- What officers write down about an application for one another; nobody else sees it.
CREATE TABLE review_note (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    account INTEGER REFERENCES account (id),
    application INTEGER REFERENCES card_application (id),
    officer TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((account IS NULL) <> (application IS NULL))
) STRICT;
CREATE INDEX review_note_account ON review_note (account) WHERE account IS NOT NULL;
CREATE INDEX review_note_application ON review_note (application) WHERE application IS NOT NULL;
