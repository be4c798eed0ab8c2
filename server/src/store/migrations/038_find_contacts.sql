-- 照会 by phone and by a person's name. Without the agency where the primary key has it: SQLite would rather walk through
-- all companies of an agency by that key, as it did for mail addresses.
DROP INDEX company_mail;
CREATE INDEX company_mail ON company (lower(fields ->> 'representative_contact_email'));
CREATE INDEX roster_phone ON roster (replace(phone, '-', ''));
ALTER TABLE roster ADD COLUMN delegate_phone TEXT GENERATED ALWAYS AS (more ->> '委任先電話番号') VIRTUAL;
CREATE INDEX roster_delegate_phone ON roster (replace(delegate_phone, '-', ''));
CREATE INDEX company_phone ON company (replace(fields ->> 'representative_contact_phone', '-', ''));
CREATE INDEX card_phone ON card (agency, replace(fields ->> 'card_contact_phone', '-', ''));
CREATE INDEX account_phone ON account (agency, replace(fields ->> 'representative_contact_phone', '-', ''));
CREATE INDEX account_applicant_phone ON account (agency, replace(fields ->> 'applicant_contact_phone', '-', ''));
CREATE INDEX roster_person ON roster (replace(replace(representative_name, ' ', ''), '　', ''));
CREATE INDEX company_person ON company (replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', ''));
CREATE INDEX card_person ON card (agency, replace(replace(fields ->> 'card_contact_person', ' ', ''), '　', ''));
CREATE INDEX account_person ON account (agency, replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', ''));
CREATE INDEX account_applicant_person ON account (agency, replace(replace(fields ->> 'applicant_contact_person', ' ', ''), '　', ''));
