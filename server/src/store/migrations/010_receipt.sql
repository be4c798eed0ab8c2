-- Applications signed by a card.

-- What a session was given for its next signature; the one before is void.
CREATE TABLE signing (
    session BLOB PRIMARY KEY,
    -- 受付番号.
    number TEXT NOT NULL,
    nonce TEXT NOT NULL,
    -- When it was given, and until when it may be answered, Unix milliseconds.
    at INTEGER NOT NULL,
    answer_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signing_age ON signing (answer_until);

-- What was signed, for good.
CREATE TABLE receipt (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    -- 受付番号, as it stands in the document.
    number TEXT NOT NULL,
    -- The company's number.
    company TEXT NOT NULL,
    completion INTEGER NOT NULL REFERENCES completion (id),
    -- JSON word of `Function`.
    function TEXT NOT NULL,
    -- The text that was signed, and the signature: DER of a CMS SignedData.
    document TEXT NOT NULL,
    signature BLOB NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (agency, number)
) STRICT;
CREATE INDEX receipt_company ON receipt (agency, company, id);
CREATE INDEX receipt_completion ON receipt (completion);
