-- Accounts whose owners asked for them to be deleted, and may still take that back.
ALTER TABLE accounts ADD COLUMN delete_at INTEGER CHECK (delete_at IS NULL OR state = 'suspended');
CREATE INDEX accounts_by_deletion ON accounts (delete_at) WHERE delete_at IS NOT NULL;
