ALTER TABLE suspension ADD COLUMN from_day BIGINT;
ALTER TABLE suspension ADD COLUMN until_day BIGINT;
DROP INDEX suspension_company;
