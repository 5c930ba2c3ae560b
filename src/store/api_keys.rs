//! The table of API keys. Counting is here and in the trigger of the accounts that go; whether a key may make an account is
//! decided in the account's own transaction.

use jiff::Timestamp;
use rusqlite::params;

use crate::accounts::{ApiKey, ApiKeyId, Domain, KeyOwner, Username};

use super::{
    Lane, Store, StoreError, audit,
    error::Fault,
    transaction::{Cells, Transaction, stored},
    types::{Actor, AuditEntry, KeyChange, NewApiKey, StoredApiKey},
};

/// Keys that a list shows at most.
const MOST_LISTED: u32 = 10_000;

/// The columns that [`read`] takes.
macro_rules! key_columns {
    () => {
        "0, id, domain, owner, account_limit, created, deleted, created_at, last_used_at, revoked_at"
    };
}

/// Whether a key lets an account in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Open,
    Exhausted,
    Revoked,
}

impl Store {
    /// Makes an API key.
    pub async fn create_api_key(&self, new: NewApiKey) -> Result<(), StoreError> {
        self.write(move |tx| create(tx, &new)).await
    }

    /// Looks an API key up.
    pub async fn api_key(&self, id: &ApiKeyId) -> Result<Option<StoredApiKey>, StoreError> {
        let id = id.clone();
        self.read(Lane::Lookup, move |tx| find(tx, &id)).await
    }

    /// Lists API keys, of one domain or of all, those of one owner together.
    pub async fn api_keys(&self, domain: Option<&Domain>) -> Result<Vec<ApiKey>, StoreError> {
        let domain = domain.cloned();
        self.read(Lane::Search, move |tx| list(tx, domain.as_ref())).await
    }

    /// Whether a domain has an API key that works.
    pub async fn has_api_key(&self, domain: &Domain) -> Result<bool, StoreError> {
        let domain = domain.clone();
        self.read(Lane::Lookup, move |tx| any(tx, &domain)).await
    }

    /// Changes an API key and gives it as it is then; `None` when there is no such key.
    pub async fn change_api_key(
        &self,
        id: &ApiKeyId,
        change: KeyChange,
        at: Timestamp,
        actor: Actor,
    ) -> Result<Option<ApiKey>, StoreError> {
        let id = id.clone();
        self.write(move |tx| self::change(tx, &id, change, at, &actor)).await
    }

    /// The newest audit entries about one API key.
    pub async fn audit_of_key(&self, id: &ApiKeyId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let id = id.clone();
        self.read(Lane::Search, move |tx| audit::newest_of_key(tx, &id, limit)).await
    }

    /// Those of some names that nobody has. Only a hint: who gets a name is decided when the account is made.
    pub async fn free_names(
        &self,
        domain: &Domain,
        names: Vec<Username>,
        at: Timestamp,
    ) -> Result<Vec<Username>, StoreError> {
        let domain = domain.clone();
        self.read(Lane::Lookup, move |tx| free_names(tx, &domain, names, at)).await
    }
}

/// Makes a key.
pub(super) fn create(tx: &Transaction<'_>, new: &NewApiKey) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO api_keys (id, domain, owner, sealed_secret, account_limit, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            new.id.as_str(),
            new.domain.as_str(),
            new.owner.as_str(),
            new.sealed_secret,
            new.limit,
            stored(new.at)
        ],
    )?;
    audit::put_key(tx, new.at, &new.actor, &new.domain, &new.id, audit::KEY_CREATED)
}

/// Looks a key up.
pub(super) fn find(tx: &Transaction<'_>, id: &ApiKeyId) -> Result<Option<StoredApiKey>, Fault> {
    tx.one(
        "api_keys",
        concat!("SELECT ", key_columns!(), ", sealed_secret FROM api_keys WHERE id = ?1"),
        params![id.as_str()],
        |cells| Ok(StoredApiKey { key: read(cells)?, sealed_secret: cells.get(10, "sealed_secret")? }),
    )
}

/// Every key, those of one owner together, the oldest first.
pub(super) fn list(tx: &Transaction<'_>, domain: Option<&Domain>) -> Result<Vec<ApiKey>, Fault> {
    tx.all(
        "api_keys",
        concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys WHERE ?1 IS NULL OR domain = ?1 ORDER BY domain, owner, created_at, id LIMIT ?2"
        ),
        params![domain.map(Domain::as_str), MOST_LISTED],
        read,
    )
}

/// Whether a domain has a key that works.
pub(super) fn any(tx: &Transaction<'_>, domain: &Domain) -> Result<bool, Fault> {
    let found = tx.one(
        "api_keys",
        "SELECT 0 FROM api_keys WHERE domain = ?1 AND revoked_at IS NULL LIMIT 1",
        params![domain.as_str()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Changes a key; gives it as it is now.
pub(super) fn change(
    tx: &Transaction<'_>,
    id: &ApiKeyId,
    change: KeyChange,
    at: Timestamp,
    actor: &Actor,
) -> Result<Option<ApiKey>, Fault> {
    let Some(StoredApiKey { key, .. }) = find(tx, id)? else { return Ok(None) };
    let (changed, action) = match change {
        KeyChange::Limit(limit) => (
            tx.execute(
                "UPDATE api_keys SET account_limit = ?2 WHERE id = ?1 AND account_limit <> ?2",
                params![id.as_str(), limit],
            )?,
            audit::KEY_LIMITED,
        ),
        KeyChange::Revoke => (
            tx.execute(
                "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                params![id.as_str(), stored(at)],
            )?,
            audit::KEY_REVOKED,
        ),
    };
    if changed == 1 {
        audit::put_key(tx, at, actor, &key.domain, id, action)?;
    }
    Ok(find(tx, id)?.map(|stored| stored.key))
}

/// Whether a key lets one more account in. Only the writer asks, so that nothing can change until it has made the account.
pub(super) fn admits(tx: &Transaction<'_>, id: &ApiKeyId, domain: &Domain) -> Result<Admission, Fault> {
    let key = find(tx, id)?.map(|stored| stored.key).filter(|key| key.domain == *domain);
    Ok(match key {
        Some(key) if key.left() > 0 => Admission::Open,
        Some(key) if key.is_enabled() => Admission::Exhausted,
        Some(_) | None => Admission::Revoked,
    })
}

/// Counts an account that was made with a key.
pub(super) fn count(tx: &Transaction<'_>, id: &ApiKeyId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(
        "UPDATE api_keys SET created = created + 1, last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
        params![id.as_str(), stored(at)],
    )?;
    Ok(())
}

/// Those of some names that nobody has, as far as can be seen now.
pub(super) fn free_names(
    tx: &Transaction<'_>,
    domain: &Domain,
    mut names: Vec<Username>,
    at: Timestamp,
) -> Result<Vec<Username>, Fault> {
    let mut trouble = None;
    names.retain(|name| {
        let held = tx.one(
            "accounts",
            "SELECT 0 FROM accounts WHERE domain = ?1 AND username = ?2 AND (expires_at IS NULL OR expires_at > ?3)
             UNION ALL SELECT 0 FROM tombstones WHERE domain = ?1 AND username = ?2 AND until > ?3 LIMIT 1",
            params![domain.as_str(), name.as_str(), stored(at)],
            |_| Ok(()),
        );
        match held {
            Ok(held) => held.is_none(),
            Err(fault) => {
                trouble = Some(fault);
                false
            }
        }
    });
    trouble.map_or(Ok(names), Err)
}

fn read(cells: &Cells<'_>) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        id: cells.parse(1, "id", ApiKeyId::parse)?,
        domain: cells.parse(2, "domain", |text| Domain::parse(text).ok())?,
        owner: cells.parse(3, "owner", |text| KeyOwner::parse(text).ok())?,
        limit: cells.get(4, "account_limit")?,
        created: cells.count(5, "created")?,
        deleted: cells.count(6, "deleted")?,
        created_at: cells.time(7, "created_at")?,
        last_used_at: cells.time_optional(8, "last_used_at")?,
        revoked_at: cells.time_optional(9, "revoked_at")?,
    })
}
