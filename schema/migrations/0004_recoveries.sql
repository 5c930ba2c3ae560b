-- Version 4: proofs that let people set a new password. The columns are explained in schema/ostiary.sql.

CREATE TABLE recoveries (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    link_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE INDEX recoveries_by_end ON recoveries (link_expires_at);
