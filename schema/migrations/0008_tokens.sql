ALTER TABLE accounts ADD COLUMN token_epoch INTEGER NOT NULL DEFAULT 0;

CREATE INDEX accounts_by_pending_email ON accounts (domain, lower(email)) WHERE state = 'pending';
