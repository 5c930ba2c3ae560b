//! Signed forms (XEP-0348): which domains offer them, what a form needs to be signed, and whether a signature is right.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use super::{Broker, Failure, Outcome, after};
use crate::{
    accounts::{
        ApiKeyId, ApiSecret, Domain, DomainPolicy, FormToken, Origin, Refusal, SignedForm, Username,
        alternatives,
    },
    random,
    store::Spending,
};

/// How long it may take until a new key is offered, and the last one no longer is: every form asks, and keys seldom change.
const OFFER_KEPT: SignedDuration = SignedDuration::from_secs(1);

/// Names that are tried as alternatives, and those that are told.
const PROPOSED: [u32; 6] = [100, 100, 1000, 1000, 10_000, 10_000];
const TOLD: usize = 4;

/// Whether the domains have keys, as far as was known a moment ago.
#[derive(Debug, Default)]
pub(super) struct Offers(Mutex<HashMap<Domain, Offer>>);

#[derive(Debug, Clone, Copy)]
struct Offer {
    signed: bool,
    until: Timestamp,
}

impl Broker {
    /// What a blank form needs to be signed; `None` where no key could sign it.
    pub async fn form_token(&self, domain: &Domain) -> Outcome<Option<FormToken>> {
        let now = self.now();
        let signed = if let Some(known) = self.parts.offers.look(domain, now) {
            known
        } else {
            let signed = self.served(domain).is_ok() && self.parts.store.has_api_key(domain).await?;
            self.parts.offers.note(domain, signed, now);
            signed
        };
        let random = &*self.parts.random;
        Ok(signed.then(|| FormToken::issue(&self.parts.forms, domain, now, random::bytes(random))))
    }

    /// The key that a form was signed with. A right signature counts once; a wrong one counts against the client like a wrong password.
    ///
    /// That a key is exhausted or revoked is told only to who has its secret. Here it only saves work: the account's own
    /// transaction decides.
    pub(super) async fn signer(
        &self,
        origin: &Origin,
        domain: &Domain,
        form: &SignedForm,
    ) -> Outcome<ApiKeyId> {
        self.parts.limits.may_prove(origin, None)?;
        let checked = self.check(domain, form).await;
        if matches!(checked, Err(Failure::Refused(Refusal::WrongSignature))) {
            self.parts.limits.wrong_proof(origin, None);
        }
        checked
    }

    async fn check(&self, domain: &Domain, form: &SignedForm) -> Outcome<ApiKeyId> {
        let now = self.now();
        let claim = form.claim().ok_or(Refusal::WrongSignature)?;
        let token = FormToken::check(&self.parts.forms, domain, &claim.token, now);
        let token = token.ok_or(Refusal::WrongSignature)?;
        let stored =
            self.parts.store.api_key(&claim.key).await?.filter(|stored| stored.key.domain == *domain);
        let Some(stored) = stored else {
            // The same work as for a key that there is.
            let nobodys = ApiSecret::from_bytes(random::bytes(&*self.parts.random));
            let _ = form.is_signed_with(&nobodys, token.secret());
            return Err(Refusal::WrongSignature.into());
        };
        let secret = self.open_secret(&claim.key, &stored.sealed_secret).map_err(Failure::Fault)?;
        if !form.is_signed_with(&secret, token.secret()) {
            return Err(Refusal::WrongSignature.into());
        }
        if !claim.is_fresh(now) {
            return Err(Refusal::WrongClock.into());
        }
        if !stored.key.is_enabled() {
            return Err(Refusal::KeyRevoked.into());
        }
        if stored.key.left() == 0 {
            return Err(Refusal::KeyExhausted.into());
        }
        // RFC 5849 §3.3.
        let hash = self.parts.forms.hash(&["nonce", claim.key.as_str(), &claim.nonce]);
        if !self.parts.store.spend(Spending { hash, expires_at: claim.useless_from() }).await? {
            return Err(Refusal::WrongSignature.into());
        }
        Ok(claim.key)
    }

    /// Free names like one that is taken.
    pub(super) async fn free_alternatives(
        &self,
        policy: &DomainPolicy,
        taken: &Username,
    ) -> Outcome<Vec<Username>> {
        let random = &*self.parts.random;
        let numbers = PROPOSED.map(|bound| bound / 10 + random::below(random, bound - bound / 10));
        let names = alternatives(taken, &policy.username, &numbers);
        let mut free = self.parts.store.free_names(&policy.domain, names, self.now()).await?;
        free.truncate(TOLD);
        Ok(free)
    }

    pub(super) fn open_secret(&self, key: &ApiKeyId, sealed: &[u8]) -> anyhow::Result<ApiSecret> {
        let plain = self.parts.key_seal.open(key.as_str(), sealed);
        let plain = plain.with_context(|| format!("the secret of API key {key}"))?;
        Ok(ApiSecret::from_text(String::from_utf8(plain).context("the secret of an API key is no text")?))
    }
}

impl Offers {
    fn look(&self, domain: &Domain, now: Timestamp) -> Option<bool> {
        let offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not keep an old answer.
        let fresh = |offer: &&Offer| now < offer.until && after(now, OFFER_KEPT) >= offer.until;
        offers.get(domain).filter(fresh).map(|offer| offer.signed)
    }

    fn note(&self, domain: &Domain, signed: bool, now: Timestamp) {
        let mut offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offers.insert(domain.clone(), Offer { signed, until: after(now, OFFER_KEPT) });
    }
}
