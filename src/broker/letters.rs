//! A new proof of an address, and the letter that carries it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use zeroize::Zeroize;

use super::{Broker, Outcome, after};
use crate::{
    accounts::{
        Code, Domain, DomainPolicy, Email, LanguageTag, Letter, LetterKind, LinkToken, ProofHash, Username,
        Verification,
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
        let Addressee { username, email, language } = addressee;
        let random = &*self.parts.random;
        let code = Code::from_number(random::below(random, 1_000_000));
        let token = LinkToken::from_bytes(random::bytes(random));
        let code_expires_at = after(now, policy.verification.code_lifetime);
        let owner = self.parts.store.email_owner(&policy.domain, email).await?;
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
            to: email.clone(),
            language: language.clone(),
            username: Some(username.clone()),
            domain: policy.domain.clone(),
            kind,
        };
        Ok((verification, self.seal_letter(&policy.domain, &letter, code_expires_at)))
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
            to: addressee.email.clone(),
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
        NewLetter { message_id, kind: letter.kind.as_str(), sealed, expires_at }
    }
}
