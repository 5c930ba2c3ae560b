//! Accounts as tables for people and as JSON. The JSON shapes are in `docs/cli.md` and stable: fields are added, never changed.

use std::fmt::Write;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::{
    accounts::{Account, Email, Phone},
    cli::{
        ending::Ending,
        output::{Output, history_table, moment, plain, table, trimmed},
    },
    store::AuditEntry,
};

/// An account as the command shows it.
#[derive(Debug, Serialize)]
pub struct AccountView {
    address: String,
    username: String,
    domain: String,
    state: &'static str,
    suspension_reason: Option<String>,
    delete_at: Option<Timestamp>,
    email: Option<Email>,
    email_verified_at: Option<Timestamp>,
    phone: Option<Phone>,
    phone_verified_at: Option<Timestamp>,
    language: String,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    api_key: Option<String>,
}

/// A page of accounts; as JSON, a list of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Listing {
    accounts: Vec<AccountView>,
    /// Whether there are more.
    #[serde(skip)]
    more: bool,
}

impl AccountView {
    /// The view of an account.
    pub fn new(account: &Account) -> Self {
        Self {
            address: account.address(),
            username: account.username.to_string(),
            domain: account.domain.to_string(),
            state: account.state.as_str(),
            suspension_reason: account.suspension.clone(),
            delete_at: account.delete_at,
            email: account.email.clone(),
            email_verified_at: account.email_verified_at,
            phone: account.phone.clone(),
            phone_verified_at: account.phone_verified_at,
            language: account.language.to_string(),
            created_at: account.created_at,
            activated_at: account.activated_at,
            expires_at: account.expires_at,
            api_key: account.api_key.as_ref().map(ToString::to_string),
        }
    }

    /// Everything about it, for people.
    pub fn details(&self, reveal: bool, history: &[AuditEntry]) -> String {
        let mut rows = vec![("account", self.address.clone()), ("state", self.state.to_owned())];
        let mut row = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
        row("suspended because", self.suspension_reason.as_deref().map(plain));
        row("deleted on", self.delete_at.map(moment));
        row("e-mail", self.shown_email(reveal));
        row("e-mail verified", self.email_verified_at.map(moment));
        row("phone", self.shown_phone(reveal));
        row("phone verified", self.phone_verified_at.map(moment));
        row("language", Some(self.language.clone()));
        row("created", Some(moment(self.created_at)));
        row("activated", self.activated_at.map(moment));
        row("lapses", self.expires_at.map(moment));
        row("made with key", self.api_key.clone());
        let mut text = String::new();
        for (name, value) in rows {
            let _ = writeln!(text, "{name:<18} {value}");
        }
        if !history.is_empty() {
            let _ = write!(text, "\n{}\n", history_table(history, false));
        }
        text
    }

    fn shown_phone(&self, reveal: bool) -> Option<String> {
        self.phone.as_ref().map(|phone| if reveal { phone.to_string() } else { phone.masked() })
    }

    fn shown_email(&self, reveal: bool) -> Option<String> {
        self.email.as_ref().map(|email| if reveal { email.to_string() } else { email.masked() })
    }
}

impl Listing {
    /// The first `limit` of some accounts; there are more where there is one beyond.
    pub fn new(accounts: &[Account], limit: usize) -> Self {
        Self {
            accounts: accounts.iter().take(limit).map(AccountView::new).collect(),
            more: accounts.len() > limit,
        }
    }

    /// The page for people.
    pub fn table(&self, reveal: bool) -> String {
        if self.accounts.is_empty() {
            return "no accounts\n".to_owned();
        }
        let mut table = table(&["account", "state", "e-mail", "created"]);
        for account in &self.accounts {
            table.add_row([
                account.address.clone(),
                account.state.to_owned(),
                account.shown_email(reveal).unwrap_or_default(),
                moment(account.created_at),
            ]);
        }
        let mut text = trimmed(&table);
        text.push('\n');
        if let Some(last) = self.accounts.last().filter(|_| self.more) {
            let _ = writeln!(text, "\nthere are more: --after {}", last.address);
        }
        text
    }
}

/// An account with what happened to it, newest first; as JSON, the account with a `history`.
#[derive(Debug, Serialize)]
pub struct WithHistory<'a> {
    /// The account.
    #[serde(flatten)]
    pub account: &'a AccountView,
    /// What happened to it.
    pub history: &'a [AuditEntry],
}

/// The account that was changed; as JSON, the account with the password that was made for it.
#[derive(Debug, Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    account: AccountView,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

/// Tells that a change was made, and a password that the command made for it.
pub fn done(
    output: &mut Output,
    what: &str,
    account: &Account,
    password: Option<&SecretString>,
) -> Result<(), Ending> {
    let password = password.map(ExposeSecret::expose_secret);
    let mut text = format!("{what}: {}\n", account.address());
    if let Some(password) = password {
        let _ = writeln!(text, "password: {password}\n(shown this once; it is not stored in clear)");
    }
    output.result(&Done { account: AccountView::new(account), password }, text)?;
    Ok(())
}
