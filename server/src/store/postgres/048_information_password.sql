-- Passwords of the 入札情報公開システム, until the company has been shown them.
CREATE TABLE information_password (
    agency TEXT COLLATE "C" NOT NULL,
    -- 業者番号.
    number TEXT COLLATE "C" NOT NULL,
    -- Which one it is, as `roster.more` names it: a hash that needs the server's key.
    mark TEXT COLLATE "C" NOT NULL,
    -- Sealed with the server's key. NULL: it was shown, and is gone.
    sealed BYTEA,
    -- When it was first shown, and in which session, which may be shown it again.
    shown_at BIGINT,
    shown_in BYTEA,
    PRIMARY KEY (agency, number, mark)
);
CREATE INDEX information_password_shown ON information_password (shown_in) WHERE shown_in IS NOT NULL;
