-- 審査, 照会, suspension.

-- 利用者登録 of a card that waits for 審査. It becomes a row of `card` (and the first one of its company a row of
-- `company`) at its approval: until then nothing of it is registered, and nothing else has to know of it.
CREATE TABLE card_application (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    category TEXT NOT NULL,
    number TEXT NOT NULL,
    issuer BLOB NOT NULL,
    serial TEXT NOT NULL,
    certificate BLOB NOT NULL,
    person_in_charge TEXT NOT NULL,
    -- JSON object: field → value, as entered; the company's rows too.
    fields TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'rejected')),
    reason TEXT NOT NULL DEFAULT '',
    applied_at INTEGER NOT NULL,
    decided_at INTEGER,
    -- What it became.
    card INTEGER REFERENCES card (id)
) STRICT;
-- A rejected one keeps nobody from applying again with the same card.
CREATE UNIQUE INDEX card_application_card ON card_application (agency, issuer, serial) WHERE state <> 'rejected';
CREATE INDEX card_application_latest ON card_application (agency, issuer, serial, id);
CREATE INDEX card_application_company ON card_application (agency, number, id);
CREATE INDEX card_application_serial ON card_application (agency, serial);
CREATE INDEX card_application_pending ON card_application (agency, applied_at, id) WHERE state = 'pending';
CREATE INDEX card_application_decided ON card_application (agency, decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX account_pending ON account (agency, applied_at, id) WHERE state = 'pending';
CREATE INDEX account_decided ON account (agency, decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX account_number ON account (agency, number, id);

-- Who decided. `officer` is a ログインID, or `command` for the command line.
CREATE TABLE review_decision (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    account INTEGER REFERENCES account (id),
    application INTEGER REFERENCES card_application (id),
    officer TEXT NOT NULL,
    approved INTEGER NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((account IS NULL) <> (application IS NULL))
) STRICT;
CREATE INDEX review_decision_account ON review_decision (account) WHERE account IS NOT NULL;
CREATE INDEX review_decision_application ON review_decision (application) WHERE application IS NOT NULL;

-- Made anew: an application completes something, too. Who is at work goes on.
CREATE TEMP TABLE session_completion AS SELECT id, completion FROM session WHERE completion IS NOT NULL;
UPDATE session SET completion = NULL;
CREATE TABLE completion_after (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    card INTEGER REFERENCES card (id),
    account INTEGER REFERENCES account (id),
    application INTEGER REFERENCES card_application (id),
    submission TEXT NOT NULL,
    completed TEXT NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((card IS NOT NULL) + (account IS NOT NULL) + (application IS NOT NULL) = 1),
    UNIQUE (card, submission),
    UNIQUE (account, submission),
    UNIQUE (application, submission)
) STRICT;
INSERT INTO completion_after (id, agency, card, account, submission, completed, at)
SELECT id, agency, card, account, submission, completed, at FROM completion;
DROP TABLE completion;
ALTER TABLE completion_after RENAME TO completion;
UPDATE session SET completion = (SELECT completion FROM session_completion AS had WHERE had.id = session.id);
DROP TABLE session_completion;

-- The timeline names officers and their reasons.
ALTER TABLE event ADD COLUMN application INTEGER REFERENCES card_application (id);
ALTER TABLE event ADD COLUMN officer TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN reason TEXT NOT NULL DEFAULT '';
CREATE INDEX event_day ON event (agency, at, kind);

-- In force now: a lifted one stays in the timeline.
CREATE TABLE suspension (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    -- NULL: the company with all its cards and IDs.
    card INTEGER REFERENCES card (id),
    reason TEXT NOT NULL,
    officer TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX suspension_company ON suspension (agency, number) WHERE card IS NULL;
CREATE UNIQUE INDEX suspension_card ON suspension (card) WHERE card IS NOT NULL;
CREATE INDEX suspension_number ON suspension (agency, number);

-- About which company a mail is; empty for mails from before.
ALTER TABLE outbox ADD COLUMN number TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_company ON outbox (agency, number, created_at);
CREATE INDEX outbox_refused ON outbox (agency, number) WHERE state = 'refused';
CREATE INDEX outbox_settled ON outbox (agency, state, settled_at);

-- 照会: what officers look for.
CREATE INDEX card_serial ON card (agency, serial);
CREATE INDEX company_mail ON company (agency, lower(fields ->> 'representative_contact_email'));
CREATE INDEX card_mail ON card (agency, lower(fields ->> 'card_contact_email'));
CREATE INDEX account_mail ON account (agency, lower(fields ->> 'representative_contact_email'));
CREATE INDEX account_applicant_mail ON account (agency, lower(fields ->> 'applicant_contact_email'));
CREATE INDEX application_mail ON card_application (agency, lower(fields ->> 'representative_contact_email'));
CREATE INDEX application_card_mail ON card_application (agency, lower(fields ->> 'card_contact_email'));
CREATE INDEX card_in_use ON card (agency, number) WHERE replaced_by IS NULL;

-- Who holds a registered card, and whether that is another person than the roster's 代表者: made of certificate and
-- roster when the card is registered, and again when the roster changes.
CREATE TABLE card_holder (
    card INTEGER PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    is_former INTEGER NOT NULL
) STRICT;
CREATE INDEX card_holder_former ON card_holder (card) WHERE is_former;

-- Companies by parts of their name: single characters and pairs, so that any part finds its companies without
-- reading all of them. Filled by the server in the background (`store/name_index.rs`), as an import that kept it up
-- to date would be slow; what is due is searched one by one until then.
CREATE TABLE name_key (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    UNIQUE (agency, number)
) STRICT;
CREATE VIRTUAL TABLE name_index USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TABLE name_due (
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (agency, number)
) STRICT, WITHOUT ROWID;
INSERT INTO name_due (agency, number) SELECT agency, number FROM roster;
CREATE TRIGGER roster_added AFTER INSERT ON roster BEGIN
    INSERT OR IGNORE INTO name_due (agency, number) VALUES (NEW.agency, NEW.number);
END;
CREATE TRIGGER roster_renamed AFTER UPDATE OF listing_name, listing_kana, representative_name ON roster
WHEN (OLD.listing_name, OLD.listing_kana, OLD.representative_name)
    IS NOT (NEW.listing_name, NEW.listing_kana, NEW.representative_name) BEGIN
    INSERT OR IGNORE INTO name_due (agency, number) VALUES (NEW.agency, NEW.number);
END;
CREATE TRIGGER roster_removed AFTER DELETE ON roster BEGIN
    INSERT OR IGNORE INTO name_due (agency, number) VALUES (OLD.agency, OLD.number);
END;

-- For housekeeping, which looks every minute.
CREATE INDEX outbox_sent ON outbox (settled_at) WHERE state = 'sent';
CREATE INDEX account_draft ON account (draft_saved_at) WHERE draft_saved_at IS NOT NULL;
