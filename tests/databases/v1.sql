-- A database of schema version 1 with rows in every table: what `sqlite3 ostiary.db .dump` writes, and the two pragmas that
-- it leaves out.
PRAGMA application_id = 1332966505;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO accounts VALUES(1,'chat.example','alice','active',NULL,'Alice@mail.example',1800000060000,'alice@mail.example',0,'de','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',X'0102030405',1800000000000,1800000060000,NULL);
INSERT INTO accounts VALUES(2,'chat.example','bob','pending',NULL,'bob@mail.example',NULL,NULL,NULL,'en','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',X'0607',1800000000000,NULL,1800172800000);
INSERT INTO accounts VALUES(3,'chat.example','carol','suspended','Too much spam.',NULL,NULL,NULL,NULL,'pt-BR','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',NULL,1800000000000,1800000000000,NULL);
INSERT INTO accounts VALUES(5,'other.example','жанна','active',NULL,'shared@mail.example',1800000060000,'shared@mail.example',5,'ru','$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g',NULL,1800000000000,1800000060000,NULL);
CREATE TABLE account_counts (
    state TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO account_counts VALUES('active',2);
INSERT INTO account_counts VALUES('pending',1);
INSERT INTO account_counts VALUES('suspended',1);
CREATE TABLE verifications (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    code_expires_at INTEGER NOT NULL,
    link_expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO verifications VALUES(2,X'0000000000000000000000000000000000000000000000000000000000000001',X'0000000000000000000000000000000000000000000000000000000000000002',4,1800001800000,1800086400000,1800000000000);
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
INSERT INTO outbox VALUES(3,2,'abc@mail.example','verify',X'0a0b0c',1,1800000120000,NULL,'connection refused',1800000000000,1800001800000);
INSERT INTO outbox VALUES(4,2,'def@mail.example','already-registered',X'',2,1800000000000,1800000300000,'550 no such user',1800000000000,1800001800000);
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    event TEXT NOT NULL,
    keep TEXT,
    text TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO notices VALUES(11,'chat.example','alice','activated',NULL,NULL,1800000060000);
INSERT INTO notices VALUES(12,'chat.example','carol','suspended',NULL,'Too much spam.',1800000120000);
INSERT INTO notices VALUES(13,'chat.example','alice','password-changed','alice@chat.example/phone',NULL,1800000180000);
CREATE TABLE tombstones (
    domain TEXT NOT NULL,
    username TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (domain, username)
) STRICT, WITHOUT ROWID;
INSERT INTO tombstones VALUES('chat.example','dave',1900000000000);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    front TEXT NOT NULL,
    client TEXT,
    account TEXT NOT NULL,
    action TEXT NOT NULL
) STRICT;
INSERT INTO audit VALUES(1,1800000000000,'web','192.0.2.1','alice@chat.example','registered');
INSERT INTO audit VALUES(2,1800000060000,'web','192.0.2.1','alice@chat.example','activated');
INSERT INTO audit VALUES(3,1800000120000,'cli',NULL,'carol@chat.example','suspended');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',9);
INSERT INTO sqlite_sequence VALUES('outbox',4);
INSERT INTO sqlite_sequence VALUES('notices',13);
CREATE UNIQUE INDEX accounts_by_proven_email ON accounts (domain, proven_email, proven_slot)
    WHERE proven_email IS NOT NULL;
CREATE INDEX accounts_by_expiry ON accounts (expires_at) WHERE expires_at IS NOT NULL;
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
CREATE INDEX outbox_by_time ON outbox (not_before) WHERE parked_at IS NULL;
CREATE INDEX outbox_by_account ON outbox (account_id);
CREATE INDEX outbox_by_expiry ON outbox (expires_at);
CREATE INDEX notices_by_domain ON notices (domain);
CREATE INDEX tombstones_by_end ON tombstones (until);
CREATE INDEX audit_by_account ON audit (account);
COMMIT;
