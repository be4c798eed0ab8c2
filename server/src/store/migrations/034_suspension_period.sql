-- A company's suspension has days, counted from 1970-01-01 in Japan, both included: whether it is in force follows from
-- them and the clock. NULL: from when it was set, until it is lifted. A company may have two: 指名停止 that ends, and
-- one by an import that does not.
ALTER TABLE suspension ADD COLUMN from_day INTEGER;
ALTER TABLE suspension ADD COLUMN until_day INTEGER;
DROP INDEX suspension_company;
