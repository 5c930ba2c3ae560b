//! API keys as tables for people and as JSON. The JSON shapes are in `docs/cli.md` and stable: fields are added, never changed.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    accounts::{ApiKey, ApiSecret},
    cli::{
        ending::Ending,
        output::{Output, history_table, moment, plain, table, trimmed},
    },
    store::AuditEntry,
};

/// A key as the command shows it.
#[derive(Debug, Serialize)]
pub struct KeyView {
    key: String,
    owner: String,
    domain: String,
    enabled: bool,
    limit: u32,
    created: u64,
    deleted: u64,
    left: u64,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// Keys; as JSON, a list of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Listing {
    keys: Vec<KeyView>,
}

/// A key with what happened to it, newest first; as JSON, the key with a `history`.
#[derive(Debug, Serialize)]
pub struct WithHistory<'a> {
    /// The key.
    #[serde(flatten)]
    pub key: &'a KeyView,
    /// What happened to it.
    pub history: &'a [AuditEntry],
}

/// A new key; as JSON, the key with its `secret`.
#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    key: KeyView,
    secret: &'a str,
}

impl KeyView {
    /// The view of a key.
    pub fn new(key: &ApiKey) -> Self {
        Self {
            key: key.id.to_string(),
            owner: key.owner.to_string(),
            domain: key.domain.to_string(),
            enabled: key.is_enabled(),
            limit: key.limit,
            created: key.created,
            deleted: key.deleted,
            left: key.left(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }

    /// Everything about it, for people.
    pub fn details(&self, history: &[AuditEntry]) -> String {
        let mut rows = vec![
            ("key", self.key.clone()),
            ("owner", plain(&self.owner)),
            ("domain", self.domain.clone()),
            ("state", self.state().to_owned()),
            ("accounts at most", self.limit.to_string()),
            ("created so far", self.created.to_string()),
            ("deleted of those", self.deleted.to_string()),
            ("left", self.left.to_string()),
            ("made", moment(self.created_at)),
        ];
        let mut row = |name, value: Option<Timestamp>| rows.extend(value.map(|at| (name, moment(at))));
        row("last used", self.last_used_at);
        row("revoked", self.revoked_at);
        let mut text = String::new();
        for (name, value) in rows {
            let _ = writeln!(text, "{name:<18} {value}");
        }
        if !history.is_empty() {
            let _ = write!(text, "\n{}\n", history_table(history, true));
        }
        text
    }

    fn state(&self) -> &'static str {
        match (self.enabled, self.left) {
            (false, _) => "revoked",
            (true, 0) => "exhausted",
            (true, _) => "enabled",
        }
    }
}

impl Listing {
    /// A list of keys.
    pub fn new(keys: &[ApiKey]) -> Self {
        Self { keys: keys.iter().map(KeyView::new).collect() }
    }

    /// The list for people.
    pub fn table(&self) -> String {
        if self.keys.is_empty() {
            return "no keys\n".to_owned();
        }
        let mut table =
            table(&["key", "owner", "domain", "state", "limit", "created", "deleted", "last used"]);
        for key in &self.keys {
            table.add_row([
                key.key.clone(),
                plain(&key.owner),
                key.domain.clone(),
                key.state().to_owned(),
                key.limit.to_string(),
                key.created.to_string(),
                key.deleted.to_string(),
                key.last_used_at.map(moment).unwrap_or_default(),
            ]);
        }
        format!("{}\n", trimmed(&table))
    }
}

/// Tells a new key and its secret.
pub fn created(output: &mut Output, key: &ApiKey, secret: &ApiSecret) -> Result<(), Ending> {
    let secret = secret.expose();
    let text = format!(
        "created: a key of {} for {}, {} accounts at most\nkey:    {}\nsecret: {secret}\n(shown this once; it is kept sealed)\n",
        plain(key.owner.as_str()),
        key.domain,
        key.limit,
        key.id,
    );
    output.result(&Created { key: KeyView::new(key), secret }, text)?;
    Ok(())
}

/// Tells that a change was made.
pub fn done(output: &mut Output, what: &str, key: &ApiKey) -> Result<(), Ending> {
    let text = format!("{what}: {} of {}\n", key.id, plain(key.owner.as_str()));
    output.result(&KeyView::new(key), text)?;
    Ok(())
}
