//! Registration: a filled-in form becomes an account.

use super::{Broker, Failure, Outcome, Registered, Submitted, after, letters::Addressee};
use crate::{
    accounts::{
        AccountState, Domain, DomainPolicy, Origin, Refusal,
        form::{self, Application},
    },
    store::{Actor, Creation, NewAccount},
};

impl Broker {
    /// Makes an account, pending where a contact must be proven.
    ///
    /// An address that proves another account already gives the same answer as any other; its owner gets a letter that says so.
    pub async fn register(
        &self,
        origin: &Origin,
        domain: &Domain,
        submitted: Submitted,
    ) -> Outcome<Registered> {
        let policy = self.served(domain)?;
        self.admit(policy)?;
        let application = form::parse(&submitted.form, policy).map_err(Refusal::Invalid)?;
        drop(submitted);

        self.parts.hashing.room_for_registrations()?;
        // Names that are taken are counted like wrong passwords: people may try a few, machines may not read out the list.
        let limits = &self.parts.limits;
        limits.may_prove(origin, None)?;
        // Only to save the work of a derivation: who gets a name is decided when the account is written.
        let holder = self.parts.store.account(domain, &application.username).await?;
        if holder.is_some_and(|account| account.expires_at.is_none_or(|end| end > self.now())) {
            limits.wrong_proof(origin, None);
            return Err(Refusal::NameTaken.into());
        }

        limits.take_registration(origin)?;
        if let Some(email) = &application.email {
            limits.take_letter(origin, email).inspect_err(|_| limits.return_registration(origin))?;
        }
        let email = application.email.clone();
        let made = self.make_account(origin, policy, application).await;
        // What came to nothing costs nothing, except the answer that a name is taken.
        match &made {
            Ok(registered) => self.parts.tries.forget(domain, &registered.username),
            Err(failure) => {
                limits.return_registration(origin);
                if let Some(email) = &email {
                    limits.return_letter(origin, email);
                }
                if matches!(failure, Failure::Refused(Refusal::NameTaken)) {
                    limits.wrong_proof(origin, None);
                }
            }
        }
        made
    }

    /// Derives the credentials and writes the account, with the letter that asks for the proof.
    async fn make_account(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        application: Application,
    ) -> Outcome<Registered> {
        let Application { username, password, email } = application;
        let derived = self.parts.hashing.derive(password).await?;

        let now = self.now();
        let (state, asked) = match &email {
            None => (AccountState::Active, None),
            Some(email) => {
                let addressee = Addressee { username: &username, email, language: &origin.language };
                (AccountState::Pending, Some(self.ask_for_proof(policy, addressee, now).await?))
            }
        };
        let (verification, letter) = asked.unzip();
        let new = NewAccount {
            domain: policy.domain.clone(),
            username: username.clone(),
            state,
            email: email.clone(),
            language: origin.language.clone(),
            password_hash: derived.hash,
            sealed_scram: self.seal_scram(&policy.domain, &username, &derived.scram),
            verification,
            letter,
            created_at: now,
            expires_at: (state == AccountState::Pending)
                .then(|| after(now, policy.verification.pending_lifetime)),
            api_key: None,
            actor: Actor::from(origin),
        };
        match self.parts.store.create_account(new).await? {
            Creation::Created(_) => Ok(Registered { username, domain: policy.domain.clone(), state, email }),
            Creation::NameTaken => Err(Refusal::NameTaken.into()),
            Creation::KeyExhausted => Err(Refusal::KeyExhausted.into()),
            Creation::KeyRevoked => Err(Refusal::KeyRevoked.into()),
        }
    }
}
