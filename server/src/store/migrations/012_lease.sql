-- Which server does a job: whoever has the lease, until it ends.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far work through all cards has come, so that a restart does not begin it again.
CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    round INTEGER NOT NULL,
    agency TEXT NOT NULL,
    row_id INTEGER NOT NULL,
    finished INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
