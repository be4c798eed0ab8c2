-- Delivery that loses and doubles nothing: who sends a mail has claimed it, and what failed says why and waits its turn.

-- 0 a link that somebody waits for, 1 ordinary, 2 bulk.
ALTER TABLE outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
-- Until then one server has it in hand; `next_attempt_at` is the same, so that nobody else finds it due.
ALTER TABLE outbox ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;
-- What kept it from leaving: '' nothing yet, 'relay' perhaps the mail server, 'released' that, but another mail of the sender
-- left since, 'mail' this mail.
ALTER TABLE outbox ADD COLUMN hold TEXT NOT NULL DEFAULT '';
-- How often nobody knows whether it was delivered.
ALTER TABLE outbox ADD COLUMN unknowns INTEGER NOT NULL DEFAULT 0;
-- The last failure: a step of SMTP and the codes of the answer.
ALTER TABLE outbox ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- Since when it is tried, if not since it was queued.
ALTER TABLE outbox ADD COLUMN tried_since INTEGER;
-- When an officer gave a refused mail up.
ALTER TABLE outbox ADD COLUMN given_up_at INTEGER;
-- Whether `body` is sealed with the server's key.
ALTER TABLE outbox ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX outbox_turn ON outbox (priority, next_attempt_at, id) WHERE state = 'queued';
CREATE INDEX outbox_waiting ON outbox (created_at) WHERE state = 'queued';
CREATE INDEX outbox_held ON outbox (sender) WHERE state = 'queued' AND hold = 'relay';
CREATE INDEX outbox_stuck ON outbox (agency, id) WHERE state = 'refused' AND given_up_at IS NULL;
CREATE INDEX outbox_given_up ON outbox (given_up_at) WHERE given_up_at IS NOT NULL;
