//! The tables of branches and of what they told about people. Whether a branch may make an account is decided in the account's own
//! transaction.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{AccountId, Branch, BranchHashes, BranchId, Domain, KeyOwner, Profile, ProofHash};

use super::{
    Lane, Store, StoreError, audit,
    error::Fault,
    transaction::{Cells, Transaction, stored},
    types::Actor,
};

/// Branches that a list shows at most.
const MOST_LISTED: u32 = 10_000;

/// The columns that [`read`] takes.
macro_rules! branch_columns {
    () => {
        "id, domain, owner, created, created_at, rotated_at, last_used_at, revoked_at"
    };
}

/// A new branch.
#[derive(Debug, Clone)]
pub struct NewBranch {
    /// The domain that it makes accounts on.
    pub domain: Domain,
    /// Whose it is.
    pub owner: KeyOwner,
    /// What is kept of its secrets.
    pub hashes: BranchHashes,
    /// Now.
    pub at: Timestamp,
    /// Who makes it.
    pub actor: Actor,
}

/// A branch with what is kept of its secrets.
#[derive(Debug, Clone)]
pub struct StoredBranch {
    /// The branch.
    pub branch: Branch,
    /// The hashes.
    pub hashes: BranchHashes,
}

/// What the operator does to a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchChange {
    /// Gives it new secrets; the old ones work no longer.
    Rotate(BranchHashes),
    /// Ends it for good.
    Revoke,
}

/// The branch that makes an account, and what it tells about the person.
#[derive(Debug, Clone)]
pub struct BranchMember {
    /// The branch.
    pub branch: BranchId,
    /// The person.
    pub profile: Profile,
}

impl Store {
    /// Makes a branch.
    pub async fn create_branch(&self, new: NewBranch) -> Result<Branch, StoreError> {
        self.write(move |tx| create(tx, &new)).await
    }

    /// Looks a branch up.
    pub async fn branch(&self, id: BranchId) -> Result<Option<StoredBranch>, StoreError> {
        self.read(Lane::Lookup, move |tx| find(tx, id)).await
    }

    /// Lists branches, of one domain or of all.
    pub async fn branches(&self, domain: Option<&Domain>) -> Result<Vec<Branch>, StoreError> {
        let domain = domain.cloned();
        self.read(Lane::Search, move |tx| list(tx, domain.as_ref())).await
    }

    /// Changes a branch and gives it as it is then; `None` when there is no such branch, or it was revoked before.
    pub async fn change_branch(
        &self,
        id: BranchId,
        change: BranchChange,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Option<Branch>, StoreError> {
        self.write(move |tx| self::change(tx, id, change, at, &actor)).await
    }
}

fn create(tx: &Transaction<'_>, new: &NewBranch) -> Result<Branch, Fault> {
    let now = stored(new.at);
    tx.execute(
        "INSERT INTO branches (domain, owner, secret_hash, activation_token_hash, created_at, rotated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![
            new.domain.as_str(),
            new.owner.as_str(),
            new.hashes.secret.as_bytes(),
            new.hashes.activation_token.as_bytes(),
            now,
        ],
    )?;
    let row = tx.last_key();
    let damaged = || Fault::Damaged { table: "branches", column: "id", row };
    let id = u32::try_from(row).ok().and_then(BranchId::new).ok_or_else(damaged)?;
    audit::put_about(tx, new.at, &new.actor, &subject(id), audit::BRANCH_CREATED)?;
    Ok(find(tx, id)?.ok_or_else(damaged)?.branch)
}

fn find(tx: &Transaction<'_>, id: BranchId) -> Result<Option<StoredBranch>, Fault> {
    tx.one(
        "branches",
        concat!(
            "SELECT ",
            branch_columns!(),
            ", secret_hash, activation_token_hash FROM branches WHERE id = ?1"
        ),
        params![id.number()],
        |cells| {
            let hashes = BranchHashes {
                secret: ProofHash::from_bytes(cells.get(8, "secret_hash")?),
                activation_token: ProofHash::from_bytes(cells.get(9, "activation_token_hash")?),
            };
            Ok(StoredBranch { branch: read(cells)?, hashes })
        },
    )
}

fn list(tx: &Transaction<'_>, domain: Option<&Domain>) -> Result<Vec<Branch>, Fault> {
    tx.all(
        "branches",
        concat!(
            "SELECT ",
            branch_columns!(),
            " FROM branches WHERE ?1 IS NULL OR domain = ?1 ORDER BY id LIMIT ?2"
        ),
        params![domain.map(Domain::as_str), MOST_LISTED],
        read,
    )
}

fn change(
    tx: &Transaction<'_>,
    id: BranchId,
    change: BranchChange,
    at: Timestamp,
    actor: &Actor,
) -> Result<Option<Branch>, Fault> {
    let (changed, action) = match change {
        BranchChange::Rotate(hashes) => (
            tx.execute(
                "UPDATE branches SET secret_hash = ?2, activation_token_hash = ?3, rotated_at = ?4
                 WHERE id = ?1 AND revoked_at IS NULL",
                params![
                    id.number(),
                    hashes.secret.as_bytes(),
                    hashes.activation_token.as_bytes(),
                    stored(at)
                ],
            )?,
            audit::BRANCH_ROTATED,
        ),
        BranchChange::Revoke => (
            tx.execute(
                "UPDATE branches SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                params![id.number(), stored(at)],
            )?,
            audit::BRANCH_REVOKED,
        ),
    };
    if changed == 0 {
        return Ok(None);
    }
    audit::put_about(tx, at, actor, &subject(id), action)?;
    Ok(find(tx, id)?.map(|stored| stored.branch))
}

/// Whether a branch may make an account on a domain. Only the writer asks, so that nothing can change until it has made the account.
pub(super) fn admits(tx: &Transaction<'_>, id: BranchId, domain: &Domain) -> Result<bool, Fault> {
    Ok(find(tx, id)?.is_some_and(|stored| stored.branch.is_enabled() && stored.branch.domain == *domain))
}

/// Writes down whose account it is, and counts it.
pub(super) fn put_member(
    tx: &Transaction<'_>,
    account: AccountId,
    member: &BranchMember,
    at: Timestamp,
) -> Result<(), Fault> {
    let Profile { title, first_name, last_name, job_title } = &member.profile;
    tx.execute(
        "INSERT INTO profiles (account_id, branch_id, title, first_name, last_name, job_title)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![account.0, member.branch.number(), title, first_name, last_name, job_title],
    )?;
    tx.execute(
        "UPDATE branches SET created = created + 1, last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
        params![member.branch.number(), stored(at)],
    )?;
    Ok(())
}

/// What the audit table calls a branch.
fn subject(id: BranchId) -> String {
    format!("branch {id}")
}

fn read(cells: &Cells<'_>) -> Result<Branch, Fault> {
    Ok(Branch {
        id: BranchId::new(cells.get(0, "id")?).ok_or(Fault::Damaged {
            table: "branches",
            column: "id",
            row: 0,
        })?,
        domain: cells.parse(1, "domain", |text| Domain::parse(text).ok())?,
        owner: cells.parse(2, "owner", |text| KeyOwner::parse(text).ok())?,
        created: cells.count(3, "created")?,
        created_at: cells.time(4, "created_at")?,
        rotated_at: cells.time(5, "rotated_at")?,
        last_used_at: cells.time_optional(6, "last_used_at")?,
        revoked_at: cells.time_optional(7, "revoked_at")?,
    })
}
