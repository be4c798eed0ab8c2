-- Cards whose 審査 is pending and that their company, or an officer, has stopped: they can't be approved until that is
-- lifted. Those of companies and registered cards are in `suspension`.
CREATE TABLE application_suspension (
    application BIGINT PRIMARY KEY REFERENCES card_application (id),
    reason TEXT COLLATE "C" NOT NULL,
    officer TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);

-- Where an officer was reached before the mail address was changed, and when that was: hears what is proposed for a while.
ALTER TABLE officer ADD COLUMN former_email TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE officer ADD COLUMN moved_at BIGINT NOT NULL DEFAULT 0;
