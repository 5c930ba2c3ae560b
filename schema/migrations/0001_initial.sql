-- Version 1: the first schema. The columns are explained in schema/ostiary.sql.

CREATE TABLE accounts (
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
    password_hash TEXT NOT NULL,
    sealed_scram BLOB,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    expires_at INTEGER CHECK (expires_at IS NULL OR state = 'pending'),
    UNIQUE (domain, username)
) STRICT;

CREATE UNIQUE INDEX accounts_by_proven_email ON accounts (domain, proven_email, proven_slot)
    WHERE proven_email IS NOT NULL;

CREATE INDEX accounts_by_expiry ON accounts (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE account_counts (
    state TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO account_counts (state, count) VALUES ('pending', 0), ('active', 0), ('suspended', 0);

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

CREATE TABLE verifications (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    link_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    parked_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_by_time ON outbox (not_before) WHERE parked_at IS NULL;

CREATE INDEX outbox_by_account ON outbox (account_id);

CREATE INDEX outbox_by_expiry ON outbox (expires_at);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    event TEXT NOT NULL,
    keep TEXT,
    text TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX notices_by_domain ON notices (domain);

CREATE TABLE tombstones (
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (domain, username)
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstones_by_end ON tombstones (until);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    front TEXT NOT NULL,
    client TEXT,
    account TEXT NOT NULL,
    action TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_account ON audit (account);
