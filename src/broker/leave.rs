//! A deletion that its owner can take back for a while. Nobody can log in meanwhile, and the proven address is told.

use super::{Broker, Outcome, after, existing_name, nobody};
use crate::{
    accounts::{Account, Contact, Domain, DomainPolicy, Letter, LetterKind, Origin, Refusal, Username},
    store::{Actor, Change, Changed},
};

impl Broker {
    /// Deletes the account of a logged-in person, whose password is asked for once more: after the grace of the policy, or at once where there
    /// is none. Gives it as it is now, or as it was.
    pub async fn leave(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Account> {
        let policy = self.served(domain)?;
        if policy.deletion_grace.is_zero() {
            return self.remove(origin, domain, username, Some(password)).await;
        }
        if !policy.self_service {
            return Err(Refusal::NotAllowed.into());
        }
        let username = existing_name(origin, username)?;
        let account = self.parts.store.account(domain, &username).await?.ok_or_else(|| nobody(origin))?;
        self.prove_owner(origin, domain, &username, true, Some(password)).await?;
        let now = self.now();
        let delete_at = after(now, policy.deletion_grace);
        let letter = account.email_verified_at.and(account.email).map(|email| {
            let letter = Letter {
                to: Contact::Email(email),
                language: account.language,
                username: Some(username.clone()),
                domain: domain.clone(),
                kind: LetterKind::Leaving { at: delete_at },
            };
            self.seal_letter(domain, &letter, delete_at)
        });
        self.change_own(origin, domain, &username, Change::Leave { delete_at, letter }).await
    }

    /// Takes a deletion back, with the password; gives the account.
    pub async fn stay(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Account> {
        let known = self.check_password(origin, domain, username.trim(), password).await?;
        match known.credentials.refusal() {
            Some(Refusal::AccountLeaving { .. }) => {}
            refusal => return Err(refusal.unwrap_or(Refusal::NotAllowed).into()),
        }
        self.change_own(origin, domain, &known.username, Change::Stay).await
    }

    /// Deletes the accounts whose time has come.
    pub(super) async fn delete_left(&self, limit: u32) -> Outcome<u64> {
        let mut deleted = 0;
        let now = self.now();
        for (domain, username) in self.parts.store.leaving_accounts(now, limit).await? {
            // A domain that is no longer served keeps its names as the usual policy does.
            let usual = || DomainPolicy::new(domain.clone()).tombstone_lifetime;
            let lifetime = self.policy(&domain).map_or_else(usual, |policy| policy.tombstone_lifetime);
            let until = after(now, lifetime);
            deleted += u64::from(self.parts.store.delete_left(&domain, &username, until, now).await?);
        }
        Ok(deleted)
    }

    async fn change_own(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &Username,
        change: Change,
    ) -> Outcome<Account> {
        let (now, actor) = (self.now(), Actor::from(origin));
        match self.parts.store.change_account(domain, username, change, now, actor).await? {
            Changed::Done(account) | Changed::Already(account) => Ok(account),
            Changed::WrongState(_) => Err(Refusal::NotAllowed.into()),
            Changed::NoSuchAccount => Err(nobody(origin).into()),
        }
    }
}
