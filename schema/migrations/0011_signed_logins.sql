-- What checks logins that are signed with the password.
ALTER TABLE accounts ADD COLUMN sealed_login BLOB;
