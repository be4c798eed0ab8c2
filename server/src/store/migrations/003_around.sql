-- What the roster tells besides, and how 業者番号一覧 finds and sorts it. The listing columns are made of
-- name and kana by `listing.rs`, at the import and right after this migration.
ALTER TABLE roster ADD COLUMN information_user_id TEXT NOT NULL DEFAULT '';
-- Whether a password of the 入札情報公開システム was issued. Nothing checks it, so nothing of it is kept.
ALTER TABLE roster ADD COLUMN information_password INTEGER NOT NULL DEFAULT 0;
-- 行 of the kana: 0 to 9 ア to ワ, 10 another character, 11 no kana.
ALTER TABLE roster ADD COLUMN listing_row INTEGER NOT NULL DEFAULT 11;
ALTER TABLE roster ADD COLUMN listing_kana TEXT NOT NULL DEFAULT '';
ALTER TABLE roster ADD COLUMN listing_name TEXT NOT NULL DEFAULT '';
-- Covers the search: it reads no other page of the table than those of the companies that it answers.
CREATE INDEX roster_listing ON roster (agency, listing_row, listing_kana, number, listing_name);

-- A file that goes with a mail; empty name: none.
ALTER TABLE outbox ADD COLUMN attachment_name TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN attachment_type TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN attachment TEXT NOT NULL DEFAULT '';

-- 郵便番号, as imported; the table is replaced as a whole.
CREATE TABLE postal (
    code TEXT NOT NULL,
    -- In the file's order.
    place INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (code, place)
) STRICT, WITHOUT ROWID;

-- When registered cards expire, read from their certificates. The serial number tells whether the card's row
-- still holds the certificate that was read.
CREATE TABLE card_expiry (
    card INTEGER PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    serial TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX card_expiry_time ON card_expiry (expires_at);

-- Reminders that were sent: each threshold once for each certificate.
CREATE TABLE expiry_notice (
    card INTEGER NOT NULL REFERENCES card (id) ON DELETE CASCADE,
    serial TEXT NOT NULL,
    -- The threshold, in days before the expiry.
    days INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (card, serial, days)
) STRICT, WITHOUT ROWID;
