//! A wrong address or number of a pending account is corrected.

use super::{Broker, Outcome, letters::Addressee};
use crate::{
    accounts::{
        ContactPolicy, Domain, DomainPolicy, Email, EmailProblem, FieldError, FieldProblem, Origin, Phone,
        PhoneProblem, Refusal, form::Field,
    },
    store::{Actor, NewVerification, Replacement},
};

/// What somebody has mistyped, as it should be. What is empty stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correction<'a> {
    /// The address.
    pub email: &'a str,
    /// The number.
    pub phone: &'a str,
}

impl Broker {
    /// Corrects address or number of a pending account, whose password is asked for, and sends new codes there. One that has proven itself is
    /// not corrected any more.
    pub async fn correct_contact(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
        correction: Correction<'_>,
    ) -> Outcome<()> {
        let policy = self.served(domain)?;
        let (email, phone) = correction.read(policy)?;
        let (email, phone) = (email.as_ref(), phone.as_ref());
        let known = self.check_password(origin, domain, username, password).await?;
        match known.credentials.refusal() {
            Some(Refusal::AccountPending) => {}
            refusal => return Err(refusal.unwrap_or(Refusal::NotAllowed).into()),
        }

        // No cooldown: who has mistyped the address sees it at once. But it counts as a registration, as it sends a letter to
        // an address that nobody has proven.
        let limits = &self.parts.limits;
        limits.take_registration(origin)?;
        self.take_messages(origin, email, phone).inspect_err(|_| limits.return_registration(origin))?;
        let now = self.now();
        let language = &origin.language;
        let asked = match email {
            Some(email) => {
                let addressee = Addressee { username: &known.username, email, language };
                Some(self.ask_for_proof(policy, addressee, now).await?)
            }
            None => None,
        };
        let (verification, letter) = asked.unzip();
        let asked =
            phone.map(|phone| self.ask_for_phone_proof(policy, &known.username, phone, language, now));
        let (phone_verification, message) = asked.unzip();
        let new = NewVerification {
            domain: domain.clone(),
            username: known.username,
            email: email.cloned(),
            phone: phone.cloned(),
            verification,
            phone_verification,
            letters: letter.into_iter().chain(message).collect(),
            not_since: now,
            at: now,
            actor: Actor::from(origin),
        };
        match self.parts.store.replace_verification(new).await? {
            Replacement::Replaced => Ok(()),
            Replacement::TooSoon | Replacement::NotPending => {
                limits.return_registration(origin);
                self.return_messages(origin, email, phone);
                Err(Refusal::NotAllowed.into())
            }
        }
    }
}

impl Correction<'_> {
    /// At least one of the two, of those that the domain asks for.
    fn read(self, policy: &DomainPolicy) -> Result<(Option<Email>, Option<Phone>), Refusal> {
        let mut errors = Vec::new();
        let email = match Email::parse(self.email) {
            Ok(email) => Some(email),
            Err(EmailProblem::Missing) => None,
            Err(problem) => {
                errors.push(FieldError { field: Field::Email, problem: FieldProblem::of_email(problem) });
                None
            }
        };
        let phone = match Phone::parse(self.phone) {
            Ok(phone) => Some(phone),
            Err(PhoneProblem::Missing) => None,
            Err(problem) => {
                errors.push(FieldError { field: Field::Phone, problem: FieldProblem::of_phone(problem) });
                None
            }
        };
        let asked = |policy| policy != ContactPolicy::Off;
        if !asked(policy.email) && !asked(policy.phone)
            || email.is_some() && !asked(policy.email)
            || phone.is_some() && !asked(policy.phone)
        {
            return Err(Refusal::NotAllowed);
        }
        if errors.is_empty() && email.is_none() && phone.is_none() {
            let field = if asked(policy.email) { Field::Email } else { Field::Phone };
            errors.push(FieldError { field, problem: FieldProblem::Missing });
        }
        if errors.is_empty() { Ok((email, phone)) } else { Err(Refusal::Invalid(errors)) }
    }
}
