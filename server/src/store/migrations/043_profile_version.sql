-- Every text that a profile has had, from the first change made here on.
CREATE TABLE profile_version (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- ログインID; empty: it was in the file, whoever wrote it.
    officer TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX profile_version_agency ON profile_version (agency, id);
