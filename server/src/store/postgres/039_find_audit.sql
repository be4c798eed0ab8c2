-- What a filter of 監査記録 selects is read without walking through all of it; each is in the order of the entries.
CREATE INDEX audit_actor ON audit (agency, actor, sequence);
CREATE INDEX audit_action ON audit (agency, action, sequence);
CREATE INDEX audit_subject ON audit (agency, subject, sequence);
