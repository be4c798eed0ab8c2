-- All further columns of the roster, as a JSON object: 委任先, 有効期間, 区分, what a profile names, and what could not be read.
ALTER TABLE roster ADD COLUMN more TEXT NOT NULL DEFAULT '{}';
ALTER TABLE roster_before ADD COLUMN more TEXT NOT NULL DEFAULT '{}';

-- The sheet and the row of the header that the officer chose.
ALTER TABLE import ADD COLUMN sheet TEXT;
ALTER TABLE import ADD COLUMN header_row INTEGER;

-- Names are folded further than before.
INSERT INTO name_due (agency, number) SELECT agency, number FROM roster WHERE true ON CONFLICT DO NOTHING;
