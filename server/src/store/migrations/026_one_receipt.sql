-- One 受付番号 for whatever is sent, signed or not. What came before has the number that it was told: its row's.
ALTER TABLE account ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
UPDATE account SET receipt = CAST(id AS TEXT);
CREATE INDEX account_receipt ON account (agency, receipt);
ALTER TABLE card_application ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
UPDATE card_application SET receipt = CAST(id AS TEXT);
CREATE INDEX card_application_receipt ON card_application (agency, receipt);

-- By which, and by whose, a completion is found.
ALTER TABLE completion ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE completion ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
UPDATE completion SET receipt = coalesce(completed ->> 'receipt', ''), number = coalesce(
    (SELECT number FROM card WHERE card.id = completion.card),
    (SELECT number FROM account WHERE account.id = completion.account),
    (SELECT number FROM card_application WHERE card_application.id = completion.application), '');
CREATE INDEX completion_receipt ON completion (agency, receipt) WHERE receipt <> '';
