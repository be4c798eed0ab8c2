-- Rows that an officer added or corrected by hand and imports leave as they are.
ALTER TABLE roster ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX roster_kept ON roster (agency, number) WHERE kept <> 0;
