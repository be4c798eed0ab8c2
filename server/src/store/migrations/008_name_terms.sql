-- The index of names is made anew in the background: its terms begin with their agency now, and go up to three
-- characters. Until then what is due is searched one by one.
INSERT INTO name_index (name_index) VALUES ('delete-all');
INSERT OR IGNORE INTO name_due (agency, number) SELECT agency, number FROM roster;
INSERT OR IGNORE INTO name_due (agency, number) SELECT agency, number FROM name_key;
