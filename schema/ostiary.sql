-- The whole schema of an Ostiary database, as a new one is made. How to change it: schema/README.md.
--
-- Times are milliseconds since 1970-01-01T00:00:00Z. Names, domains and addresses are in their prepared forms
-- (src/accounts/). `PRAGMA application_id` says whose file it is, `PRAGMA user_version` which version of this schema it has.

-- Who has an account, or is about to.
CREATE TABLE accounts (
    -- Key. Never used again for another account, so that nothing left behind can ever belong to the wrong one.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The XMPP domain.
    domain TEXT NOT NULL,
    -- The name on that domain.
    username TEXT NOT NULL,
    -- Where it stands: see AccountState.
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'suspended')),
    -- The operator's words to the person whose account is suspended.
    suspension TEXT CHECK (suspension IS NULL OR state = 'suspended'),
    -- The e-mail address as given.
    email TEXT,
    -- When that address was proven.
    email_verified_at INTEGER,
    -- The address in the form that decides whether two are the same; set when it has been proven.
    proven_email TEXT,
    -- 0 where an address may prove one account only, so that the index below refuses a second one; else the account's own id.
    proven_slot INTEGER,
    -- The language of letters (BCP 47).
    language TEXT NOT NULL,
    -- Argon2id verifier, a PHC string; NULL for an account that was taken over with its SCRAM keys, until its first login with the
    -- password itself.
    password_hash TEXT,
    -- The SCRAM keys, encrypted with a key that is not in this file; NULL where SCRAM is off.
    sealed_scram BLOB,
    -- When it was registered.
    created_at INTEGER NOT NULL,
    -- When it became active for the first time.
    activated_at INTEGER,
    -- When a pending account lapses.
    expires_at INTEGER CHECK (expires_at IS NULL OR state = 'pending'),
    -- The API key that it was made with; NULL for one that a person made.
    api_key TEXT REFERENCES api_keys (id),
    -- Bare JID of who invited the person and gets them as a contact.
    inviter TEXT,
    -- Key of the invitation that it was made with; that may have been purged since.
    invitation INTEGER,
    -- Goes up when every token that was given out must end: with another password, and when the account is suspended.
    token_epoch INTEGER NOT NULL DEFAULT 0,
    -- The phone number (E.164, with its +).
    phone TEXT,
    -- When that number was proven.
    phone_verified_at INTEGER,
    -- The state of an HMAC-SHA-256 with the password as key, encrypted with a key that is not in this file: it checks logins that are
    -- signed with the password. NULL where the operator does not want these.
    sealed_login BLOB,
    -- When it is deleted, because its owner asked for that; NULL otherwise.
    delete_at INTEGER CHECK (delete_at IS NULL OR state = 'suspended'),
    -- This decides who gets a name.
    UNIQUE (domain, username),
    -- Something must prove the password.
    CHECK (password_hash IS NOT NULL OR sealed_scram IS NOT NULL)
) STRICT;

-- Who has proven an address, and that nobody else does where it counts once.
CREATE UNIQUE INDEX accounts_by_proven_email ON accounts (domain, proven_email, proven_slot)
    WHERE proven_email IS NOT NULL;

-- Which pending accounts lapse next.
CREATE INDEX accounts_by_expiry ON accounts (expires_at) WHERE expires_at IS NOT NULL;

-- Which accounts are deleted next, because their owners asked for that.
CREATE INDEX accounts_by_deletion ON accounts (delete_at) WHERE delete_at IS NOT NULL;

-- Which accounts were made with an invitation.
CREATE INDEX accounts_by_invitation ON accounts (invitation) WHERE invitation IS NOT NULL;

-- Whose code it may be that comes with an address and without a name.
CREATE INDEX accounts_by_pending_email ON accounts (domain, lower(email)) WHERE state = 'pending';

-- The same for a phone number.
CREATE INDEX accounts_by_pending_phone ON accounts (domain, phone) WHERE state = 'pending' AND phone IS NOT NULL;

-- How many accounts there are in each state. Kept by the triggers below: counting ten million rows takes seconds.
CREATE TABLE account_counts (
    -- The state.
    state TEXT NOT NULL PRIMARY KEY,
    -- How many accounts are in it.
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

-- API keys: with one of them a program makes accounts. None is ever taken away, so that accounts and audit can name it.
CREATE TABLE api_keys (
    -- Key, and the public name that programs send.
    id TEXT NOT NULL PRIMARY KEY,
    -- The domain that accounts are made on.
    domain TEXT NOT NULL,
    -- Whom it was given to, in the operator's words.
    owner TEXT NOT NULL,
    -- The secret, encrypted with a key that is not in this file: it is a key of HMACs, so a hash of it would not do.
    sealed_secret BLOB NOT NULL,
    -- How many accounts of it there may be at the same time.
    account_limit INTEGER NOT NULL CHECK (account_limit >= 0),
    -- How many accounts were ever made with it.
    created INTEGER NOT NULL DEFAULT 0,
    -- How many of those are gone again; kept by the trigger below.
    deleted INTEGER NOT NULL DEFAULT 0,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When an account was last made with it; NULL before the first.
    last_used_at INTEGER,
    -- When the operator revoked it; NULL while it works.
    revoked_at INTEGER
) STRICT;

-- Which keys a domain has.
CREATE INDEX api_keys_by_domain ON api_keys (domain);

-- However an account goes: deleted by its owner or the operator, or lapsed.
CREATE TRIGGER accounts_gone_from_key AFTER DELETE ON accounts WHEN old.api_key IS NOT NULL BEGIN
    UPDATE api_keys SET deleted = deleted + 1 WHERE id = old.api_key;
END;

-- Proofs that pending accounts wait for.
CREATE TABLE verifications (
    -- The account; one proof at a time.
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Keyed hash (HMAC-SHA-256) of the six-digit code.
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    -- Keyed hash of the link's token.
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    -- How many codes may still be tried.
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    -- When the code stops working.
    code_expires_at INTEGER NOT NULL,
    -- When the link stops working.
    link_expires_at INTEGER NOT NULL,
    -- When it was made; the next one has to wait for a while.
    made_at INTEGER NOT NULL
) STRICT;

-- Proofs of phone numbers that pending accounts wait for. Text messages bring a code and no link.
CREATE TABLE phone_verifications (
    -- The account; one proof at a time.
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Keyed hash (HMAC-SHA-256) of the six-digit code.
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    -- How many codes may still be tried.
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    -- When the code stops working.
    code_expires_at INTEGER NOT NULL,
    -- When it was made; the next one has to wait for a while.
    made_at INTEGER NOT NULL
) STRICT;

-- Proofs that let people who forgot their password set a new one. A row goes with its use, its end, or any other change of the
-- password.
CREATE TABLE recoveries (
    -- The account; one proof at a time.
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Keyed hash (HMAC-SHA-256) of the six-digit code.
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    -- Keyed hash of the link's token.
    link_hash BLOB NOT NULL UNIQUE CHECK (length(link_hash) = 32),
    -- How many codes may still be tried.
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    -- When the code stops working.
    code_expires_at INTEGER NOT NULL,
    -- When the link stops working.
    link_expires_at INTEGER NOT NULL,
    -- When it was made.
    made_at INTEGER NOT NULL
) STRICT;

-- What nobody can use any longer.
CREATE INDEX recoveries_by_end ON recoveries (link_expires_at);

-- Addresses that are to take the place of those that accounts have, once they are proven. A row goes with its use, its end, or another
-- password.
CREATE TABLE email_changes (
    -- The account; one change at a time.
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- The new address as given.
    email TEXT NOT NULL,
    -- Keyed hash (HMAC-SHA-256) of the six-digit code.
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    -- How many codes may still be tried.
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    -- When the code stops working.
    code_expires_at INTEGER NOT NULL
) STRICT;

-- What nobody can use any longer.
CREATE INDEX email_changes_by_end ON email_changes (code_expires_at);

-- Letters and text messages that are to be sent. A row goes when its letter has been handed over.
CREATE TABLE outbox (
    -- Key.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The account it is about; NULL for a letter with an invitation.
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    -- Left part of its Message-ID, the same at every attempt.
    message_id TEXT NOT NULL,
    -- The word of its kind: see LetterKind.
    kind TEXT NOT NULL,
    -- The letter, encrypted with a key that is not in this file; empty when parked.
    sealed BLOB NOT NULL,
    -- How often sending it was tried.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Not to be sent before this time.
    not_before INTEGER NOT NULL,
    -- When it was set aside for good, because no attempt can succeed.
    parked_at INTEGER,
    -- What went wrong last, without the recipient's address.
    last_error TEXT,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When sending it no longer makes sense.
    expires_at INTEGER NOT NULL,
    -- The invitation that it brings; NULL for a letter about an account.
    invitation_id INTEGER REFERENCES invitations (id) ON DELETE CASCADE,
    -- Which way it goes: see Channel.
    channel TEXT NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms')),
    -- The request that it follows from, as the log has it; NULL where that is not known.
    request TEXT,
    CHECK ((account_id IS NULL) <> (invitation_id IS NULL))
) STRICT;

-- Which letters are due.
CREATE INDEX outbox_by_time ON outbox (channel, not_before) WHERE parked_at IS NULL;

-- Which letters are about an account.
CREATE INDEX outbox_by_account ON outbox (account_id);

-- Which letters are too late.
CREATE INDEX outbox_by_expiry ON outbox (expires_at);

-- Which letters bring an invitation.
CREATE INDEX outbox_by_invitation ON outbox (invitation_id) WHERE invitation_id IS NOT NULL;

-- Changes that the XMPP servers still have to be told, in the order of their keys. No reference to the account: the
-- news that it was deleted outlives it.
CREATE TABLE notices (
    -- Key; gives the order.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The domain whose server is told.
    domain TEXT NOT NULL,
    -- Whose account changed.
    username TEXT NOT NULL,
    -- What happened: see AccountEvent.
    event TEXT NOT NULL,
    -- Full JID of the session that stays open.
    keep TEXT,
    -- Words for the person.
    text TEXT,
    -- When it happened.
    created_at INTEGER NOT NULL,
    -- Bare JID of who gets the account as a contact, when it became active.
    inviter TEXT
) STRICT;

-- What a domain's server has not been told.
CREATE INDEX notices_by_domain ON notices (domain);

-- What lets people in who have been invited.
CREATE TABLE invitations (
    -- Key; the name by which the operator calls it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The domain that it lets in to.
    domain TEXT NOT NULL,
    -- Keyed hash of its token.
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- What it is an invitation to: see InvitationKind.
    kind TEXT NOT NULL CHECK (kind IN ('account', 'contact')),
    -- The one name that can be registered with it, kept from others while it is open; NULL for any.
    username TEXT,
    -- An address that the invited person has proven; NULL when none was.
    email TEXT,
    -- Bare JID of the user who invites; NULL when that is the operator or the broker itself.
    inviter TEXT,
    -- 1 when inviter and invited get each other as contacts.
    subscribe INTEGER NOT NULL CHECK (subscribe IN (0, 1)),
    -- What the operator noted.
    note TEXT,
    -- How many accounts may be made with it.
    uses INTEGER NOT NULL CHECK (uses > 0),
    -- How many have been made.
    used INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it stops working.
    expires_at INTEGER NOT NULL,
    -- When it was taken back.
    revoked_at INTEGER
) STRICT;

-- Which names are kept for somebody.
CREATE INDEX invitations_by_name ON invitations (domain, username) WHERE username IS NOT NULL;

-- Who has invited how often.
CREATE INDEX invitations_by_inviter ON invitations (inviter, created_at) WHERE inviter IS NOT NULL;

-- Which invitations were sent to an address.
CREATE INDEX invitations_by_email ON invitations (domain, email) WHERE email IS NOT NULL;

-- Which invitations can be forgotten.
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- Offices of partners, whose programs make accounts that are active at once.
CREATE TABLE branches (
    -- Its number, which programs name it by. Never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The domain that it makes accounts on.
    domain TEXT NOT NULL,
    -- Whose it is, in the operator's words.
    owner TEXT NOT NULL,
    -- Keyed hash (HMAC-SHA-256) of its secret.
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    -- Keyed hash of its activation token.
    activation_token_hash BLOB NOT NULL CHECK (length(activation_token_hash) = 32),
    -- How many accounts were ever made by it.
    created INTEGER NOT NULL DEFAULT 0,
    -- When it was made.
    created_at INTEGER NOT NULL,
    -- When it got its present secrets.
    rotated_at INTEGER NOT NULL,
    -- When an account was last made by it; NULL before the first.
    last_used_at INTEGER,
    -- When it was revoked; NULL while it works.
    revoked_at INTEGER
) STRICT;

-- What a branch told about the people it made accounts for. Goes with the account.
CREATE TABLE profiles (
    -- The account.
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- The branch that made it.
    branch_id INTEGER NOT NULL REFERENCES branches (id),
    -- Such as `Ms`.
    title TEXT NOT NULL,
    -- First name.
    first_name TEXT NOT NULL,
    -- Last name.
    last_name TEXT NOT NULL,
    -- What the person does.
    job_title TEXT NOT NULL
) STRICT;

-- Names of deleted accounts that nobody may have yet.
CREATE TABLE tombstones (
    -- The domain.
    domain TEXT NOT NULL,
    -- The name.
    username TEXT NOT NULL,
    -- Until when it stays away from others.
    until INTEGER NOT NULL,
    PRIMARY KEY (domain, username)
) STRICT, WITHOUT ROWID;

-- Which names are free again.
CREATE INDEX tombstones_by_end ON tombstones (until);

-- What the SCRAM keys of accounts that were taken over are like, as anybody sees it who begins a login: names without account are made
-- to look the same.
CREATE TABLE imported_looks (
    -- The domain.
    domain TEXT NOT NULL,
    -- Mechanisms, rounds, and what the salts are like: see ScramLook.
    look TEXT NOT NULL,
    -- How many accounts were taken over that look like this.
    accounts INTEGER NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (domain, look)
) STRICT, WITHOUT ROWID;

-- What may be used once and has been: CAPTCHA challenges, nonces of signed requests.
CREATE TABLE spent (
    -- Keyed hash (HMAC-SHA-256) of its kind and identifier.
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    -- From when on the thing itself is too old to be used, so that nobody need remember it.
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What need not be remembered any longer.
CREATE INDEX spent_by_expiry ON spent (expires_at);

-- Who did what to which account. Outlives the account; purged by age.
CREATE TABLE audit (
    -- Key; gives the order.
    id INTEGER PRIMARY KEY,
    -- When.
    at INTEGER NOT NULL,
    -- Through which front: see Front; `broker` when it did so by itself.
    front TEXT NOT NULL,
    -- The client: its address or JID.
    client TEXT,
    -- Whose account, as name@domain; which `invitation 1` or `branch 1`; or the domain alone for what concerns an API key as a whole.
    account TEXT NOT NULL,
    -- What was done: see src/store/audit.rs.
    action TEXT NOT NULL,
    -- The API key that it was done with or done to; NULL where there is none.
    api_key TEXT,
    -- The request that it was done with, as the log has it; NULL where the broker did it by itself.
    request TEXT
) STRICT;

-- What happened to one account.
CREATE INDEX audit_by_account ON audit (account);

-- What was done with one API key.
CREATE INDEX audit_by_api_key ON audit (api_key) WHERE api_key IS NOT NULL;
