//! Another address for an account that is active. It takes the place of the old one when it has proven itself; the old one is told.

use super::{Broker, Outcome, after, tokens::Bearer};
use crate::{
    accounts::{
        Account, Code, Contact, ContactPolicy, DomainPolicy, Email, FieldError, FieldProblem, LanguageTag,
        Letter, LetterKind, Origin, ProofHash, Refusal, form::Field,
    },
    random,
    store::{Actor, EmailChangeProof, EmailChanged, NewEmailChange},
};

impl Broker {
    /// Sends a code to the new address, once the password was right.
    ///
    /// An address that proves another account gets a letter that says so; whoever asked sees no difference, and no code is right.
    pub async fn ask_email_change(
        &self,
        origin: &Origin,
        bearer: &Bearer,
        password: &str,
        email: &str,
    ) -> Outcome<()> {
        let Account { domain, username, .. } = &bearer.account;
        let policy = self.served(domain)?;
        if !policy.self_service || policy.email == ContactPolicy::Off {
            return Err(Refusal::NotAllowed.into());
        }
        let email = Email::parse(email).map_err(|problem| {
            let problem = FieldProblem::of_email(problem);
            Refusal::Invalid(vec![FieldError { field: Field::Email, problem }])
        })?;
        self.check_password(origin, domain, username.as_str(), password).await?;
        self.parts.limits.take_letter(origin, &email)?;

        let now = self.now();
        let code = Code::from_number(random::below(&*self.parts.random, 1_000_000));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let owner = self.parts.store.email_owner(domain, &email).await?;
        let (hash, kind) = match owner.filter(|owner| policy.email_unique && owner != username) {
            None => (
                self.parts.change_proofs.hash_code(domain, username, &code),
                LetterKind::change_email(&code, code_expires_at),
            ),
            Some(existing) => (
                ProofHash::from_bytes(random::bytes(&*self.parts.random)),
                LetterKind::AlreadyRegistered { existing },
            ),
        };
        let letter = letter(&bearer.account, policy, email.clone(), &origin.language, kind);
        let new = NewEmailChange {
            domain: domain.clone(),
            username: username.clone(),
            email: email.clone(),
            code: hash,
            tries: policy.verification.code_tries,
            code_expires_at,
            letter: self.seal_letter(domain, &letter, code_expires_at),
            at: now,
            actor: Actor::from(origin),
        };
        if self.parts.store.start_email_change(new).await? {
            return Ok(());
        }
        self.parts.limits.return_letter(origin, &email);
        Err(Refusal::NotAllowed.into())
    }

    /// Proves the new address; gives it.
    pub async fn finish_email_change(&self, origin: &Origin, bearer: &Bearer, code: &str) -> Outcome<Email> {
        let Account { domain, username, language, .. } = &bearer.account;
        let policy = self.served(domain)?;
        let code = Code::parse(code).ok_or(Refusal::WrongCode { tries_left: None })?;
        let account = Some((domain, username));
        self.parts.limits.may_prove(origin, account)?;
        let now = self.now();
        let proof = EmailChangeProof {
            domain: domain.clone(),
            username: username.clone(),
            code: self.parts.change_proofs.hash_code(domain, username, &code),
            unique: policy.email_unique,
            at: now,
            actor: Actor::from(origin),
        };
        let expires_at = after(now, policy.verification.pending_lifetime);
        let (broker, policy, owner, language) =
            (self.clone(), policy.clone(), bearer.account.clone(), language.clone());
        let farewell = move |old: &Email, new: &Email| {
            let kind = LetterKind::EmailChanged { masked: new.masked() };
            let letter = letter(&owner, &policy, old.clone(), &language, kind);
            broker.seal_letter(&policy.domain, &letter, expires_at)
        };
        let refusal = match self.parts.store.finish_email_change(proof, farewell).await? {
            EmailChanged::Done { new, .. } => return Ok(new),
            EmailChanged::AddressInUse => return Err(Refusal::AddressInUse.into()),
            EmailChanged::Wrong { tries_left } => Refusal::WrongCode { tries_left: Some(tries_left) },
            EmailChanged::Expired => Refusal::CodeExpired,
            EmailChanged::Unknown => Refusal::WrongCode { tries_left: None },
        };
        self.parts.limits.wrong_proof(origin, account);
        Err(refusal.into())
    }
}

fn letter(
    account: &Account,
    policy: &DomainPolicy,
    to: Email,
    language: &LanguageTag,
    kind: LetterKind,
) -> Letter {
    Letter {
        to: Contact::Email(to),
        language: language.clone(),
        username: Some(account.username.clone()),
        domain: policy.domain.clone(),
        kind,
    }
}
