-- 利用申請書 (簡易認証): received, or permitted, by an officer.
CREATE TABLE permit (
    agency TEXT NOT NULL,
    -- 業者番号.
    number TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'permitted')),
    -- ログインID; empty: the command line.
    officer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (agency, number)
) STRICT, WITHOUT ROWID;
