//! What is on file about a person.

use super::{Broker, Outcome};
use crate::{
    accounts::{Account, Domain},
    store::AuditEntry,
};

/// Events given at most, the newest first.
const MOST_EVENTS: u32 = 100;

/// Everything that is kept about an account, except what proves a password.
#[derive(Debug, Clone)]
pub struct OnFile {
    /// The account.
    pub account: Account,
    /// What happened to it, the newest first.
    pub events: Vec<AuditEntry>,
}

impl Broker {
    /// What is on file about an account. For its owner and the operator.
    pub async fn on_file(&self, domain: &Domain, username: &str) -> Outcome<OnFile> {
        let account = self.account(domain, username).await?;
        let mut events = self.parts.store.audit(Some(&account.address()), MOST_EVENTS).await?;
        // An earlier account of that name was somebody else's.
        events.retain(|event| event.at >= account.created_at);
        Ok(OnFile { account, events })
    }
}
