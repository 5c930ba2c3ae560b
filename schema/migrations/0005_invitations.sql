-- Invitations, and what accounts and notices know of them. The columns are explained in schema/ostiary.sql.

ALTER TABLE accounts ADD COLUMN inviter TEXT;

ALTER TABLE accounts ADD COLUMN invitation INTEGER;

CREATE INDEX accounts_by_invitation ON accounts (invitation) WHERE invitation IS NOT NULL;

ALTER TABLE notices ADD COLUMN inviter TEXT;

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('account', 'contact')),
    username TEXT,
    email TEXT,
    inviter TEXT,
    subscribe INTEGER NOT NULL CHECK (subscribe IN (0, 1)),
    note TEXT,
    uses INTEGER NOT NULL CHECK (uses > 0),
    used INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE INDEX invitations_by_name ON invitations (domain, username) WHERE username IS NOT NULL;

CREATE INDEX invitations_by_inviter ON invitations (inviter, created_at) WHERE inviter IS NOT NULL;

CREATE INDEX invitations_by_end ON invitations (expires_at);
