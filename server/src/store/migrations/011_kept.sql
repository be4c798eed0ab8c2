-- What is counted often, kept by what changes it: to count would be to look through all of it. Triggers, so that no
-- way of writing can forget it.

-- 業者番号一覧 and 業者情報: companies of the roster by 行.
CREATE TABLE roster_tally (
    agency TEXT NOT NULL,
    listing_row INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (agency, listing_row)
) STRICT, WITHOUT ROWID;
INSERT INTO roster_tally (agency, listing_row, count)
SELECT agency, listing_row, count(*) FROM roster GROUP BY agency, listing_row;
CREATE TRIGGER roster_tally_added AFTER INSERT ON roster BEGIN
    INSERT INTO roster_tally (agency, listing_row, count) VALUES (NEW.agency, NEW.listing_row, 1)
    ON CONFLICT (agency, listing_row) DO UPDATE SET count = roster_tally.count + 1;
END;
CREATE TRIGGER roster_tally_moved AFTER UPDATE OF listing_row ON roster WHEN OLD.listing_row <> NEW.listing_row BEGIN
    UPDATE roster_tally SET count = count - 1 WHERE agency = OLD.agency AND listing_row = OLD.listing_row;
    INSERT INTO roster_tally (agency, listing_row, count) VALUES (NEW.agency, NEW.listing_row, 1)
    ON CONFLICT (agency, listing_row) DO UPDATE SET count = roster_tally.count + 1;
END;
CREATE TRIGGER roster_tally_removed AFTER DELETE ON roster BEGIN
    UPDATE roster_tally SET count = count - 1 WHERE agency = OLD.agency AND listing_row = OLD.listing_row;
END;

-- What an agency has now: `company`, `card` (in use), and `account.STATE`, `application.STATE`.
CREATE TABLE tally (
    agency TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (agency, what)
) STRICT, WITHOUT ROWID;
INSERT INTO tally (agency, what, count)
SELECT agency, 'company', count(*) FROM company GROUP BY agency
UNION ALL SELECT agency, 'card', count(*) FROM card WHERE replaced_by IS NULL GROUP BY agency
UNION ALL SELECT agency, 'account.' || state, count(*) FROM account GROUP BY agency, state
UNION ALL SELECT agency, 'application.' || state, count(*) FROM card_application GROUP BY agency, state;
CREATE TRIGGER company_tally_added AFTER INSERT ON company BEGIN
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'company', 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER company_tally_removed AFTER DELETE ON company BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'company';
END;
CREATE TRIGGER card_tally_added AFTER INSERT ON card WHEN NEW.replaced_by IS NULL BEGIN
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'card', 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER card_tally_replaced AFTER UPDATE OF replaced_by ON card
WHEN (OLD.replaced_by IS NULL) <> (NEW.replaced_by IS NULL) BEGIN
    UPDATE tally SET count = count + CASE WHEN NEW.replaced_by IS NULL THEN 1 ELSE -1 END
    WHERE agency = NEW.agency AND what = 'card';
END;
CREATE TRIGGER card_tally_removed AFTER DELETE ON card WHEN OLD.replaced_by IS NULL BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'card';
END;
CREATE TRIGGER account_tally_added AFTER INSERT ON account BEGIN
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'account.' || NEW.state, 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER account_tally_decided AFTER UPDATE OF state ON account WHEN OLD.state <> NEW.state BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'account.' || OLD.state;
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'account.' || NEW.state, 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER account_tally_removed AFTER DELETE ON account BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'account.' || OLD.state;
END;
CREATE TRIGGER application_tally_added AFTER INSERT ON card_application BEGIN
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'application.' || NEW.state, 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER application_tally_decided AFTER UPDATE OF state ON card_application WHEN OLD.state <> NEW.state BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'application.' || OLD.state;
    INSERT INTO tally (agency, what, count) VALUES (NEW.agency, 'application.' || NEW.state, 1)
    ON CONFLICT (agency, what) DO UPDATE SET count = tally.count + 1;
END;
CREATE TRIGGER application_tally_removed AFTER DELETE ON card_application BEGIN
    UPDATE tally SET count = count - 1 WHERE agency = OLD.agency AND what = 'application.' || OLD.state;
END;

-- What happened on a day in Japan, counted from 1970-01-01: `event.KIND`, `mail.sent` and `mail.refused`.
CREATE TABLE day_tally (
    agency TEXT NOT NULL,
    day INTEGER NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (agency, day, what)
) STRICT, WITHOUT ROWID;
INSERT INTO day_tally (agency, day, what, count)
SELECT agency, (at + 32400000) / 86400000, 'event.' || kind, count(*) FROM event GROUP BY 1, 2, 3
UNION ALL SELECT agency, (settled_at + 32400000) / 86400000, 'mail.' || state, count(*) FROM outbox
WHERE state IN ('sent', 'refused') AND settled_at IS NOT NULL GROUP BY 1, 2, 3;
CREATE TRIGGER event_tally_added AFTER INSERT ON event BEGIN
    INSERT INTO day_tally (agency, day, what, count)
    VALUES (NEW.agency, (NEW.at + 32400000) / 86400000, 'event.' || NEW.kind, 1)
    ON CONFLICT (agency, day, what) DO UPDATE SET count = day_tally.count + 1;
END;
CREATE TRIGGER outbox_tally_taken_back AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state AND OLD.settled_at IS NOT NULL BEGIN
    UPDATE day_tally SET count = count - 1 WHERE agency = OLD.agency
    AND day = (OLD.settled_at + 32400000) / 86400000 AND what = 'mail.' || OLD.state;
END;
CREATE TRIGGER outbox_tally_settled AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state AND NEW.state IN ('sent', 'refused') AND NEW.settled_at IS NOT NULL BEGIN
    INSERT INTO day_tally (agency, day, what, count)
    VALUES (NEW.agency, (NEW.settled_at + 32400000) / 86400000, 'mail.' || NEW.state, 1)
    ON CONFLICT (agency, day, what) DO UPDATE SET count = day_tally.count + 1;
END;

-- Cards in use by the day in Japan on which they expire.
CREATE TABLE expiry_tally (
    agency TEXT NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (agency, day)
) STRICT, WITHOUT ROWID;
INSERT INTO expiry_tally (agency, day, count)
SELECT card.agency, (expiry.expires_at + 32400) / 86400, count(*) FROM card_expiry AS expiry
JOIN card ON card.id = expiry.card WHERE card.replaced_by IS NULL GROUP BY 1, 2;
CREATE TRIGGER expiry_tally_read AFTER INSERT ON card_expiry
WHEN EXISTS (SELECT 1 FROM card WHERE id = NEW.card AND replaced_by IS NULL) BEGIN
    INSERT INTO expiry_tally (agency, day, count)
    VALUES ((SELECT agency FROM card WHERE id = NEW.card), (NEW.expires_at + 32400) / 86400, 1)
    ON CONFLICT (agency, day) DO UPDATE SET count = expiry_tally.count + 1;
END;
CREATE TRIGGER expiry_tally_read_again AFTER UPDATE OF expires_at ON card_expiry
WHEN EXISTS (SELECT 1 FROM card WHERE id = NEW.card AND replaced_by IS NULL) BEGIN
    UPDATE expiry_tally SET count = count - 1
    WHERE agency = (SELECT agency FROM card WHERE id = OLD.card) AND day = (OLD.expires_at + 32400) / 86400;
    INSERT INTO expiry_tally (agency, day, count)
    VALUES ((SELECT agency FROM card WHERE id = NEW.card), (NEW.expires_at + 32400) / 86400, 1)
    ON CONFLICT (agency, day) DO UPDATE SET count = expiry_tally.count + 1;
END;
CREATE TRIGGER expiry_tally_replaced AFTER UPDATE OF replaced_by ON card
WHEN OLD.replaced_by IS NULL AND NEW.replaced_by IS NOT NULL BEGIN
    UPDATE expiry_tally SET count = count - 1 WHERE agency = NEW.agency
    AND day = (SELECT (expires_at + 32400) / 86400 FROM card_expiry WHERE card = NEW.id);
END;
