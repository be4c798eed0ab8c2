-- What a version changed in the one before, as JSON; NULL: kept before this was, and compared at the next start.
ALTER TABLE profile_version ADD COLUMN changes TEXT;
