//! The letter, and the text message, once more.

use tracing::Instrument;

use super::{Broker, Failure, Outcome, hashing::BUSY_FOR, letters::Addressee};
use crate::{
    accounts::{Account, AccountState, Domain, DomainPolicy, Origin, Refusal, Username},
    store::{Actor, NewVerification, Replacement},
};

impl Broker {
    /// Sends the letter again. Unknown and active accounts get the same answer as pending ones.
    ///
    /// The letter is looked for and made after the answer, so that neither the answer nor its time tells whether there is one.
    /// Asking again within the cooldown is [`Refusal::TooMany`], for every name.
    pub async fn resend(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<()> {
        let policy = self.served(domain)?;
        let limits = &self.parts.limits;
        limits.may_prove(origin, None)?;
        let Ok(username) = Username::prepare(username.trim()) else { return Ok(()) };
        let place = self.background_place().ok_or(Refusal::Busy { retry_after: BUSY_FOR })?;
        limits.take_resend(origin, (domain, &username), policy.verification.resend_cooldown)?;
        // Letters for made-up names cost the client as much as wrong codes do.
        limits.wrong_proof(origin, None);
        self.parts.tries.forget(domain, &username);

        // The only fault that could be told: people should hear now if the database is away.
        let account = self.parts.store.account(domain, &username).await?;
        let (broker, policy, origin) = (self.clone(), policy.clone(), origin.clone());
        let work = async move {
            if let Some(account) = account.filter(|account| account.state == AccountState::Pending) {
                match broker.send_again(&origin, &policy, account).await {
                    Ok(()) => {}
                    Err(Failure::Refused(refusal)) => tracing::debug!(%refusal, "no other letter was made"),
                    Err(Failure::Fault(fault)) => tracing::warn!("no other letter was made: {fault:#}"),
                }
            }
            drop(place);
        };
        tokio::spawn(work.in_current_span());
        Ok(())
    }

    async fn send_again(&self, origin: &Origin, policy: &DomainPolicy, account: Account) -> Outcome<()> {
        let Account { username, email, email_verified_at, phone, phone_verified_at, language, .. } = account;
        // What has been proven already is not asked for again.
        let email = email.filter(|_| email_verified_at.is_none());
        let phone = phone.filter(|_| phone_verified_at.is_none());
        if email.is_none() && phone.is_none() {
            return Ok(());
        }
        self.take_messages(origin, email.as_ref(), phone.as_ref())?;
        let now = self.now();
        let asked = match &email {
            Some(email) => {
                let addressee = Addressee { username: &username, email, language: &language };
                Some(self.ask_for_proof(policy, addressee, now).await?)
            }
            None => None,
        };
        let (verification, letter) = asked.unzip();
        let asked = phone.as_ref();
        let asked = asked.map(|phone| self.ask_for_phone_proof(policy, &username, phone, &language, now));
        let (phone_verification, message) = asked.unzip();
        let new = NewVerification {
            domain: policy.domain.clone(),
            username,
            email: None,
            phone: None,
            verification,
            phone_verification,
            letters: letter.into_iter().chain(message).collect(),
            not_since: super::after(now, -policy.verification.resend_cooldown),
            at: now,
            actor: Actor::from(origin),
        };
        // Too soon: the letter of a moment ago is on its way. Not pending: proven in the meantime. Both are as good.
        match self.parts.store.replace_verification(new).await? {
            Replacement::Replaced => {}
            Replacement::TooSoon | Replacement::NotPending => {
                self.return_messages(origin, email.as_ref(), phone.as_ref());
            }
        }
        Ok(())
    }
}
