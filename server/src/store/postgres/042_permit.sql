-- 利用申請書 (簡易認証): received, or permitted, by an officer.
CREATE TABLE permit (
    agency TEXT COLLATE "C" NOT NULL,
    -- 業者番号.
    number TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('received', 'permitted')),
    -- ログインID; empty: the command line.
    officer TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agency, number)
);
