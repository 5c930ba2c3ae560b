-- A database of schema version 13 with rows in every table: what `sqlite3 ostiary.db .dump` writes, and the two pragmas that
-- it leaves out.
PRAGMA application_id = 1332966505;
PRAGMA user_version = 13;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE account_counts (
    state TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "account_counts" VALUES('active',1);
INSERT INTO "account_counts" VALUES('pending',1);
INSERT INTO "account_counts" VALUES('suspended',2);
CREATE TABLE "accounts" (
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
INSERT INTO "accounts" VALUES(1,'chat.example','alice','active',NULL,'Alice@mail.example',1800000060000,'alice@mail.example',0,'de','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',X'0102030405',1800000000000,1800000060000,NULL,NULL,'ed@chat.example',1,2,'+46700000001',1800000060000,X'0607',NULL);
INSERT INTO "accounts" VALUES(2,'chat.example','bob','pending',NULL,'bob@mail.example',NULL,NULL,NULL,'en','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',NULL,1800000000000,NULL,1800172800000,'key1',NULL,NULL,0,'+46700000002',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES(3,'chat.example','carol','suspended',NULL,NULL,NULL,NULL,NULL,'pt-BR','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',X'09',1800000000000,1800000000000,NULL,'key1',NULL,NULL,1,NULL,NULL,NULL,1800604800000);
INSERT INTO "accounts" VALUES(5,'other.example','жанна','suspended','Too much spam.','shared@mail.example',1800000060000,'shared@mail.example',5,'ru','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',X'08',1800000000000,1800000000000,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL);
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
INSERT INTO "api_keys" VALUES('key1','chat.example','Partner',X'0102',10,3,1,1800000000000,1800000000000,NULL);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    front TEXT NOT NULL,
    client TEXT,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    api_key TEXT
) STRICT;
INSERT INTO "audit" VALUES(1,1800000000000,'web','192.0.2.1','alice@chat.example','registered',NULL);
INSERT INTO "audit" VALUES(2,1800000000000,'web',NULL,'bob@chat.example','registered','key1');
CREATE TABLE branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    owner TEXT NOT NULL,
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    activation_token_hash BLOB NOT NULL CHECK (length(activation_token_hash) = 32),
    created INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
INSERT INTO "branches" VALUES(1,'chat.example','Office',X'0000000000000000000000000000000000000000000000000000000000000009',X'000000000000000000000000000000000000000000000000000000000000000A',1,1800000000000,1800000000000,NULL,NULL);
CREATE TABLE email_changes (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO "email_changes" VALUES(1,'new@mail.example',X'0000000000000000000000000000000000000000000000000000000000000006',3,1800001800000);
CREATE TABLE imported_looks (
    domain TEXT NOT NULL,
    look TEXT NOT NULL,
    accounts INTEGER NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (domain, look)
) STRICT, WITHOUT ROWID;
INSERT INTO "imported_looks" VALUES('chat.example','[{"mechanism":"SCRAM-SHA-1","iterations":4096,"salt":"uuid"}]',1);
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
INSERT INTO "invitations" VALUES(1,'chat.example',X'0000000000000000000000000000000000000000000000000000000000000007','account','dave','dave@mail.example',NULL,0,'a note',2,1,1800000000000,1800604800000,NULL);
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    event TEXT NOT NULL,
    keep TEXT,
    text TEXT,
    created_at INTEGER NOT NULL,
    inviter TEXT
) STRICT;
INSERT INTO "notices" VALUES(2,'chat.example','alice','activated',NULL,NULL,1800000060000,'ed@chat.example');
CREATE TABLE outbox (
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
    channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms')),
    CHECK ((account_id IS NULL) <> (invitation_id IS NULL))
) STRICT;
INSERT INTO "outbox" VALUES(3,2,'abc@mail.example','verify',X'0A0B0C',1,1800000120000,NULL,'connection refused',1800000000000,1800001800000,NULL,'mail');
INSERT INTO "outbox" VALUES(4,NULL,'def@mail.example','invitation',X'0D',0,1800000000000,NULL,NULL,1800000000000,1800001800000,1,'mail');
CREATE TABLE phone_verifications (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO "phone_verifications" VALUES(2,X'0000000000000000000000000000000000000000000000000000000000000003',4,1800001800000,1800000000000);
CREATE TABLE profiles (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    branch_id INTEGER NOT NULL REFERENCES branches (id),
    title TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    job_title TEXT NOT NULL
) STRICT;
INSERT INTO "profiles" VALUES(1,1,'Ms','Alice','Cooper','singer');
CREATE TABLE recoveries (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    link_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO "recoveries" VALUES(1,X'0000000000000000000000000000000000000000000000000000000000000004',X'0000000000000000000000000000000000000000000000000000000000000005',4,1800001800000,1800086400000,1800000000000);
CREATE TABLE spent (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "spent" VALUES(X'0000000000000000000000000000000000000000000000000000000000000008',1800604800000);
CREATE TABLE tombstones (
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (domain, username)
) STRICT, WITHOUT ROWID;
INSERT INTO "tombstones" VALUES('chat.example','gone',1800604800000);
CREATE TABLE verifications (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    link_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO "verifications" VALUES(2,X'0000000000000000000000000000000000000000000000000000000000000001',X'0000000000000000000000000000000000000000000000000000000000000002',4,1800001800000,1800086400000,1800000000000);
CREATE INDEX api_keys_by_domain ON api_keys (domain);
CREATE INDEX recoveries_by_end ON recoveries (link_expires_at);
CREATE INDEX email_changes_by_end ON email_changes (code_expires_at);
CREATE INDEX outbox_by_time ON outbox (channel, not_before) WHERE parked_at IS NULL;
CREATE INDEX outbox_by_account ON outbox (account_id);
CREATE INDEX outbox_by_expiry ON outbox (expires_at);
CREATE INDEX outbox_by_invitation ON outbox (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX notices_by_domain ON notices (domain);
CREATE INDEX invitations_by_name ON invitations (domain, username) WHERE username IS NOT NULL;
CREATE INDEX invitations_by_inviter ON invitations (inviter, created_at) WHERE inviter IS NOT NULL;
CREATE INDEX invitations_by_email ON invitations (domain, email) WHERE email IS NOT NULL;
CREATE INDEX invitations_by_end ON invitations (expires_at);
CREATE INDEX tombstones_by_end ON tombstones (until);
CREATE INDEX spent_by_expiry ON spent (expires_at);
CREATE INDEX audit_by_account ON audit (account);
CREATE INDEX audit_by_api_key ON audit (api_key) WHERE api_key IS NOT NULL;
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('branches',1);
INSERT INTO "sqlite_sequence" VALUES('invitations',1);
INSERT INTO "sqlite_sequence" VALUES('outbox',4);
INSERT INTO "sqlite_sequence" VALUES('notices',2);
INSERT INTO "sqlite_sequence" VALUES('accounts',9);
COMMIT;
