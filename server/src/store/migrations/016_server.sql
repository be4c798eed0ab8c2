-- The key that belongs to the database: another one would open none of what is sealed with it.
CREATE TABLE server (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL) STRICT;

-- What /readyz writes.
CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
