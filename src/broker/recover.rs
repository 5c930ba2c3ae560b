//! A forgotten password: the proven address or phone number lets its owner set a new one.

use tracing::Instrument;

use super::{Broker, Failure, Outcome, ProofInput, hashing::BUSY_FOR, letters::Addressee};
use crate::{
    accounts::{
        Account, AccountState, Channel, Code, Contact, Domain, DomainPolicy, Email, FieldError, FieldProblem,
        LinkToken, Origin, Password, Refusal, Username, form::Field,
    },
    store::{Actor, NewCredentials, NewRecovery, ProofAttempt, Recovery, Replaced},
};

impl Broker {
    /// Sends a letter with a code and a link that let its reader set a new password. Names without account, and accounts that cannot
    /// be recovered, get the same answer as others.
    ///
    /// The letter is made after the answer, so that neither the answer nor its time tells whether there is one. Asking again
    /// within the cooldown is [`Refusal::TooMany`], for every name.
    pub async fn ask_recovery(&self, origin: &Origin, domain: &Domain, username: &str) -> Outcome<()> {
        self.ask_recovery_if(origin, domain, username, None, |_| true).await
    }

    /// The same for a program that has asked the person for the address or number, too: nothing goes to another one.
    pub async fn ask_recovery_at(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        contact: &Contact,
    ) -> Outcome<()> {
        let (contact, channel) = (contact.clone(), contact.channel());
        let named = move |account: &Account| match &contact {
            Contact::Email(email) => account.email.as_ref().map(Email::key) == Some(email.key()),
            Contact::Phone(phone) => account.phone.as_ref() == Some(phone),
        };
        self.ask_recovery_if(origin, domain, username, Some(channel), named).await
    }

    async fn ask_recovery_if(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        channel: Option<Channel>,
        wanted: impl Fn(&Account) -> bool,
    ) -> Outcome<()> {
        let policy = self.recoverable(domain)?;
        let limits = &self.parts.limits;
        limits.may_prove(origin, None)?;
        let Ok(username) = Username::prepare(username.trim()) else { return Ok(()) };
        let place = self.background_place().ok_or(Refusal::Busy { retry_after: BUSY_FOR })?;
        limits.take_recovery(origin, (domain, &username), policy.verification.resend_cooldown)?;
        // Letters for made-up names cost the client as much as wrong codes do.
        limits.wrong_proof(origin, None);
        self.parts.recovery_tries.begin(domain, &username, &policy.verification, self.now());

        // The only fault that could be told: people should hear now if the database is away.
        let account = self.parts.store.account(domain, &username).await?.filter(wanted);
        let (broker, policy, origin) = (self.clone(), policy.clone(), origin.clone());
        let work = async move {
            if let Some(account) = account {
                match broker.send_recovery(&origin, &policy, account, channel).await {
                    Ok(()) => {}
                    Err(Failure::Refused(refusal)) => {
                        tracing::debug!(%refusal, "no letter for a new password was made");
                    }
                    Err(Failure::Fault(fault)) => {
                        tracing::warn!("no letter for a new password was made: {fault:#}");
                    }
                }
            }
            drop(place);
        };
        tokio::spawn(work.in_current_span());
        Ok(())
    }

    /// Which account a link is for, without using the link up.
    pub async fn look_at_recovery(&self, origin: &Origin, token: &LinkToken) -> Outcome<Account> {
        self.parts.limits.may_prove(origin, None)?;
        let hash = self.parts.recovery_proofs.hash_link(token);
        let account = self.parts.store.recovery_account(hash, self.now()).await?;
        account.ok_or_else(|| {
            self.parts.limits.wrong_proof(origin, None);
            Refusal::WrongCode { tries_left: None }.into()
        })
    }

    /// Sets a new password with the code or the link of the letter; gives the account. Every session is told to end.
    ///
    /// A code for a name that waits for none is answered like a wrong one. A password that cannot be used costs no try.
    pub async fn recover(&self, origin: &Origin, proof: ProofInput, password: &str) -> Outcome<Account> {
        let wrong = Refusal::WrongCode { tries_left: None };
        let (domain, username, attempt) = match proof {
            ProofInput::Code { domain, username, code } => {
                self.recoverable(&domain)?;
                let code = Code::parse(&code).ok_or_else(|| wrong.clone())?;
                let username = Username::prepare(username.trim()).map_err(|_| wrong)?;
                let hash = self.parts.recovery_proofs.hash_code(&domain, &username, &code);
                let attempt = ProofAttempt::Code {
                    domain: domain.clone(),
                    username: username.clone(),
                    hash,
                    channel: None,
                };
                (domain, username, attempt)
            }
            ProofInput::Link(token) => {
                let account = self.look_at_recovery(origin, &token).await?;
                let hash = self.parts.recovery_proofs.hash_link(&token);
                (account.domain, account.username, ProofAttempt::Link { hash })
            }
        };
        let policy = self.recoverable(&domain)?;
        let password =
            Password::choose(password, username.as_str(), &policy.password).map_err(|problem| {
                let problem = FieldProblem::of_password(problem, &policy.password);
                Refusal::Invalid(vec![FieldError { field: Field::Password, problem }])
            })?;

        let account = self.check_recovery(origin, policy, &username, &attempt).await?;
        self.not_breached(&password).await?;
        let sealed_login = self.login_key(&domain, &username, &password);
        let derived = self.parts.hashing.derive(password).await?;
        let new = NewCredentials {
            sealed_scram: self.seal_scram(&domain, &username, &derived.scram),
            sealed_login,
            domain,
            username,
            password_hash: derived.hash,
            replaces: Replaced::Anything,
            changed: true,
            keep: None,
            at: self.now(),
            actor: Actor::from(origin),
        };
        // Used by somebody else, or run out, while the password was worked on.
        let done = self.parts.store.complete_recovery(attempt, new).await?;
        if done { Ok(account) } else { Err(Refusal::CodeExpired.into()) }
    }

    async fn check_recovery(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        username: &Username,
        attempt: &ProofAttempt,
    ) -> Outcome<Account> {
        let account = Some((&policy.domain, username));
        self.parts.limits.may_prove(origin, account)?;
        let now = self.now();
        let refusal = match self.parts.store.check_recovery(attempt.clone(), now).await? {
            Recovery::Proven(account) => return Ok(account),
            Recovery::Wrong { tries_left } => Refusal::WrongCode { tries_left: Some(tries_left) },
            Recovery::Expired => Refusal::CodeExpired,
            Recovery::Unknown => {
                self.parts.recovery_tries.wrong_code(&policy.domain, username, &policy.verification, now)
            }
        };
        self.parts.limits.wrong_proof(origin, account);
        Err(refusal.into())
    }

    /// Sends a code by `channel`, or else by mail where an address is proven, else to a proven phone.
    async fn send_recovery(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        account: Account,
        channel: Option<Channel>,
    ) -> Outcome<()> {
        if account.state != AccountState::Active {
            return Ok(());
        }
        let Account { username, email, email_verified_at, phone, phone_verified_at, language, .. } = account;
        let email = email.filter(|_| email_verified_at.is_some() && channel != Some(Channel::Sms));
        let phone = phone.filter(|_| phone_verified_at.is_some() && channel != Some(Channel::Mail));
        let phone = phone.filter(|_| email.is_none());
        let now = self.now();
        self.take_messages(origin, email.as_ref(), phone.as_ref())?;
        let (proof, letter) = match (&email, &phone) {
            (Some(email), _) => {
                let addressee = Addressee { username: &username, email, language: &language };
                self.recovery_letter(policy, addressee, now)
            }
            (None, Some(phone)) => self.recovery_message(policy, &username, phone, &language, now),
            (None, None) => return Ok(()),
        };
        let new = NewRecovery {
            domain: policy.domain.clone(),
            username,
            proof,
            letter,
            at: now,
            actor: Actor::from(origin),
        };
        if !self.parts.store.start_recovery(new).await? {
            self.return_messages(origin, email.as_ref(), phone.as_ref());
        }
        Ok(())
    }

    /// The policy of a domain where people may set a new password themselves.
    fn recoverable(&self, domain: &Domain) -> Result<&DomainPolicy, Refusal> {
        let policy = self.served(domain)?;
        if policy.self_service { Ok(policy) } else { Err(Refusal::NotAllowed) }
    }
}
