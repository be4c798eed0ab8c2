-- When a card was linked to an officer's account; NULL: before this was kept.
ALTER TABLE officer ADD COLUMN card_linked_at INTEGER;
