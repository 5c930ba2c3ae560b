//! The store: SQLite behind operations in the words of the core. Each public method is one atomic operation, a value in and a
//! value out; what it answers as done has been committed (DESIGN section 6).
//!
//! # Who holds what
//!
//! No lock that anybody waits for is held while SQL runs, and no connection is shared.
//!
//! - **One writer thread** (`writer.rs`) owns the only connection that writes. It takes all operations that wait in its
//!   bounded queue, runs each in a savepoint of its own inside one `BEGIN IMMEDIATE` transaction, commits once, and only then
//!   answers all. An operation that fails is undone alone; if the commit fails, every one of them gets the error. Since all
//!   changes pass here, an operation may look before it acts; other processes are kept out by SQLite's own lock.
//! - **Reader threads** (`readers.rs`) own one `query_only` connection each and share one bounded queue, whose mutex is held
//!   for a push or a pop. The connection of each lies behind a lock that only the writer takes too, to close all of them when SQLite is stuck. A read sees everything that was answered as done before it was asked for.
//! - **Callers** put a closure into a queue and await a oneshot: no task of the runtime ever waits for the disk. An operation
//!   whose caller goes away is done all the same.
//! - **Listeners** ([`Changes`]) are woken by the writer: after its own commits, and when it sees (every 250 ms at the latest)
//!   that another process has committed.
//!
//! # Where to find what
//!
//! `types.rs` what goes in and comes out · `accounts.rs`, `api_keys.rs`, `verifications.rs`, `recoveries.rs`, `email_changes.rs`, `invitations.rs`,
//! `lifecycle.rs`, `outbox.rs`, `notices.rs`, `audit.rs`, `tombstones.rs`, `spent.rs`, `tokens.rs`, `purge.rs`, `counts.rs` the operations, by
//! table · `transaction.rs` running statements and
//! reading rows · `operation.rs` an operation on its way · `company.rs` how many of them share a commit · `connection.rs`, `schema.rs` opening · `backup.rs` copies.

mod accounts;
mod api_keys;
mod audit;
mod backup;
mod branches;
mod changes;
mod company;
mod connection;
mod counts;
mod email_changes;
mod error;
mod imports;
mod inspect;
mod invitations;
mod lifecycle;
mod notices;
mod operation;
mod outbox;
mod purge;
mod readers;
mod recoveries;
pub mod schema;
mod spent;
mod tokens;
mod tombstones;
mod transaction;
mod types;
mod verifications;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::accounts::{Account, Channel, Domain, Email, Notice, ProofHash, Username};

pub use branches::{BranchChange, BranchMember, NewBranch, StoredBranch};
pub use changes::Changes;
pub use email_changes::{EmailChangeProof, EmailChanged, NewEmailChange};
pub use error::{OpenError, StoreError};
pub use imports::{Importation, NewImport};
pub use inspect::{Inspection, inspect};
pub use invitations::{InvitationFilter, InvitationUse, Invited, InviterLimit, NewInvitation};
pub use lifecycle::{Change, Changed};
pub use purge::{AUDIT_KEPT, Purged};
pub use tokens::{AddressProof, TokenHolder};
pub use types::{
    AccountFilter, Actor, AuditEntry, Counts, Creation, Dispatch, KeyChange, LoginLookup, NewAccount,
    NewApiKey, NewCredentials, NewLetter, NewRecovery, NewVerification, OutboxLetter, ProofAttempt, Recovery,
    Replaced, Replacement, Spending, StoreSettings, StoredApiKey, StoredCredentials, Verified,
};

use error::Fault;
use operation::{Operation, operation};
use readers::{Lane, ReadQueue, Reader};
use transaction::Transaction;
use writer::{Bells, Writer};

/// A handle on the database. Cheap to clone; the threads behind it end with the last clone, or with [`Store::close`].
#[derive(Debug, Clone)]
pub struct Store {
    threads: Arc<Threads>,
}

/// The near ends of everything that leads to the threads.
#[derive(Debug)]
struct Threads {
    path: PathBuf,
    /// `None` once closed: the writer ends when it has done what is in the queue.
    writes: Mutex<Option<SyncSender<Box<dyn Operation>>>>,
    reads: Arc<ReadQueue>,
    bells: Arc<Bells>,
    /// Closed when the writer, and when every reader, has ended.
    writer_alive: watch::Sender<()>,
    readers_alive: watch::Sender<()>,
}

impl Store {
    /// Opens or makes the database and brings its schema up to date. Blocks for as long as that takes.
    pub fn open(settings: &StoreSettings) -> Result<Self, OpenError> {
        let path = &settings.path;
        let sqlite = |source| OpenError::Sqlite { path: path.clone(), source };
        let system = |source| OpenError::System { path: path.clone(), source };
        connection::prepare(path)?;

        let (writes, queue) = sync_channel(writer::WAITING);
        let bells = Arc::new(Bells::new());
        let readers = settings.readers.max(1);
        let reads = Arc::new(ReadQueue::new(readers));
        let (writer_alive, readers_alive) = (watch::Sender::new(()), watch::Sender::new(()));
        // Made before the first thread, so that the threads end if a later step fails.
        let threads = Threads {
            path: path.clone(),
            writes: Mutex::new(Some(writes)),
            reads: Arc::clone(&reads),
            bells: Arc::clone(&bells),
            writer_alive,
            readers_alive,
        };

        let connection = connection::writer(settings).map_err(sqlite)?;
        let thread = Writer::new(settings.clone(), queue, bells, Arc::clone(&reads), connection);
        let alive = threads.writer_alive.subscribe();
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || thread.run(alive))
            .map_err(system)?;
        for number in 0..readers {
            let connection = connection::reader(settings).map_err(sqlite)?;
            let thread = Reader::new(settings.clone(), Arc::clone(&reads), number, connection);
            let alive = threads.readers_alive.subscribe();
            thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || thread.run(alive))
                .map_err(system)?;
        }
        Ok(Self { threads: Arc::new(threads) })
    }

    /// Does and commits what is waiting, folds in the write-ahead log and closes, for all clones of the handle.
    pub async fn close(self) {
        self.threads.reads.close();
        self.threads.readers_alive.closed().await;
        // The log can be folded in only when nobody reads from it.
        self.threads.writes.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.threads.writer_alive.closed().await;
    }

    /// Makes an account. A name whose pending holder's time is over is free.
    pub async fn create_account(&self, new: NewAccount) -> Result<Creation, StoreError> {
        self.write(move |tx| accounts::create(tx, &new)).await
    }

    /// Looks an account up. A pending one whose time is over is there until it is purged or its name is given away.
    pub async fn account(&self, domain: &Domain, username: &Username) -> Result<Option<Account>, StoreError> {
        let (domain, username) = (domain.clone(), username.clone());
        self.read(Lane::Lookup, move |tx| accounts::find(tx, &domain, &username)).await
    }

    /// Who has a name, and who has proven an address: what a registration looks at before its derivation, in one look.
    pub async fn holders(
        &self,
        domain: &Domain,
        username: &Username,
        email: Option<&Email>,
    ) -> Result<(Option<Account>, Option<Username>), StoreError> {
        let (domain, username, email) = (domain.clone(), username.clone(), email.map(Email::key));
        self.read(Lane::Lookup, move |tx| {
            let holder = accounts::find(tx, &domain, &username)?;
            let owner = match &email {
                Some(email) if holder.is_none() => accounts::email_owner(tx, &domain, email)?,
                _ => None,
            };
            Ok((holder, owner))
        })
        .await
    }

    /// Which active or suspended account has proven this address on this domain; the oldest, if several have.
    pub async fn email_owner(&self, domain: &Domain, email: &Email) -> Result<Option<Username>, StoreError> {
        let (domain, email) = (domain.clone(), email.key());
        self.read(Lane::Lookup, move |tx| accounts::email_owner(tx, &domain, &email)).await
    }

    /// The credentials of an account.
    pub async fn credentials(
        &self,
        domain: &Domain,
        username: &Username,
    ) -> Result<Option<StoredCredentials>, StoreError> {
        let (domain, username) = (domain.clone(), username.clone());
        self.read(Lane::Lookup, move |tx| accounts::credentials(tx, &domain, &username)).await
    }

    /// The credentials of an account, and what a name without account has to look like.
    pub async fn login(&self, domain: &Domain, username: &Username) -> Result<LoginLookup, StoreError> {
        let (domain, username) = (domain.clone(), username.clone());
        self.read(Lane::Lookup, move |tx| accounts::login(tx, &domain, &username)).await
    }

    /// Takes accounts over from another server, all in one transaction; what became of each, in their order.
    pub async fn import(
        &self,
        new: Vec<NewImport>,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Vec<Importation>, StoreError> {
        self.write(move |tx| imports::import(tx, &new, at, &actor)).await
    }

    /// What would become of accounts of these names if they were taken over now, in their order.
    pub async fn foresee_import(
        &self,
        names: Vec<(Domain, Username)>,
        at: Timestamp,
    ) -> Result<Vec<Importation>, StoreError> {
        self.read(Lane::Search, move |tx| imports::foresee(tx, &names, at)).await
    }

    /// Replaces the credentials; `false` when there is no such account, or its verifier is not the one to be replaced.
    pub async fn set_credentials(&self, new: NewCredentials) -> Result<bool, StoreError> {
        self.write(move |tx| accounts::set_credentials(tx, &new)).await
    }

    /// Lists accounts in the order of their domains and names.
    pub async fn accounts(&self, filter: AccountFilter) -> Result<Vec<Account>, StoreError> {
        self.read(Lane::Search, move |tx| accounts::list(tx, &filter)).await
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
        self.write(move |tx| verifications::verify(tx, &attempt, unique, at, &actor)).await
    }

    /// The pending account that a link is for, without using the link up.
    pub async fn link_account(&self, hash: ProofHash) -> Result<Option<Account>, StoreError> {
        self.read(Lane::Lookup, move |tx| verifications::link_account(tx, &hash)).await
    }

    /// Puts a new verification in place of the old one.
    pub async fn replace_verification(&self, new: NewVerification) -> Result<Replacement, StoreError> {
        self.write(move |tx| verifications::replace(tx, &new)).await
    }

    /// Puts a proof for a new password, and its letter, in place of the old one; `false` for an account that cannot be recovered.
    pub async fn start_recovery(&self, new: NewRecovery) -> Result<bool, StoreError> {
        self.write(move |tx| recoveries::start(tx, &new)).await
    }

    /// Holds a proof for a new password against what waits for it, and counts the try.
    pub async fn check_recovery(&self, attempt: ProofAttempt, at: Timestamp) -> Result<Recovery, StoreError> {
        self.write(move |tx| recoveries::check(tx, &attempt, at)).await
    }

    /// Sets the new credentials if the proof still holds, and uses it up; `false` if it does not.
    pub async fn complete_recovery(
        &self,
        attempt: ProofAttempt,
        new: NewCredentials,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| recoveries::complete(tx, &attempt, &new)).await
    }

    /// The account that a link for a new password is for, without using the link up.
    pub async fn recovery_account(
        &self,
        hash: ProofHash,
        at: Timestamp,
    ) -> Result<Option<Account>, StoreError> {
        self.read(Lane::Lookup, move |tx| recoveries::link_account(tx, hash, at)).await
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
        let (domain, username) = (domain.clone(), username.clone());
        self.write(move |tx| lifecycle::change(tx, &domain, &username, &change, at, &actor)).await
    }

    /// The accounts whose owners asked for them to be deleted by now.
    pub async fn leaving_accounts(
        &self,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Domain, Username)>, StoreError> {
        self.read(Lane::Search, move |tx| lifecycle::leaving(tx, at, limit)).await
    }

    /// Deletes an account, if that is what its owner wanted and the time has come; whether it did.
    pub async fn delete_left(
        &self,
        domain: &Domain,
        username: &Username,
        keep_name_until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (domain, username) = (domain.clone(), username.clone());
        self.write(move |tx| lifecycle::delete_left(tx, &domain, &username, keep_name_until, at)).await
    }

    /// Uses something that may be used once: `true` for the first who does so, and for nobody after that, in this process or in
    /// another. It is remembered until it is too old to be used at all, which the caller sees to.
    pub async fn spend(&self, spending: Spending) -> Result<bool, StoreError> {
        self.write(move |tx| spent::spend(tx, &spending)).await
    }

    /// Purges what has run out, at most `limit` rows of each kind, so that others never wait long ([`Purged::reached`] tells
    /// whether to go on). Audit entries go when they are older than `audit_kept`; [`AUDIT_KEPT`] is the usual.
    pub async fn purge(
        &self,
        at: Timestamp,
        audit_kept: SignedDuration,
        limit: u32,
    ) -> Result<Purged, StoreError> {
        self.write(move |tx| purge::purge(tx, at, audit_kept, limit)).await
    }

    /// The letters that are due to go one way, those that have waited longest first; also those that have expired and are not purged yet.
    pub async fn due_letters(
        &self,
        channel: Channel,
        at: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxLetter>, StoreError> {
        self.read(Lane::Lookup, move |tx| outbox::due(tx, channel, at, limit)).await
    }

    /// When the next letter is due to go one way; in the past if one is due already.
    pub async fn next_letter_at(&self, channel: Channel) -> Result<Option<Timestamp>, StoreError> {
        self.read(Lane::Lookup, move |tx| outbox::next_at(tx, channel)).await
    }

    /// Notes what became of an attempt to send.
    pub async fn dispatch(&self, letter: i64, outcome: Dispatch, at: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| outbox::dispatched(tx, letter, &outcome, at)).await
    }

    /// Tells when a letter may have been put into the outbox, by this process or by another. See [`Changes`].
    pub fn letters_changed(&self) -> Changes {
        self.threads.bells.letters.listen()
    }

    /// The oldest notices for a domain after the given one.
    pub async fn notices(&self, domain: &Domain, after: i64, limit: u32) -> Result<Vec<Notice>, StoreError> {
        let domain = domain.clone();
        self.read(Lane::Lookup, move |tx| notices::after(tx, &domain, after, limit)).await
    }

    /// Forgets a notice that the server has acted on.
    pub async fn notice_told(&self, notice: i64) -> Result<(), StoreError> {
        self.write(move |tx| notices::told(tx, notice)).await
    }

    /// Tells when a notice may have been written, by this process or by another. See [`Changes`].
    pub fn notices_changed(&self) -> Changes {
        self.threads.bells.notices.listen()
    }

    /// The newest audit entries, of one account (`name@domain`) or of all.
    pub async fn audit(&self, account: Option<&str>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let account = account.map(str::to_owned);
        self.read(Lane::Search, move |tx| audit::newest(tx, account.as_deref(), limit)).await
    }

    /// Counts accounts, letters and notices.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(Lane::Search, counts::counts).await
    }

    /// Writes a copy of the database, as it is at this moment, to a file that must not exist yet. Nobody waits meanwhile.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        let (database, target) = (self.threads.path.clone(), path.to_owned());
        let (reply, outcome) = oneshot::channel();
        thread::Builder::new()
            .name("store-backup".to_owned())
            .spawn(move || reply.send(backup::copy(&database, &target)))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        outcome.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Runs a statement on the writer's own connection.
    #[cfg(test)]
    async fn on_writer(&self, sql: &'static str) {
        self.write(move |tx| tx.one("", sql, [], |_| Ok(()))).await.unwrap();
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (operation, outcome) = operation(work);
        match &*self.threads.writes.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(writes) => writes.try_send(operation).map_err(|error| match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Closed,
            }),
            None => Err(StoreError::Closed),
        }?;
        self.threads.bells.joined();
        outcome.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn read<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (operation, outcome) = operation(work);
        self.threads.reads.submit(lane, operation)?;
        outcome.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // The writer ends by itself when the sender in here is gone.
        self.reads.close();
    }
}
