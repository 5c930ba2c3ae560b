//! Branches as tables for people and as JSON. The JSON shapes are in `docs/cli.md` and stable: fields are added, never changed.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    accounts::{Branch, BranchId, BranchSecrets},
    cli::{
        ending::Ending,
        output::{Output, moment, plain, table, trimmed},
    },
};

/// A branch as the command shows it.
#[derive(Debug, Serialize)]
struct BranchView {
    branch: BranchId,
    owner: String,
    domain: String,
    enabled: bool,
    created: u64,
    created_at: Timestamp,
    rotated_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// Branches; as JSON, a list of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Listing {
    branches: Vec<BranchView>,
}

/// A branch with its new secrets; as JSON, the branch with `secret` and `activation_token`.
#[derive(Serialize)]
struct WithSecrets<'a> {
    #[serde(flatten)]
    branch: BranchView,
    secret: &'a str,
    activation_token: &'a str,
}

impl BranchView {
    fn new(branch: &Branch) -> Self {
        Self {
            branch: branch.id,
            owner: branch.owner.to_string(),
            domain: branch.domain.to_string(),
            enabled: branch.is_enabled(),
            created: branch.created,
            created_at: branch.created_at,
            rotated_at: branch.rotated_at,
            last_used_at: branch.last_used_at,
            revoked_at: branch.revoked_at,
        }
    }
}

impl Listing {
    /// A list of branches.
    pub fn new(branches: &[Branch]) -> Self {
        Self { branches: branches.iter().map(BranchView::new).collect() }
    }

    /// The list for people.
    pub fn table(&self) -> String {
        if self.branches.is_empty() {
            return "no branches\n".to_owned();
        }
        let mut table = table(&["branch", "owner", "domain", "state", "accounts", "secrets of", "last used"]);
        for branch in &self.branches {
            table.add_row([
                branch.branch.to_string(),
                plain(&branch.owner),
                branch.domain.clone(),
                if branch.enabled { "enabled" } else { "revoked" }.to_owned(),
                branch.created.to_string(),
                moment(branch.rotated_at),
                branch.last_used_at.map(moment).unwrap_or_default(),
            ]);
        }
        format!("{}\n", trimmed(&table))
    }
}

/// Tells a branch and its new secrets.
pub fn with_secrets(
    output: &mut Output,
    what: &str,
    branch: &Branch,
    secrets: &BranchSecrets,
) -> Result<(), Ending> {
    let (secret, activation_token) =
        (secrets.secret.expose_secret(), secrets.activation_token.expose_secret());
    let text = format!(
        "{what}: branch {} of {} for {}\nBranchId:             {}\nBranchSecret:         {secret}\nAdminActivationToken: {activation_token}\n(shown this once; only hashes are kept)\n",
        branch.id,
        plain(branch.owner.as_str()),
        branch.domain,
        branch.id,
    );
    output.result(&WithSecrets { branch: BranchView::new(branch), secret, activation_token }, text)?;
    Ok(())
}

/// Tells that a branch was revoked.
pub fn revoked(output: &mut Output, branch: &Branch) -> Result<(), Ending> {
    let text = format!("revoked: branch {} of {}\n", branch.id, plain(branch.owner.as_str()));
    output.result(&BranchView::new(branch), text)?;
    Ok(())
}
