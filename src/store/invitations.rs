//! The invitations table: who may come in by invitation. A use is counted in the transaction of the account that it makes.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountId, Domain, Email, Invitation, InvitationKind, ProofHash, Standing, Username};

use super::{
    Store, StoreError, audit,
    error::Fault,
    outbox,
    readers::Lane,
    transaction::{Cells, Transaction, stored},
    types::{Actor, NewLetter},
};

/// A new invitation.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Hash of its token.
    pub token: ProofHash,
    /// See [`Invitation`].
    pub domain: Domain,
    /// See [`Invitation`].
    pub kind: InvitationKind,
    /// See [`Invitation`].
    pub username: Option<Username>,
    /// See [`Invitation`].
    pub email: Option<Email>,
    /// See [`Invitation`].
    pub inviter: Option<String>,
    /// See [`Invitation`].
    pub subscribe: bool,
    /// See [`Invitation`].
    pub note: Option<String>,
    /// See [`Invitation`].
    pub uses: u32,
    /// Now.
    pub created_at: Timestamp,
    /// See [`Invitation`].
    pub expires_at: Timestamp,
    /// How many the inviter may make; `None` for no limit.
    pub limit: Option<InviterLimit>,
    /// Who makes it.
    pub actor: Actor,
}

/// The use of an invitation, counted in the transaction of the account that it lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationUse {
    /// Hash of its token.
    pub token: ProofHash,
    /// When the person came with it; it must have been open then, and not used up until now.
    pub asked: Timestamp,
    /// Whether an address may prove one account only. One that the invitation is bound to counts as proven.
    pub email_unique: bool,
}

/// How many invitations an inviter may make.
#[derive(Debug, Clone, Copy)]
pub struct InviterLimit {
    /// At most so many.
    pub most: u32,
    /// Counted from this moment on.
    pub since: Timestamp,
}

/// What became of a new invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Made.
    Made(Invitation),
    /// The name belongs to somebody, or is kept for somebody else.
    NameTaken,
    /// The inviter has made as many as may be made.
    TooMany,
}

/// Which invitations to list, the newest first.
#[derive(Debug, Clone, Default)]
pub struct InvitationFilter {
    /// Only this domain.
    pub domain: Option<Domain>,
    /// Only those that are open at this moment.
    pub open_at: Option<Timestamp>,
    /// Only those made before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Makes an invitation.
    pub async fn invite(&self, new: NewInvitation) -> Result<Invited, StoreError> {
        self.write(move |tx| create(tx, &new)).await
    }

    /// Makes an invitation that a letter brings to the address that it is bound to, in the place of an earlier one.
    pub async fn invite_by_letter(
        &self,
        new: NewInvitation,
        letter: NewLetter,
    ) -> Result<Invited, StoreError> {
        self.write(move |tx| create_by_letter(tx, &new, &letter)).await
    }

    /// Writes a letter about an account.
    pub async fn write_letter(
        &self,
        account: AccountId,
        letter: NewLetter,
        actor: Actor,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| outbox::put(tx, account, &letter, &actor, at)).await
    }

    /// The invitation with that token, in whatever state it is.
    pub async fn invitation_of(&self, token: ProofHash) -> Result<Option<Invitation>, StoreError> {
        self.read(Lane::Lookup, move |tx| of_token(tx, &token)).await
    }

    /// The invitation with that key, and the accounts that were made with it, at most `limit`.
    pub async fn invitation(
        &self,
        id: i64,
        limit: u32,
    ) -> Result<Option<(Invitation, Vec<String>)>, StoreError> {
        self.read(Lane::Lookup, move |tx| {
            let Some(invitation) = find(tx, id)? else { return Ok(None) };
            Ok(Some((invitation, accounts(tx, id, limit)?)))
        })
        .await
    }

    /// Lists invitations, the newest first.
    pub async fn invitations(&self, filter: InvitationFilter) -> Result<Vec<Invitation>, StoreError> {
        self.read(Lane::Search, move |tx| list(tx, &filter)).await
    }

    /// Takes an invitation back; gives it as it is now.
    pub async fn revoke_invitation(
        &self,
        id: i64,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Option<Invitation>, StoreError> {
        self.write(move |tx| revoke(tx, id, at, &actor)).await
    }
}

/// The columns that [`read`] takes.
macro_rules! invitation {
    ($rest:literal) => {
        concat!(
            "SELECT id, domain, kind, username, email, inviter, subscribe, note, uses, used, created_at, expires_at, \
             revoked_at FROM invitations ",
            $rest
        )
    };
}

/// Makes an invitation. A name that it is bound to must be free, and stays reserved.
pub(super) fn create(tx: &Transaction<'_>, new: &NewInvitation) -> Result<Invited, Fault> {
    if let Some(username) = &new.username
        && is_taken(tx, &new.domain, username, new.created_at)?
    {
        return Ok(Invited::NameTaken);
    }
    if let (Some(inviter), Some(InviterLimit { most, since })) = (&new.inviter, new.limit) {
        let made = tx.one(
            "invitations",
            "SELECT 0, count(*) FROM invitations WHERE inviter = ?1 AND created_at > ?2",
            params![inviter, stored(since)],
            |cells| cells.count(1, "id"),
        )?;
        if made.is_some_and(|made| made >= u64::from(most)) {
            return Ok(Invited::TooMany);
        }
    }
    tx.execute(
        "INSERT INTO invitations (domain, token_hash, kind, username, email, inviter, subscribe, note, uses, created_at,
                                  expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            new.domain.as_str(),
            new.token.as_bytes(),
            new.kind.as_str(),
            new.username.as_ref().map(Username::as_str),
            new.email.as_ref().map(Email::as_str),
            new.inviter,
            new.subscribe,
            new.note,
            new.uses,
            stored(new.created_at),
            stored(new.expires_at),
        ],
    )?;
    let id = tx.last_key();
    audit::put_about(tx, new.created_at, &new.actor, &subject(id), audit::INVITED)?;
    Ok(find(tx, id)?.map_or(Invited::NameTaken, Invited::Made))
}

/// Only the newest letter counts, as with codes; one that was used stays as it is.
fn create_by_letter(tx: &Transaction<'_>, new: &NewInvitation, letter: &NewLetter) -> Result<Invited, Fault> {
    let earlier =
        "SELECT id FROM invitations WHERE domain = ?1 AND email = ?2 AND used = 0 AND revoked_at IS NULL";
    let key = (new.domain.as_str(), new.email.as_ref().map(Email::as_str));
    tx.execute(&format!("DELETE FROM outbox WHERE invitation_id IN ({earlier})"), key)?;
    tx.execute(
        &format!("UPDATE invitations SET revoked_at = ?3 WHERE id IN ({earlier})"),
        params![key.0, key.1, stored(new.created_at)],
    )?;
    let made = create(tx, new)?;
    if let Invited::Made(invitation) = &made {
        outbox::put_invitation(tx, invitation.id, letter, &new.actor, new.created_at)?;
    }
    Ok(made)
}

/// Whether a name belongs to an account, a tombstone or an open invitation.
fn is_taken(
    tx: &Transaction<'_>,
    domain: &Domain,
    username: &Username,
    at: Timestamp,
) -> Result<bool, Fault> {
    let taken = tx.one(
        "accounts",
        "SELECT 0, EXISTS (SELECT 1 FROM accounts WHERE domain = ?1 AND username = ?2
                           AND (expires_at IS NULL OR expires_at > ?3))
                OR EXISTS (SELECT 1 FROM tombstones WHERE domain = ?1 AND username = ?2 AND until > ?3)
                OR EXISTS (SELECT 1 FROM invitations WHERE domain = ?1 AND username = ?2 AND expires_at > ?3
                           AND revoked_at IS NULL AND used < uses)",
        params![domain.as_str(), username.as_str(), stored(at)],
        |cells| cells.get::<bool>(1, "username"),
    )?;
    Ok(taken.unwrap_or_default())
}

/// The invitation with that token.
pub(super) fn of_token(tx: &Transaction<'_>, token: &ProofHash) -> Result<Option<Invitation>, Fault> {
    tx.one("invitations", invitation!("WHERE token_hash = ?1"), params![token.as_bytes()], read)
}

/// The invitation with that token, if it lets somebody in who came with it at `asked`.
pub(super) fn admitting(
    tx: &Transaction<'_>,
    token: &ProofHash,
    domain: &Domain,
    asked: Timestamp,
) -> Result<Option<Invitation>, Fault> {
    let found = of_token(tx, token)?;
    Ok(found.filter(|found| found.domain == *domain && found.standing(asked) == Standing::Open))
}

/// The invitation with that key.
pub(super) fn find(tx: &Transaction<'_>, id: i64) -> Result<Option<Invitation>, Fault> {
    tx.one("invitations", invitation!("WHERE id = ?1"), params![id], read)
}

/// Invitations, the newest first.
pub(super) fn list(tx: &Transaction<'_>, filter: &InvitationFilter) -> Result<Vec<Invitation>, Fault> {
    tx.all(
        "invitations",
        invitation!(
            "WHERE (?1 IS NULL OR domain = ?1) AND (?2 IS NULL OR id < ?2)
                 AND (?3 IS NULL OR (revoked_at IS NULL AND used < uses AND expires_at > ?3))
             ORDER BY id DESC LIMIT ?4"
        ),
        params![
            filter.domain.as_ref().map(Domain::as_str),
            filter.before,
            filter.open_at.map(stored),
            filter.limit
        ],
        read,
    )
}

/// The accounts that were made with an invitation, as `name@domain`; at most `limit`.
pub(super) fn accounts(tx: &Transaction<'_>, id: i64, limit: u32) -> Result<Vec<String>, Fault> {
    tx.all(
        "accounts",
        "SELECT id, username || '@' || domain FROM accounts WHERE invitation = ?1 ORDER BY id LIMIT ?2",
        params![id, limit],
        |cells| cells.get(1, "username"),
    )
}

/// Counts a use.
pub(super) fn count_use(tx: &Transaction<'_>, id: i64) -> Result<(), Fault> {
    tx.execute("UPDATE invitations SET used = used + 1 WHERE id = ?1", params![id])?;
    Ok(())
}

/// Takes an invitation back; the invitation as it is now.
pub(super) fn revoke(
    tx: &Transaction<'_>,
    id: i64,
    at: Timestamp,
    actor: &Actor,
) -> Result<Option<Invitation>, Fault> {
    let revoked = tx.execute(
        "UPDATE invitations SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        params![id, stored(at)],
    )?;
    if revoked == 1 {
        audit::put_about(tx, at, actor, &subject(id), audit::REVOKED)?;
    }
    find(tx, id)
}

/// What the audit table calls an invitation.
pub(super) fn subject(id: i64) -> String {
    format!("invitation {id}")
}

fn read(cells: &Cells<'_>) -> Result<Invitation, Fault> {
    Ok(Invitation {
        id: cells.get(0, "id")?,
        domain: cells.parse(1, "domain", |text| Domain::parse(text).ok())?,
        kind: cells.parse(2, "kind", InvitationKind::from_word)?,
        username: cells.parse_optional(3, "username", |text| Username::prepare(text).ok())?,
        email: cells.parse_optional(4, "email", |text| Email::parse(text).ok())?,
        inviter: cells.get(5, "inviter")?,
        subscribe: cells.get(6, "subscribe")?,
        note: cells.get(7, "note")?,
        uses: cells.get(8, "uses")?,
        used: cells.get(9, "used")?,
        created_at: cells.time(10, "created_at")?,
        expires_at: cells.time(11, "expires_at")?,
        revoked_at: cells.time_optional(12, "revoked_at")?,
    })
}
