//! Verify first, register anywhere: an invitation is sent to an address. Whoever uses its link has read the letter, so the address is
//! proven before there is an account, and any program that knows a name and a password can make one that is active at once.

use tracing::Instrument;

use super::{Broker, Failure, Outcome, after, hashing::BUSY_FOR};
use crate::{
    accounts::{
        Contact, Domain, DomainPolicy, Email, FieldError, FieldProblem, InvitationKind, InvitationToken,
        Letter, LetterKind, Origin, Refusal, Username, challenge::CaptchaAnswers, form::Field,
    },
    random,
    store::{Actor, NewInvitation},
};

impl Broker {
    /// Sends an invitation to an address; gives the address as it was understood.
    ///
    /// The owner of an address that proves an account already gets a letter that says so. The letter is made after the answer, so that
    /// neither the answer nor its time tells which of the two it is.
    ///
    /// Where people who register solve a CAPTCHA they solve it here: a letter leaves, and its invitation spares them the other one.
    pub async fn invite_address(
        &self,
        origin: &Origin,
        domain: &Domain,
        email: &str,
        answers: Option<&CaptchaAnswers>,
    ) -> Outcome<Email> {
        let policy = self.served(domain)?;
        if !policy.invites_by_letter() {
            return Err(Refusal::NotAllowed.into());
        }
        let email = Email::parse(email).map_err(|problem| {
            let problem = FieldProblem::of_email(problem);
            Refusal::Invalid(vec![FieldError { field: Field::Email, problem }])
        })?;
        self.solved_for_a_letter(origin, policy, answers).await?;
        let place = self.background_place().ok_or(Refusal::Busy { retry_after: BUSY_FOR })?;
        let limits = &self.parts.limits;
        limits.take_registration(origin)?;
        limits.take_letter(origin, &email).inspect_err(|_| limits.return_registration(origin))?;
        // The only fault that could be told: people should hear now if the database is away.
        let owner = self.parts.store.email_owner(domain, &email).await?.filter(|_| policy.email_unique);
        let (broker, policy, origin, to) = (self.clone(), policy.clone(), origin.clone(), email.clone());
        let work = async move {
            let written = match owner {
                Some(owner) => broker.tell_owner(&origin, &policy, &to, owner).await,
                None => broker.send_invitation(&origin, &policy, to).await,
            };
            if let Err(failure) = written {
                tracing::warn!("no invitation was sent: {failure:#}");
            }
            drop(place);
        };
        tokio::spawn(work.in_current_span());
        Ok(email)
    }

    async fn send_invitation(&self, origin: &Origin, policy: &DomainPolicy, to: Email) -> Outcome<()> {
        let now = self.now();
        let token = InvitationToken::from_bytes(random::bytes(&*self.parts.random));
        let expires_at = after(now, policy.verification.link_lifetime);
        let letter = Letter {
            to: Contact::Email(to.clone()),
            language: origin.language.clone(),
            username: None,
            domain: policy.domain.clone(),
            kind: LetterKind::invitation(&token, expires_at),
        };
        let new = NewInvitation {
            token: self.parts.invitations.hash_invitation(&token),
            domain: policy.domain.clone(),
            kind: InvitationKind::Account,
            username: None,
            email: Some(to),
            inviter: None,
            subscribe: false,
            note: None,
            uses: 1,
            created_at: now,
            expires_at,
            limit: None,
            actor: Actor::from(origin),
        };
        let letter = self.seal_letter(&policy.domain, &letter, expires_at);
        self.parts.store.invite_by_letter(new, letter).await?;
        Ok(())
    }

    async fn tell_owner(
        &self,
        origin: &Origin,
        policy: &DomainPolicy,
        to: &Email,
        owner: Username,
    ) -> Outcome<()> {
        let Some(account) = self.parts.store.account(&policy.domain, &owner).await? else { return Ok(()) };
        let now = self.now();
        let letter = Letter {
            to: Contact::Email(to.clone()),
            language: origin.language.clone(),
            username: None,
            domain: policy.domain.clone(),
            kind: LetterKind::AlreadyRegistered { existing: owner },
        };
        let letter = self.seal_letter(&policy.domain, &letter, after(now, policy.verification.code_lifetime));
        self.parts
            .store
            .write_letter(account.id, letter, Actor::from(origin), now)
            .await
            .map_err(Failure::from)
    }
}
