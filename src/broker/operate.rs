//! What the operator does and sees.

use std::time::Duration;

use super::{Broker, Failure, Outcome, Registered, admission::made};
use crate::{
    accounts::{
        Account, AccountState, ContactPolicy, Domain, DomainPolicy, Origin, Refusal, Username,
        form::{self, Application, RawForm},
    },
    store::{AccountFilter, Actor, AuditEntry, Change, Changed, Counts, NewAccount},
};

impl Broker {
    /// Makes an account active at once, by the operator; the policy for names and passwords holds, but reserved names may be
    /// taken: they are kept for the operator. An address and a phone number may be given; they count as not proven.
    pub async fn add(&self, origin: &Origin, domain: &Domain, form: RawForm) -> Outcome<Registered> {
        let mut policy = DomainPolicy {
            email: ContactPolicy::Optional,
            phone: ContactPolicy::Optional,
            ..self.served(domain)?.clone()
        };
        policy.username.reserved.clear();
        let Application { username, password, email, phone } =
            form::parse(&form, &policy).map_err(Refusal::Invalid)?;
        drop(form);
        let sealed_login = self.login_key(domain, &username, &password);
        let derived = self.parts.hashing.derive(password).await?;
        let created_at = self.now();
        let new = NewAccount {
            domain: domain.clone(),
            username: username.clone(),
            state: AccountState::Active,
            email: email.clone(),
            phone: phone.clone(),
            language: origin.language.clone(),
            password_hash: derived.hash,
            sealed_scram: self.seal_scram(domain, &username, &derived.scram),
            sealed_login,
            verification: None,
            phone_verification: None,
            letters: Vec::new(),
            created_at,
            expires_at: None,
            spends: None,
            api_key: None,
            invitation: None,
            member: None,
            actor: Actor::from(origin),
        };
        let id = made(self.parts.store.create_account(new).await?)?;
        let domain = domain.clone();
        Ok(Registered { username, domain, id, created_at, state: AccountState::Active, email, phone })
    }

    /// Makes a pending account active without a proof, by the operator.
    pub async fn activate(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        self.change(origin, domain, username, Change::Activate).await
    }

    /// Keeps an account from logging in, by the operator. `reason` is shown to the person.
    pub async fn suspend(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        reason: Option<String>,
    ) -> Outcome<Account> {
        self.change(origin, domain, username, Change::Suspend(reason)).await
    }

    /// Lets a suspended account log in again, by the operator.
    pub async fn resume(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<Account> {
        self.change(origin, domain, username, Change::Resume).await
    }

    /// Lists accounts, for the operator.
    pub async fn accounts(&self, filter: AccountFilter) -> Outcome<Vec<Account>> {
        Ok(self.parts.store.accounts(filter).await?)
    }

    /// The newest audit entries, of one account (`name@domain`) or of all, for the operator.
    pub async fn audit(&self, account: Option<&str>, limit: u32) -> Outcome<Vec<AuditEntry>> {
        Ok(self.parts.store.audit(account, limit).await?)
    }

    /// Counts accounts, letters and notices.
    pub async fn counts(&self) -> Outcome<Counts> {
        Ok(self.parts.store.counts().await?)
    }

    /// How long the derivations of one password take on an idle thread, measured now; for the benchmark and `check`.
    pub async fn derivation_time(&self) -> Outcome<Duration> {
        self.parts.hashing.measure().await
    }

    async fn change(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        change: Change,
    ) -> Outcome<Account> {
        self.served(domain)?;
        let username = Username::prepare(username).map_err(|_| Refusal::NoSuchAccount)?;
        let actor = Actor::from(origin);
        match self.parts.store.change_account(domain, &username, change, self.now(), actor).await? {
            Changed::Done(account) | Changed::Already(account) => Ok(account),
            Changed::WrongState(_) => Err(Failure::Refused(Refusal::NotAllowed)),
            Changed::NoSuchAccount => Err(Failure::Refused(Refusal::NoSuchAccount)),
        }
    }
}
