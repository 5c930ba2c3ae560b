//! Tokens, with which programs stay logged in for an hour at most. Of a token nothing is kept; it carries a proof of the account and
//! the epoch that it was made for, and a new password, a suspension or the end of the account make that proof worthless.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::{Broker, Outcome, Registered};
use crate::{
    accounts::{
        Account, AccountId, Claims, Domain, Email, Origin, Phone, ProofHash, Refusal, SignedToken,
        TokenLifetime, Username,
    },
    random,
    store::Spending,
};

/// Random bytes in the name of a token, and bytes of the proof that follows them; twelve are sixteen characters.
const PART: usize = 12;

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its text.
    pub jwt: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Somebody who came with a token that counts.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The account, as it is now.
    pub account: Account,
    /// The token.
    pub token: SignedToken,
    holder: Holder,
}

/// Whom tokens are made for.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) id: AccountId,
    pub(super) domain: Domain,
    pub(super) username: Username,
    /// Of the account, when its password was checked.
    pub(super) epoch: i64,
}

impl Broker {
    /// Logs somebody in; `Ok` only for an account that may.
    pub async fn log_in(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
        life: TokenLifetime,
    ) -> Outcome<Token> {
        let holder = self.let_in(origin, domain, username, password).await?;
        Ok(self.issue_token(&holder, life))
    }

    /// Who comes with this token; for pending accounts, too. One that we never signed counts like a wrong password; one that has ended
    /// does not: programs that slept over it are no attackers.
    pub async fn bearer(&self, origin: &Origin, token: &str) -> Outcome<Bearer> {
        self.parts.limits.may_prove(origin, None)?;
        let Some(token) = SignedToken::read(&self.parts.token_key, token) else {
            self.parts.limits.wrong_proof(origin, None);
            return Err(Refusal::TokenInvalid.into());
        };
        let Claims { issuer, subject, id, .. } = &token.claims;
        self.served(issuer).map_err(|_| Refusal::TokenInvalid)?;
        let ended = self.ended_hash(id);
        let stored = self.parts.store.token_holder(issuer, subject, ended).await?;
        let stored = stored.filter(|stored| !stored.ended).ok_or(Refusal::TokenInvalid)?;
        let holder = Holder {
            id: stored.account.id,
            domain: issuer.clone(),
            username: subject.clone(),
            epoch: stored.epoch,
        };
        if !token.is_in_time(self.now()) || !self.is_of(id, &holder) {
            return Err(Refusal::TokenInvalid.into());
        }
        Ok(Bearer { account: stored.account, token, holder })
    }

    /// Another token for somebody who has one. The old one works until its time is over, or requests under way would fail.
    pub fn refresh_token(&self, bearer: &Bearer, life: TokenLifetime) -> Token {
        self.issue_token(&bearer.holder, life)
    }

    /// Ends a token before its time.
    pub async fn log_out(&self, bearer: &Bearer) -> Outcome<()> {
        let Claims { id, expires_at, .. } = &bearer.token.claims;
        let spending = Spending { hash: self.ended_hash(id), expires_at: *expires_at };
        self.parts.store.spend(spending).await?;
        Ok(())
    }

    /// Sends the letter and the text message of a pending account once more. Nothing is sent to an address or number that is not the account's, nor for one that has
    /// nothing left to prove; asking for that counts all the same.
    pub async fn resend_for(
        &self,
        origin: &Origin,
        bearer: &Bearer,
        email: &str,
        phone: Option<&str>,
    ) -> Outcome<()> {
        let asked = Email::parse(email).ok().map(|email| email.key());
        let other_number = phone.is_some_and(|phone| Phone::parse(phone).ok() != bearer.account.phone);
        if bearer.account.email.as_ref().map(Email::key) != asked || other_number {
            self.parts.limits.may_prove(origin, None)?;
            self.parts.limits.wrong_proof(origin, None);
            return Ok(());
        }
        self.resend(origin, &bearer.holder.domain, bearer.holder.username.as_str()).await
    }

    pub(super) fn issue_token(&self, holder: &Holder, life: TokenLifetime) -> Token {
        let random = URL_SAFE_NO_PAD.encode(random::bytes::<PART>(&*self.parts.random));
        let id = format!("{random}{}", self.holder_proof(&random, holder));
        let claims = Claims::new(holder.domain.clone(), holder.username.clone(), id, self.now(), life);
        Token { jwt: claims.sign(&self.parts.token_key), expires_at: claims.expires_at }
    }

    /// Whether a token of that name was made for this very account in this very epoch.
    fn is_of(&self, id: &str, holder: &Holder) -> bool {
        let Some((random, proof)) = id.split_at_checked(PART / 3 * 4) else { return false };
        self.holder_proof(random, holder).as_bytes().ct_eq(proof.as_bytes()).into()
    }

    fn holder_proof(&self, random: &str, holder: &Holder) -> String {
        let (id, epoch) = (holder.id.0.to_string(), holder.epoch.to_string());
        let proof = self.parts.token_proofs.hash(&["holder", random, &id, &epoch]);
        URL_SAFE_NO_PAD.encode(&proof.as_bytes()[..PART])
    }

    fn ended_hash(&self, id: &str) -> ProofHash {
        self.parts.token_proofs.hash(&["ended", id])
    }
}

impl From<&Registered> for Holder {
    /// A new account is in its first epoch.
    fn from(registered: &Registered) -> Self {
        let Registered { id, domain, username, .. } = registered;
        Self { id: *id, domain: domain.clone(), username: username.clone(), epoch: 0 }
    }
}
