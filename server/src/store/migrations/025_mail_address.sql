-- Addresses that somebody typed for a company, and whether whoever reads there has confirmed it.
CREATE TABLE mail_address (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE,
    confirmed_at INTEGER,
    -- SHA-256 of what the link holds that confirms it.
    token_hash BLOB UNIQUE,
    token_until INTEGER NOT NULL DEFAULT 0,
    UNIQUE (agency, number, email)
) STRICT;

-- Whoever got mails until now goes on getting them.
INSERT OR IGNORE INTO mail_address (agency, number, email, confirmed_at)
SELECT agency, number, trim(email), 0 FROM (
    SELECT agency, number, fields ->> 'representative_contact_email' AS email FROM company
    UNION ALL SELECT agency, number, fields ->> 'card_contact_email' FROM card
    UNION ALL SELECT agency, number, fields ->> 'representative_contact_email' FROM account WHERE state <> 'rejected'
    UNION ALL SELECT agency, number, fields ->> 'applicant_contact_email' FROM account WHERE state <> 'rejected'
    UNION ALL SELECT agency, number, fields ->> 'representative_contact_email' FROM card_application
    WHERE state = 'pending'
    UNION ALL SELECT agency, number, fields ->> 'card_contact_email' FROM card_application WHERE state = 'pending'
) WHERE trim(coalesce(email, '')) <> '';

-- Mails that may not leave: until their address is confirmed, or because there were too many. The columns are those of
-- `outbox`.
CREATE TABLE held_mail (
    id INTEGER PRIMARY KEY,
    why TEXT NOT NULL CHECK (why IN ('address', 'limit')),
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL COLLATE NOCASE,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    attachment_name TEXT NOT NULL,
    attachment_type TEXT NOT NULL,
    attachment TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX held_mail_company ON held_mail (agency, number, recipient);
CREATE INDEX held_mail_age ON held_mail (created_at);
