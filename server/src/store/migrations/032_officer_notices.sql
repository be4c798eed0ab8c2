-- When each officer is mailed about what: never, daily, at_once.
ALTER TABLE officer ADD COLUMN application_mail TEXT NOT NULL DEFAULT 'daily'
    CHECK (application_mail IN ('never', 'daily', 'at_once'));
ALTER TABLE officer ADD COLUMN card_mail TEXT NOT NULL DEFAULT 'daily'
    CHECK (card_mail IN ('never', 'daily', 'at_once'));
ALTER TABLE officer ADD COLUMN import_mail TEXT NOT NULL DEFAULT 'never'
    CHECK (import_mail IN ('never', 'daily', 'at_once'));
ALTER TABLE officer ADD COLUMN incident_mail TEXT NOT NULL DEFAULT 'daily'
    CHECK (incident_mail IN ('never', 'daily', 'at_once'));
