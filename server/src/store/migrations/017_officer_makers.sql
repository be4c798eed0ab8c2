-- Where an officer gets mail; empty: nowhere yet.
ALTER TABLE officer ADD COLUMN email TEXT NOT NULL DEFAULT '';

-- Who made an account or gave it a new link, and when last: a ログインID, or `command`. The approvals of the two never
-- count together.
CREATE TABLE officer_maker (
    officer INTEGER NOT NULL REFERENCES officer (id),
    maker TEXT NOT NULL COLLATE NOCASE,
    at INTEGER NOT NULL,
    PRIMARY KEY (officer, maker)
) STRICT, WITHOUT ROWID;
INSERT INTO officer_maker (officer, maker, at)
SELECT officer.id, lower(audit.actor), max(audit.at) FROM audit
JOIN officer ON officer.agency = audit.agency AND officer.login_id = audit.subject
WHERE audit.action IN ('officer_added', 'officer_reset') AND audit.actor <> ''
GROUP BY officer.id, lower(audit.actor);
