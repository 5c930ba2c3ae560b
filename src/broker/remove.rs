//! The end of an account.

use super::{Broker, Outcome, after, by_operator, existing_name, nobody};
use crate::{
    accounts::{Account, Domain, Origin, Refusal},
    store::{Actor, Change, Changed},
};

impl Broker {
    /// Deletes the account of a logged-in person, or by the operator; gives it as it was. A tombstone keeps its name from others
    /// for as long as the policy says. `proof` is the password, for policies that want it once more.
    ///
    /// Somebody who is suspended cannot get out of it in this way.
    pub async fn remove(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        proof: Option<&str>,
    ) -> Outcome<Account> {
        let policy = self.served(domain)?;
        if !policy.self_service && !by_operator(origin) {
            return Err(Refusal::NotAllowed.into());
        }
        let username = existing_name(origin, username)?;
        if self.parts.store.account(domain, &username).await?.is_none() {
            return Err(nobody(origin).into());
        }
        self.prove_owner(origin, domain, &username, policy.proof.removal, proof).await?;
        let now = self.now();
        let even_suspended = by_operator(origin);
        let change =
            Change::Delete { even_suspended, keep_name_until: after(now, policy.tombstone_lifetime) };
        let actor = Actor::from(origin);
        match self.parts.store.change_account(domain, &username, change, now, actor).await? {
            Changed::Done(account) | Changed::Already(account) => Ok(account),
            Changed::WrongState(_) => Err(Refusal::AccountSuspended { reason: None }.into()),
            Changed::NoSuchAccount => Err(nobody(origin).into()),
        }
    }
}
