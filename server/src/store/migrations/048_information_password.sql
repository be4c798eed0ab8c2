-- Passwords of the 入札情報公開システム, until the company has been shown them.
CREATE TABLE information_password (
    agency TEXT NOT NULL,
    -- 業者番号.
    number TEXT NOT NULL,
    -- Which one it is, as `roster.more` names it: a hash that needs the server's key.
    mark TEXT NOT NULL,
    -- Sealed with the server's key. NULL: it was shown, and is gone.
    sealed BLOB,
    -- When it was first shown, and in which session, which may be shown it again.
    shown_at INTEGER,
    shown_in BLOB,
    PRIMARY KEY (agency, number, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX information_password_shown ON information_password (shown_in) WHERE shown_in IS NOT NULL;
