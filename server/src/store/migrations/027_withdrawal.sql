-- An application that its applicant took back: its state is 'rejected', so that it keeps nobody from applying, and this
-- tells the two apart.
ALTER TABLE account ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE card_application ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
