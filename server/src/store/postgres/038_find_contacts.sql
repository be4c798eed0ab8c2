-- 照会 by phone and by a person's name.
CREATE INDEX roster_phone ON roster (agency, replace(phone, '-', ''));
ALTER TABLE roster ADD COLUMN delegate_phone TEXT COLLATE "C" GENERATED ALWAYS AS (CAST(more AS JSON) ->> '委任先電話番号') STORED;
CREATE INDEX roster_delegate_phone ON roster (agency, replace(delegate_phone, '-', ''));
CREATE INDEX company_phone ON company (agency, replace(fields ->> 'representative_contact_phone', '-', ''));
CREATE INDEX card_phone ON card (agency, replace(fields ->> 'card_contact_phone', '-', ''));
CREATE INDEX account_phone ON account (agency, replace(fields ->> 'representative_contact_phone', '-', ''));
CREATE INDEX account_applicant_phone ON account (agency, replace(fields ->> 'applicant_contact_phone', '-', ''));
CREATE INDEX roster_person ON roster (agency, replace(replace(representative_name, ' ', ''), '　', ''));
CREATE INDEX company_person ON company (agency, replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', ''));
CREATE INDEX card_person ON card (agency, replace(replace(fields ->> 'card_contact_person', ' ', ''), '　', ''));
CREATE INDEX account_person ON account (agency, replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', ''));
CREATE INDEX account_applicant_person ON account (agency, replace(replace(fields ->> 'applicant_contact_person', ' ', ''), '　', ''));
