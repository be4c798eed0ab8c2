-- The roles are listed in the program and not here, too. A column's own CHECK goes with the column.
ALTER TABLE officer ADD COLUMN named_role TEXT NOT NULL DEFAULT 'view';
UPDATE officer SET named_role = role;
ALTER TABLE officer DROP COLUMN role;
ALTER TABLE officer RENAME COLUMN named_role TO role;
