-- When that officer last created the account, or moved it to another mail address; NULL: only sent it new links, which the
-- same person reads as before.
ALTER TABLE officer_maker ADD COLUMN made_at INTEGER;
UPDATE officer_maker SET made_at = (
    SELECT max(audit.at) FROM audit JOIN officer ON officer.agency = audit.agency AND officer.login_id = audit.subject
    WHERE officer.id = officer_maker.officer AND lower(audit.actor) = lower(officer_maker.maker)
    -- Earlier entries don't say whether the address was another one.
    AND audit.action IN ('officer_added', 'officer_reset')
);
