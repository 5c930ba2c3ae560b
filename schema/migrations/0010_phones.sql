-- Phone numbers of accounts, what they have to prove, and text messages beside letters.
ALTER TABLE accounts ADD COLUMN phone TEXT;
ALTER TABLE accounts ADD COLUMN phone_verified_at INTEGER;
CREATE INDEX accounts_by_pending_phone ON accounts (domain, phone) WHERE state = 'pending' AND phone IS NOT NULL;

CREATE TABLE phone_verifications (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms'));
DROP INDEX outbox_by_time;
CREATE INDEX outbox_by_time ON outbox (channel, not_before) WHERE parked_at IS NULL;
