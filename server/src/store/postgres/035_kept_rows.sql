ALTER TABLE roster ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;
CREATE INDEX roster_kept ON roster (agency, number) WHERE kept <> 0;
