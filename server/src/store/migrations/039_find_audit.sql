-- What a filter of 監査記録 selects is read without walking through all of it; each is in the order of the entries.
CREATE INDEX audit_actor ON audit (agency, actor);
CREATE INDEX audit_action ON audit (agency, action);
CREATE INDEX audit_subject ON audit (agency, subject);
