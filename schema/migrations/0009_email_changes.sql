CREATE TABLE email_changes (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX email_changes_by_end ON email_changes (code_expires_at);
