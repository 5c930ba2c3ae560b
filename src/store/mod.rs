//! The store: SQLite behind operations in the words of the core. Each public method is one atomic operation, a value in and a
//! value out; what it answers as done has been committed (DESIGN section 6).

use std::path::PathBuf;

use jiff::Timestamp;

use crate::accounts::{
    Account, AccountEvent, AccountId, AccountState, Domain, Email, Front, LanguageTag, Notice, Origin,
    PasswordHash, ProofHash, Username, Verification,
};

/// Where the database is and how much memory it may use.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// The database file; made if it is not there.
    pub path: PathBuf,
    /// Threads that read in parallel.
    pub readers: usize,
    /// Page cache of the writer, in KiB; each reader has half of it.
    pub cache_kib: u32,
}

/// A handle on the database. Cheap to clone; the threads behind it end with the last clone, or with [`Store::close`].
#[derive(Debug, Clone)]
pub struct Store {}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Made by a newer version of the broker.
    #[error(
        "{path}: the database has schema version {found}, this ostiary knows versions up to {known}; install the newer ostiary again"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: u32,
        /// Newest version known here.
        known: u32,
    },
    /// Anything that SQLite or the file system said.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// A fault of the store. People are told to try again later.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be written or read at the moment: disk full, read-only, I/O error, locked by another program.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored value that cannot be what was stored.
    #[error("table {table}, column {column}, row {row}: the stored value is damaged")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Row key.
        row: i64,
    },
    /// The queue of the writer or of the readers is full.
    #[error("the database has more work than it can do")]
    Busy,
    /// The store has been closed.
    #[error("the database is closed")]
    Closed,
}

/// Who made a change, for the audit table.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Through which front.
    pub front: Front,
    /// The client: its address or JID.
    pub client: Option<String>,
}

/// A letter to be written into the outbox with the change that it tells about.
#[derive(Debug, Clone)]
pub struct NewLetter {
    /// Makes repeated sends recognisable; also the place that the letter is sealed for.
    pub message_id: String,
    /// The word of its kind.
    pub kind: &'static str,
    /// The sealed letter.
    pub sealed: Vec<u8>,
    /// When sending it no longer makes sense.
    pub expires_at: Timestamp,
}

/// A new account with everything that is written in the same transaction.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The domain.
    pub domain: Domain,
    /// The name; UNIQUE decides.
    pub username: Username,
    /// `Pending` or `Active`.
    pub state: AccountState,
    /// The address given.
    pub email: Option<Email>,
    /// The person's language.
    pub language: LanguageTag,
    /// The verifier.
    pub password_hash: PasswordHash,
    /// The sealed SCRAM keys; `None` where SCRAM is off.
    pub sealed_scram: Option<Vec<u8>>,
    /// What has to be proven; only for a pending account.
    pub verification: Option<Verification>,
    /// The letter to send.
    pub letter: Option<NewLetter>,
    /// Now.
    pub created_at: Timestamp,
    /// When a pending account lapses.
    pub expires_at: Option<Timestamp>,
    /// Who registers.
    pub actor: Actor,
}

/// What became of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Made.
    Created(AccountId),
    /// The name belongs to an account or to a tombstone.
    NameTaken,
}

/// The credentials on file, for a login.
#[derive(Debug, Clone)]
pub struct StoredCredentials {
    /// The account.
    pub id: AccountId,
    /// Whether it may log in.
    pub state: AccountState,
    /// The operator's words, when suspended.
    pub suspension: Option<String>,
    /// Its verifier.
    pub password_hash: PasswordHash,
    /// Its sealed SCRAM keys.
    pub sealed_scram: Option<Vec<u8>>,
}

/// New credentials for an account.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// The verifier.
    pub password_hash: PasswordHash,
    /// The sealed SCRAM keys; `None` where SCRAM is off.
    pub sealed_scram: Option<Vec<u8>>,
    /// Only while this verifier is still on file: a password that was changed in the meantime stays.
    pub replaces: Option<PasswordHash>,
    /// `true` when the password is another one: sessions are told. `false` when the same password was hashed anew.
    pub changed: bool,
    /// The session that stays open.
    pub keep: Option<String>,
    /// Now.
    pub at: Timestamp,
    /// Who changes it.
    pub actor: Actor,
}

/// A proof to be held against what waits for it.
#[derive(Debug, Clone)]
pub enum ProofAttempt {
    /// A code for a named account.
    Code {
        /// The domain.
        domain: Domain,
        /// The account.
        username: Username,
        /// Hash of the code.
        hash: ProofHash,
    },
    /// A link.
    Link {
        /// Hash of the token.
        hash: ProofHash,
    },
}

/// What a proof was worth; tries are counted in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The contact is proven and the account active.
    Activated(Account),
    /// Not the right one.
    Wrong {
        /// Tries left.
        tries_left: u32,
    },
    /// Too late, or after too many tries.
    Expired,
    /// The address has been proven for another account in the meantime.
    AddressInUse,
    /// Nothing waits for this proof.
    Unknown,
}

/// A new verification and its letter for a pending account, in place of the old one.
#[derive(Debug, Clone)]
pub struct NewVerification {
    /// The domain.
    pub domain: Domain,
    /// The account.
    pub username: Username,
    /// The corrected address, if it changed.
    pub email: Option<Email>,
    /// What has to be proven now.
    pub verification: Verification,
    /// The letter.
    pub letter: NewLetter,
    /// Refuse if the last letter was made after this moment.
    pub not_since: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// Who asks.
    pub actor: Actor,
}

/// What became of a request for another letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// The new letter is in the outbox; the old code and link no longer work, an unsent old letter is dropped.
    Replaced,
    /// The last letter is too fresh; made at this moment.
    TooSoon(Timestamp),
    /// No pending account of that name.
    NotPending,
}

/// What the operator or the person does to an account.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes a pending account active without a proof.
    Activate,
    /// Keeps it from logging in; the words are for the person.
    Suspend(Option<String>),
    /// Lets it log in again.
    Resume,
    /// Deletes it and keeps its name from others until the given moment.
    Delete {
        /// End of the tombstone.
        keep_name_until: Timestamp,
    },
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// Done; the account as it was before for a deletion, as it is now otherwise.
    Done(Account),
    /// Nothing to do: it is in that state already.
    Already(Account),
    /// The change does not fit the state that the account is in (such as resuming a pending account).
    WrongState(AccountState),
    /// No such account.
    NoSuchAccount,
}

/// Which accounts to list, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Only this domain.
    pub domain: Option<Domain>,
    /// Only this state.
    pub state: Option<AccountState>,
    /// Only names or addresses that contain this text.
    pub search: Option<String>,
    /// Only names after this account.
    pub after: Option<(Domain, Username)>,
    /// At most so many.
    pub limit: u32,
}

/// A letter that waits in the outbox.
#[derive(Debug, Clone)]
pub struct OutboxLetter {
    /// Key.
    pub id: i64,
    /// The account's domain.
    pub domain: Domain,
    /// See [`NewLetter`].
    pub message_id: String,
    /// See [`NewLetter`].
    pub kind: String,
    /// See [`NewLetter`].
    pub sealed: Vec<u8>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When sending it no longer makes sense.
    pub expires_at: Timestamp,
}

/// What became of an attempt to send.
#[derive(Debug, Clone)]
pub enum Dispatch {
    /// Handed over; the row goes.
    Sent,
    /// Failed for now; not before the given moment.
    Retry {
        /// When to try again.
        at: Timestamp,
        /// What went wrong, without the recipient's address.
        error: String,
    },
    /// Will never go through; kept for the operator, its content wiped.
    Parked {
        /// What went wrong, without the recipient's address.
        error: String,
    },
}

/// One line of the audit table.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Through which front.
    pub front: String,
    /// The client: its address or JID.
    pub client: Option<String>,
    /// Whose account, as `name@domain`.
    pub account: String,
    /// What was done: `registered`, `activated`, `password-changed`, ...
    pub action: String,
}

/// What one round of purging did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Pending accounts whose time was over.
    pub accounts: u32,
    /// Tombstones whose time was over.
    pub tombstones: u32,
    /// Letters that could no longer be sent in time.
    pub letters: u32,
}

/// How full the tables are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Accounts that wait for a proof.
    pub pending: u64,
    /// Accounts that can log in.
    pub active: u64,
    /// Accounts suspended by the operator.
    pub suspended: u64,
    /// Letters that wait to be sent.
    pub letters_waiting: u64,
    /// Letters that will never go through.
    pub letters_parked: u64,
    /// Changes that a server has not been told yet.
    pub notices: u64,
}

impl From<&Origin> for Actor {
    fn from(origin: &Origin) -> Self {
        Self { front: origin.front, client: origin.client() }
    }
}

#[expect(clippy::todo, clippy::unused_async, unused_variables, reason = "the rooms are being furnished")]
impl Store {
    /// Opens or makes the database and brings its schema up to date.
    pub fn open(settings: &StoreSettings) -> Result<Self, OpenError> {
        todo!()
    }
    /// Commits what is waiting, checkpoints and closes.
    pub async fn close(self) {
        todo!()
    }
    /// Makes an account.
    pub async fn create_account(&self, new: NewAccount) -> Result<Creation, StoreError> {
        todo!()
    }
    /// Looks an account up.
    pub async fn account(&self, domain: &Domain, username: &Username) -> Result<Option<Account>, StoreError> {
        todo!()
    }
    /// Which active or suspended account has proven this address on this domain.
    pub async fn email_owner(&self, domain: &Domain, email: &Email) -> Result<Option<Username>, StoreError> {
        todo!()
    }
    /// The credentials of an account.
    pub async fn credentials(
        &self,
        domain: &Domain,
        username: &Username,
    ) -> Result<Option<StoredCredentials>, StoreError> {
        todo!()
    }
    /// Replaces the credentials; `false` when there is no such account.
    pub async fn set_credentials(&self, new: NewCredentials) -> Result<bool, StoreError> {
        todo!()
    }
    /// Lists accounts.
    pub async fn accounts(&self, filter: AccountFilter) -> Result<Vec<Account>, StoreError> {
        todo!()
    }
    /// Holds a proof against what waits for it; counts the try; activates the account.
    /// `unique` says whether an address may prove one account only.
    pub async fn verify(
        &self,
        attempt: ProofAttempt,
        unique: bool,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Verified, StoreError> {
        todo!()
    }
    /// The domain and name of the pending account that a link is for, without using the link up.
    pub async fn link_account(&self, hash: ProofHash) -> Result<Option<Account>, StoreError> {
        todo!()
    }
    /// Puts a new verification in place of the old one.
    pub async fn replace_verification(&self, new: NewVerification) -> Result<Replacement, StoreError> {
        todo!()
    }
    /// Changes the state of an account, with its notice and audit entry.
    pub async fn change_account(
        &self,
        domain: &Domain,
        username: &Username,
        change: Change,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Changed, StoreError> {
        todo!()
    }
    /// Purges what has run out, at most `limit` rows of each kind, so that others never wait long.
    pub async fn purge(&self, at: Timestamp, limit: u32) -> Result<Purged, StoreError> {
        todo!()
    }
    /// The letters that are due, oldest first.
    pub async fn due_letters(&self, at: Timestamp, limit: u32) -> Result<Vec<OutboxLetter>, StoreError> {
        todo!()
    }
    /// When the next letter is due.
    pub async fn next_letter_at(&self) -> Result<Option<Timestamp>, StoreError> {
        todo!()
    }
    /// Notes what became of an attempt to send.
    pub async fn dispatch(&self, letter: i64, outcome: Dispatch, at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }
    /// Waits until a letter may have been put into the outbox, by this process or by another.
    pub async fn letters_changed(&self) {
        todo!()
    }
    /// The oldest notices for a domain after the given one.
    pub async fn notices(&self, domain: &Domain, after: i64, limit: u32) -> Result<Vec<Notice>, StoreError> {
        todo!()
    }
    /// Forgets a notice that the server has acted on.
    pub async fn notice_told(&self, notice: i64) -> Result<(), StoreError> {
        todo!()
    }
    /// Waits until a notice may have been written, by this process or by another.
    pub async fn notices_changed(&self) {
        todo!()
    }
    /// The newest audit entries, of one account (`name@domain`) or of all.
    pub async fn audit(&self, account: Option<&str>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        todo!()
    }
    /// Counts accounts, letters and notices.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        todo!()
    }
}

// Keeps the event type in view of the operations that write notices.
const _: fn(AccountEvent) -> &'static str = AccountEvent::as_str;
