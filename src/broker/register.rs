//! Registration: a filled-in form becomes an account.

use super::{
    Broker, Failure, Outcome, Registered, Submitted,
    admission::{Admission, made},
    after,
    letters::Addressee,
};
use crate::{
    accounts::{AccountState, Domain, Origin, Refusal, Username, form::Application},
    metrics,
    store::{Actor, NewAccount, Spending},
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
        let admission = self.admit(origin, policy, &submitted).await?;
        let application = admission.read(&submitted.form)?;
        let spends = self.solved(origin, &admission, submitted.captcha.as_ref()).await?;
        drop(submitted);
        self.register_admitted(origin, &admission, application, spends).await
    }

    /// Makes an account for somebody who is let in.
    pub(super) async fn register_admitted(
        &self,
        origin: &Origin,
        admission: &Admission<'_>,
        application: Application,
        spends: Option<Spending>,
    ) -> Outcome<Registered> {
        let made = self.register_within_limits(origin, admission, application, spends).await;
        let outcome = match &made {
            Ok(registered) => registered.state.as_str(),
            Err(failure) => failure.word(),
        };
        metrics::registration(origin.front, outcome);
        if let Ok(Registered { id, domain, state, .. }) = &made {
            // Not the name: the audit table has that, beside the same request.
            tracing::info!(account = id.0, %domain, state = state.as_str(), front = origin.front.as_str(), "an account is registered");
        }
        made
    }

    async fn register_within_limits(
        &self,
        origin: &Origin,
        admission: &Admission<'_>,
        application: Application,
        spends: Option<Spending>,
    ) -> Outcome<Registered> {
        let domain = &admission.policy.domain;
        self.parts.hashing.room_for_registrations()?;
        // Names that are taken are counted like wrong passwords: people may try a few, machines may not read out the list.
        let limits = &self.parts.limits;
        limits.may_prove(origin, None)?;
        let wished = application.username.clone();
        let email = application.email.clone().filter(|_| !admission.is_vouched_for());
        // Only to save the work of a derivation: who gets a name is decided when the account is written.
        let (holder, owner) = self.parts.store.holders(domain, &wished, email.as_ref()).await?;
        if holder.is_some_and(|account| account.expires_at.is_none_or(|end| end > self.now())) {
            self.count_wrong_try(origin, &admission.policy);
            return Err(self.name_taken(admission, &wished).await);
        }

        let (counted, key) = (admission.is_counted(), admission.key.as_ref());
        if let Some(key) = key {
            limits.take_key(key)?;
        }
        let put_key_back = || {
            if let Some(key) = key {
                limits.return_key(key);
            }
        };
        if counted {
            limits.take_registration(origin).inspect_err(|_| put_key_back())?;
        }
        let put_back = || {
            put_key_back();
            if counted {
                limits.return_registration(origin);
            }
        };
        let phone = application.phone.clone();
        self.take_messages(origin, email.as_ref(), phone.as_ref()).inspect_err(|_| put_back())?;
        let made = self.make_account(origin, admission, application, owner, spends).await;
        // What came to nothing costs nothing, except the answer that a name is taken.
        match &made {
            Ok(registered) => {
                self.parts.tries.forget(domain, &registered.username);
                self.parts.shown.forget(origin, domain);
                self.count_event(&admission.policy);
            }
            Err(failure) => {
                put_back();
                self.return_messages(origin, email.as_ref(), phone.as_ref());
                if matches!(failure, Failure::Refused(Refusal::CaptchaExpired)) {
                    self.count_wrong_try(origin, &admission.policy);
                }
                if matches!(failure, Failure::Refused(Refusal::NameTaken)) {
                    self.count_wrong_try(origin, &admission.policy);
                    return Err(self.name_taken(admission, &wished).await);
                }
            }
        }
        made
    }

    /// That a name is taken, and to a program with a key also names to take instead.
    async fn name_taken(&self, admission: &Admission<'_>, wished: &Username) -> Failure {
        if admission.key.is_none() {
            return Refusal::NameTaken.into();
        }
        match self.free_alternatives(&admission.policy, wished).await {
            Ok(free) => Refusal::NameTakenBut { free }.into(),
            Err(failure) => failure,
        }
    }

    /// Derives the credentials and writes the account, with the letters that ask for the proofs. `owner` has proven the address already.
    async fn make_account(
        &self,
        origin: &Origin,
        admission: &Admission<'_>,
        application: Application,
        owner: Option<Username>,
        spends: Option<Spending>,
    ) -> Outcome<Registered> {
        let policy = &*admission.policy;
        let Application { username, password, email, phone } = application;
        self.not_breached(&password).await?;
        let sealed_login = self.login_key(&policy.domain, &username, &password);
        let derived = self.parts.hashing.derive(password).await?;

        let now = self.now();
        let asked = match &email {
            Some(email) if !admission.is_vouched_for() => {
                let addressee = Addressee { username: &username, email, language: &origin.language };
                Some(self.ask_for_proof_beside(policy, addressee, owner, now))
            }
            _ => None,
        };
        let (verification, letter) = asked.unzip();
        let asked = phone.as_ref();
        let asked =
            asked.map(|phone| self.ask_for_phone_proof(policy, &username, phone, &origin.language, now));
        let (phone_verification, message) = asked.unzip();
        let waits = verification.is_some() || phone_verification.is_some();
        let state = if waits { AccountState::Pending } else { AccountState::Active };
        let new = NewAccount {
            domain: policy.domain.clone(),
            username: username.clone(),
            state,
            email: email.clone().or_else(|| admission.proven.clone()),
            phone: phone.clone(),
            language: origin.language.clone(),
            password_hash: derived.hash,
            sealed_scram: self.seal_scram(&policy.domain, &username, &derived.scram),
            sealed_login,
            verification,
            phone_verification,
            letters: letter.into_iter().chain(message).collect(),
            created_at: now,
            expires_at: (state == AccountState::Pending)
                .then(|| after(now, policy.verification.pending_lifetime)),
            spends,
            api_key: admission.key.clone(),
            invitation: admission.invitation.clone(),
            member: admission.member.clone(),
            actor: Actor::from(origin),
        };
        let id = made(self.parts.store.create_account(new).await?)?;
        Ok(Registered { username, domain: policy.domain.clone(), id, created_at: now, state, email, phone })
    }
}
