-- The certificate (DER) of the card that signs in to an officer's account; NULL: none, or it was linked before this was
-- kept and has not signed in since.
ALTER TABLE officer ADD COLUMN card_certificate BLOB;
-- When the officers were last told that another certificate was shown in its place.
ALTER TABLE officer ADD COLUMN card_forged_at INTEGER NOT NULL DEFAULT 0;
