-- Version 3: API keys. The columns are explained in schema/ostiary.sql.

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    owner TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    account_limit INTEGER NOT NULL CHECK (account_limit >= 0),
    created INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX api_keys_by_domain ON api_keys (domain);

ALTER TABLE accounts ADD COLUMN api_key TEXT REFERENCES api_keys (id);

CREATE TRIGGER accounts_gone_from_key AFTER DELETE ON accounts WHEN old.api_key IS NOT NULL BEGIN
    UPDATE api_keys SET deleted = deleted + 1 WHERE id = old.api_key;
END;

ALTER TABLE audit ADD COLUMN api_key TEXT;

CREATE INDEX audit_by_api_key ON audit (api_key) WHERE api_key IS NOT NULL;
