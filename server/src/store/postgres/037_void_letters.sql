CREATE FUNCTION number_is_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM number_letter WHERE agency = OLD.agency AND number = OLD.number;
    RETURN NULL;
END $$;
CREATE TRIGGER issued_number_voided AFTER DELETE ON issued_number
FOR EACH ROW EXECUTE FUNCTION number_is_void();
DELETE FROM number_letter WHERE NOT EXISTS (
    SELECT 1 FROM issued_number
    WHERE issued_number.agency = number_letter.agency AND issued_number.number = number_letter.number
);
