-- 機関設定: a profile whose security somebody would change, and which nobody has confirmed yet.
CREATE TABLE profile_proposal (
    agency TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    -- SHA-256, hex, of the text that it was made from.
    base TEXT NOT NULL,
    officer TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Another administrator has to confirm it; otherwise it may be taken a day after everybody was told.
    needs_second INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When an administrator was last stopped, demoted or given a new link by somebody else: who does so is not the only
-- one at once.
ALTER TABLE officer ADD COLUMN demoted_at INTEGER NOT NULL DEFAULT 0;
