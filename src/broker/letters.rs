//! A new proof of an address, and the letter that carries it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use zeroize::Zeroize;

use super::{Broker, Outcome, after};
use crate::{
    accounts::{
        Code, Contact, Domain, DomainPolicy, Email, LanguageTag, Letter, LetterKind, LinkToken, Origin,
        Phone, PhoneVerification, ProofHash, Refusal, Username, Verification,
    },
    random,
    store::NewLetter,
};

/// Whom a proof is asked of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addressee<'a> {
    pub(super) username: &'a Username,
    pub(super) email: &'a Email,
    pub(super) language: &'a LanguageTag,
}

impl Broker {
    /// A new verification of an address and its letter, sealed.
    ///
    /// If the address proves another account already, the verification is one that nothing proves, and the letter says to the
    /// owner of the address what happened. Everything else is the same, so that the one who asked sees no difference.
    pub(super) async fn ask_for_proof(
        &self,
        policy: &DomainPolicy,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> Outcome<(Verification, NewLetter)> {
        let owner = self.parts.store.email_owner(&policy.domain, addressee.email).await?;
        Ok(self.ask_for_proof_beside(policy, addressee, owner, now))
    }

    /// The same, when it is known who has proven the address. Who proves it later in spite of that is told then.
    pub(super) fn ask_for_proof_beside(
        &self,
        policy: &DomainPolicy,
        addressee: Addressee<'_>,
        owner: Option<Username>,
        now: Timestamp,
    ) -> (Verification, NewLetter) {
        let Addressee { username, email, language } = addressee;
        let random = &*self.parts.random;
        let code = Code::from_number(random::below(random, 1_000_000));
        let token = LinkToken::from_bytes(random::bytes(random));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let owner = owner.filter(|owner| policy.email_unique && owner != username);

        let mut verification = Verification {
            code: self.parts.proofs.hash_code(&policy.domain, username, &code),
            link: self.parts.proofs.hash_link(&token),
            tries_left: policy.verification.code_tries,
            code_expires_at,
            link_expires_at: after(now, policy.verification.link_lifetime),
        };
        let kind = match owner {
            None => LetterKind::verify(&code, &token, code_expires_at),
            Some(existing) => {
                verification.code = ProofHash::from_bytes(random::bytes(random));
                verification.link = ProofHash::from_bytes(random::bytes(random));
                LetterKind::AlreadyRegistered { existing }
            }
        };
        let letter = Letter {
            to: Contact::Email(email.clone()),
            language: language.clone(),
            username: Some(username.clone()),
            domain: policy.domain.clone(),
            kind,
        };
        (verification, self.seal_letter(&policy.domain, &letter, code_expires_at))
    }

    /// A new verification of a phone number and its text message, sealed. A number may prove any number of accounts.
    pub(super) fn ask_for_phone_proof(
        &self,
        policy: &DomainPolicy,
        username: &Username,
        phone: &Phone,
        language: &LanguageTag,
        now: Timestamp,
    ) -> (PhoneVerification, NewLetter) {
        let code = Code::from_number(random::below(&*self.parts.random, 1_000_000));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let verification = PhoneVerification {
            code: self.parts.proofs.hash_code(&policy.domain, username, &code),
            tries_left: policy.verification.code_tries,
            code_expires_at,
        };
        let kind = LetterKind::verify_phone(&code, code_expires_at);
        let letter = text_message(policy, username, phone, language, kind);
        (verification, self.seal_letter(&policy.domain, &letter, code_expires_at))
    }

    /// Takes what the limits allow for the messages to all of these contacts, or for none of them.
    pub(super) fn take_messages(
        &self,
        origin: &Origin,
        email: Option<&Email>,
        phone: Option<&Phone>,
    ) -> Result<(), Refusal> {
        let limits = &self.parts.limits;
        if let Some(email) = email {
            limits.take_letter(origin, email)?;
        }
        let Some(phone) = phone else { return Ok(()) };
        limits.take_sms(origin, phone).inspect_err(|_| {
            if let Some(email) = email {
                limits.return_letter(origin, email);
            }
        })
    }

    /// Puts them back: no message was made.
    pub(super) fn return_messages(&self, origin: &Origin, email: Option<&Email>, phone: Option<&Phone>) {
        if let Some(email) = email {
            self.parts.limits.return_letter(origin, email);
        }
        if let Some(phone) = phone {
            self.parts.limits.return_sms(origin, phone);
        }
    }

    /// A new proof that lets the owner of an account set a new password by phone, and its text message, sealed.
    pub(super) fn recovery_message(
        &self,
        policy: &DomainPolicy,
        username: &Username,
        phone: &Phone,
        language: &LanguageTag,
        now: Timestamp,
    ) -> (Verification, NewLetter) {
        let random = &*self.parts.random;
        let code = Code::from_number(random::below(random, 1_000_000));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let proof = Verification {
            code: self.parts.recovery_proofs.hash_code(&policy.domain, username, &code),
            // There is no link that it could be the hash of.
            link: ProofHash::from_bytes(random::bytes(random)),
            tries_left: policy.verification.code_tries,
            code_expires_at,
            link_expires_at: code_expires_at,
        };
        let kind = LetterKind::recover_by_phone(&code, code_expires_at);
        let letter = text_message(policy, username, phone, language, kind);
        (proof, self.seal_letter(&policy.domain, &letter, code_expires_at))
    }

    /// A new proof that lets the owner of an account set a new password, and its letter, sealed.
    pub(super) fn recovery_letter(
        &self,
        policy: &DomainPolicy,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> (Verification, NewLetter) {
        let random = &*self.parts.random;
        let code = Code::from_number(random::below(random, 1_000_000));
        let token = LinkToken::from_bytes(random::bytes(random));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let proof = Verification {
            code: self.parts.recovery_proofs.hash_code(&policy.domain, addressee.username, &code),
            link: self.parts.recovery_proofs.hash_link(&token),
            tries_left: policy.verification.code_tries,
            code_expires_at,
            link_expires_at: after(now, policy.verification.link_lifetime),
        };
        let letter = Letter {
            to: Contact::Email(addressee.email.clone()),
            language: addressee.language.clone(),
            username: Some(addressee.username.clone()),
            domain: policy.domain.clone(),
            kind: LetterKind::recover(&code, &token, code_expires_at),
        };
        (proof, self.seal_letter(&policy.domain, &letter, code_expires_at))
    }

    pub(super) fn seal_letter(&self, domain: &Domain, letter: &Letter, expires_at: Timestamp) -> NewLetter {
        let random = &*self.parts.random;
        let message_id = format!("{}@{domain}", URL_SAFE_NO_PAD.encode(random::bytes::<16>(random)));
        let mut plain = letter.to_bytes();
        let sealed = self.parts.letter_seal.seal(&message_id, random::bytes(random), &plain);
        plain.zeroize();
        NewLetter { message_id, kind: letter.kind.as_str(), channel: letter.to.channel(), sealed, expires_at }
    }
}

fn text_message(
    policy: &DomainPolicy,
    username: &Username,
    phone: &Phone,
    language: &LanguageTag,
    kind: LetterKind,
) -> Letter {
    Letter {
        to: Contact::Phone(phone.clone()),
        language: language.clone(),
        username: Some(username.clone()),
        domain: policy.domain.clone(),
        kind,
    }
}
