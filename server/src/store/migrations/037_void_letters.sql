-- A letter whose number opens nothing any more is not sent.
CREATE TRIGGER issued_number_voided AFTER DELETE ON issued_number
BEGIN
    DELETE FROM number_letter WHERE agency = OLD.agency AND number = OLD.number;
END;
DELETE FROM number_letter WHERE NOT EXISTS (
    SELECT 1 FROM issued_number
    WHERE issued_number.agency = number_letter.agency AND issued_number.number = number_letter.number
);
