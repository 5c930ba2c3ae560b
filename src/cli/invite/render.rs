//! Invitations as tables for people and as JSON. The JSON shapes are in `docs/cli.md` and stable: fields are added, never changed.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    accounts::{Email, Invitation},
    broker::NewlyInvited,
    cli::{
        ending::Ending,
        output::{Output, history_table, moment, plain, table, trimmed},
    },
    store::AuditEntry,
};

/// An invitation as the command shows it.
#[derive(Debug, Serialize)]
pub struct InvitationView {
    invitation: i64,
    domain: String,
    kind: &'static str,
    state: &'static str,
    name: Option<String>,
    email: Option<Email>,
    inviter: Option<String>,
    contact: bool,
    note: Option<String>,
    uses: u32,
    used: u32,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// A page of invitations; as JSON, a list of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Listing {
    invitations: Vec<InvitationView>,
    /// Whether there are more.
    #[serde(skip)]
    more: bool,
}

/// An invitation with the accounts made with it and what happened to it, newest first.
#[derive(Debug, Serialize)]
pub struct WithAccounts<'a> {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: &'a InvitationView,
    /// The accounts, as `name@domain`.
    pub accounts: &'a [String],
    /// What happened to it.
    pub history: &'a [AuditEntry],
}

/// A new invitation; as JSON, with its links.
#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    invitation: InvitationView,
    uri: &'a str,
    landing_url: Option<&'a str>,
}

impl InvitationView {
    /// The view of an invitation.
    pub fn new(invitation: &Invitation, now: Timestamp) -> Self {
        Self {
            invitation: invitation.id,
            domain: invitation.domain.to_string(),
            kind: invitation.kind.as_str(),
            state: invitation.standing(now).as_str(),
            name: invitation.username.as_ref().map(ToString::to_string),
            email: invitation.email.clone(),
            inviter: invitation.inviter.clone(),
            contact: invitation.subscribe,
            note: invitation.note.clone(),
            uses: invitation.uses,
            used: invitation.used,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            revoked_at: invitation.revoked_at,
        }
    }

    /// Everything about it, for people.
    pub fn details(&self, accounts: &[String], history: &[AuditEntry]) -> String {
        let mut rows = vec![
            ("invitation", self.invitation.to_string()),
            ("to", self.domain.clone()),
            ("state", self.state.to_owned()),
            ("used", format!("{} of {}", self.used, self.uses)),
        ];
        let mut row = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
        row("for the name", self.name.clone());
        row("proven address", self.email.as_ref().map(Email::masked));
        row("inviter", self.inviter.as_deref().map(plain));
        row("note", self.note.as_deref().map(plain));
        row("made", Some(moment(self.created_at)));
        row("expires", Some(moment(self.expires_at)));
        row("revoked", self.revoked_at.map(moment));
        let mut text = String::new();
        for (name, value) in rows {
            let _ = writeln!(text, "{name:<18} {value}");
        }
        if !accounts.is_empty() {
            let _ = write!(text, "\nmade with it:\n");
            for account in accounts {
                let _ = writeln!(text, "  {account}");
            }
        }
        if !history.is_empty() {
            let _ = write!(text, "\n{}\n", history_table(history, false));
        }
        text
    }
}

impl Listing {
    /// The first `limit` of some invitations; there are more where there is one beyond.
    pub fn new(invitations: &[Invitation], limit: usize, now: Timestamp) -> Self {
        Self {
            invitations: invitations
                .iter()
                .take(limit)
                .map(|invitation| InvitationView::new(invitation, now))
                .collect(),
            more: invitations.len() > limit,
        }
    }

    /// The page for people.
    pub fn table(&self) -> String {
        if self.invitations.is_empty() {
            return "no invitations\n".to_owned();
        }
        let mut table = table(&["no.", "to", "state", "used", "name", "inviter", "expires", "note"]);
        for invitation in &self.invitations {
            table.add_row([
                invitation.invitation.to_string(),
                invitation.domain.clone(),
                invitation.state.to_owned(),
                format!("{}/{}", invitation.used, invitation.uses),
                invitation.name.clone().unwrap_or_default(),
                invitation.inviter.as_deref().map(plain).unwrap_or_default(),
                moment(invitation.expires_at),
                invitation.note.as_deref().map(plain).unwrap_or_default(),
            ]);
        }
        let mut text = format!("{}\n", trimmed(&table));
        if let Some(last) = self.invitations.last().filter(|_| self.more) {
            let _ = writeln!(text, "\nthere are more: --before {}", last.invitation);
        }
        text
    }
}

/// Tells a new invitation and its links.
pub fn created(
    output: &mut Output,
    made: &NewlyInvited,
    page: Option<&str>,
    now: Timestamp,
) -> Result<(), Ending> {
    let NewlyInvited { invitation, token } = made;
    let uri = &invitation.uri(token);
    let mut text = format!("invitation {} to {}\n", invitation.id, invitation.domain);
    let _ = writeln!(text, "link:    {uri}");
    if let Some(page) = page {
        let _ = writeln!(text, "page:    {page}");
    }
    let _ = writeln!(
        text,
        "expires: {}\n(shown this once; only a hash of it is kept)",
        moment(invitation.expires_at)
    );
    let created = Created { invitation: InvitationView::new(invitation, now), uri, landing_url: page };
    output.result(&created, text)?;
    Ok(())
}

/// Tells that an invitation was taken back.
pub fn revoked(output: &mut Output, invitation: &Invitation, now: Timestamp) -> Result<(), Ending> {
    let text = format!("revoked: invitation {}\n", invitation.id);
    output.result(&InvitationView::new(invitation, now), text)?;
    Ok(())
}
