-- Letters may be about an invitation instead of an account. The columns are explained in schema/ostiary.sql.

CREATE TABLE outbox_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    parked_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    invitation_id INTEGER REFERENCES invitations (id) ON DELETE CASCADE,
    CHECK ((account_id IS NULL) <> (invitation_id IS NULL))
) STRICT;

INSERT INTO outbox_new (id, account_id, message_id, kind, sealed, attempts, not_before, parked_at, last_error, created_at, expires_at)
    SELECT id, account_id, message_id, kind, sealed, attempts, not_before, parked_at, last_error, created_at, expires_at FROM outbox;

DROP TABLE outbox;

ALTER TABLE outbox_new RENAME TO outbox;

CREATE INDEX outbox_by_time ON outbox (not_before) WHERE parked_at IS NULL;

CREATE INDEX outbox_by_account ON outbox (account_id);

CREATE INDEX outbox_by_expiry ON outbox (expires_at);

CREATE INDEX outbox_by_invitation ON outbox (invitation_id) WHERE invitation_id IS NOT NULL;

CREATE INDEX invitations_by_email ON invitations (domain, email) WHERE email IS NOT NULL;
