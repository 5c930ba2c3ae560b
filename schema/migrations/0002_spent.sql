-- Version 2: what may be used once. The columns are explained in schema/ostiary.sql.

CREATE TABLE spent (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_by_expiry ON spent (expires_at);
