-- Accounts that were taken over have SCRAM keys and no verifier of ours yet. The columns are explained in schema/ostiary.sql.

CREATE TABLE accounts_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'suspended')),
    suspension TEXT CHECK (suspension IS NULL OR state = 'suspended'),
    email TEXT,
    email_verified_at INTEGER,
    proven_email TEXT,
    proven_slot INTEGER,
    language TEXT NOT NULL,
    password_hash TEXT,
    sealed_scram BLOB,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    expires_at INTEGER CHECK (expires_at IS NULL OR state = 'pending'),
    api_key TEXT REFERENCES api_keys (id),
    inviter TEXT,
    invitation INTEGER,
    token_epoch INTEGER NOT NULL DEFAULT 0,
    phone TEXT,
    phone_verified_at INTEGER,
    sealed_login BLOB,
    delete_at INTEGER CHECK (delete_at IS NULL OR state = 'suspended'),
    UNIQUE (domain, username),
    CHECK (password_hash IS NOT NULL OR sealed_scram IS NOT NULL)
) STRICT;

INSERT INTO accounts_new (id, domain, username, state, suspension, email, email_verified_at, proven_email, proven_slot, language,
                          password_hash, sealed_scram, created_at, activated_at, expires_at, api_key, inviter, invitation,
                          token_epoch, phone, phone_verified_at, sealed_login, delete_at)
    SELECT id, domain, username, state, suspension, email, email_verified_at, proven_email, proven_slot, language,
           password_hash, sealed_scram, created_at, activated_at, expires_at, api_key, inviter, invitation,
           token_epoch, phone, phone_verified_at, sealed_login, delete_at FROM accounts;

-- The keys of deleted accounts stay used, too.
DELETE FROM sqlite_sequence WHERE name = 'accounts_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'accounts_new', seq FROM sqlite_sequence WHERE name = 'accounts';

DROP TABLE accounts;

ALTER TABLE accounts_new RENAME TO accounts;

CREATE UNIQUE INDEX accounts_by_proven_email ON accounts (domain, proven_email, proven_slot)
    WHERE proven_email IS NOT NULL;

CREATE INDEX accounts_by_expiry ON accounts (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX accounts_by_deletion ON accounts (delete_at) WHERE delete_at IS NOT NULL;

CREATE INDEX accounts_by_invitation ON accounts (invitation) WHERE invitation IS NOT NULL;

CREATE INDEX accounts_by_pending_email ON accounts (domain, lower(email)) WHERE state = 'pending';

CREATE INDEX accounts_by_pending_phone ON accounts (domain, phone) WHERE state = 'pending' AND phone IS NOT NULL;

CREATE TRIGGER accounts_counted_in AFTER INSERT ON accounts BEGIN
    UPDATE account_counts SET count = count + 1 WHERE state = new.state;
END;

CREATE TRIGGER accounts_counted_out AFTER DELETE ON accounts BEGIN
    UPDATE account_counts SET count = count - 1 WHERE state = old.state;
END;

CREATE TRIGGER accounts_counted_over AFTER UPDATE OF state ON accounts WHEN old.state <> new.state BEGIN
    UPDATE account_counts SET count = count - 1 WHERE state = old.state;
    UPDATE account_counts SET count = count + 1 WHERE state = new.state;
END;

CREATE TRIGGER accounts_gone_from_key AFTER DELETE ON accounts WHEN old.api_key IS NOT NULL BEGIN
    UPDATE api_keys SET deleted = deleted + 1 WHERE id = old.api_key;
END;

CREATE TABLE imported_looks (
    domain TEXT NOT NULL,
    look TEXT NOT NULL,
    accounts INTEGER NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (domain, look)
) STRICT, WITHOUT ROWID;
