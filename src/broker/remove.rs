//! The end of an account.

use super::{Broker, Outcome, after, by_operator, existing_name, nobody};
use crate::{
    accounts::{Account, Domain, Origin, Refusal},
    store::{Actor, Change, Changed},
};

impl Broker {
    /// Deletes the account of a logged-in person, or by the operator; gives it as it was. A tombstone keeps its name from others
    /// for as long as the policy says.
    pub async fn remove(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        let policy = self.served(domain)?;
        if !policy.self_service && !by_operator(origin) {
            return Err(Refusal::NotAllowed.into());
        }
        let username = existing_name(origin, username)?;
        let now = self.now();
        let change = Change::Delete { keep_name_until: after(now, policy.tombstone_lifetime) };
        let actor = Actor::from(origin);
        match self.parts.store.change_account(domain, &username, change, now, actor).await? {
            Changed::Done(account) | Changed::Already(account) => Ok(account),
            Changed::WrongState(_) => Err(Refusal::NotAllowed.into()),
            Changed::NoSuchAccount => Err(nobody(origin).into()),
        }
    }
}
