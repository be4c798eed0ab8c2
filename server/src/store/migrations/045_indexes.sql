-- Addresses that nobody confirmed are looked for every minute.
CREATE INDEX mail_address_unconfirmed ON mail_address (token_until) WHERE confirmed_at IS NULL;
-- 照会's filter of the latest registrations.
CREATE INDEX company_latest ON company (agency, registered_at);
