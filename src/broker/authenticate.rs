//! Logging in with a password.

use tracing::Instrument;

use super::{Broker, Failure, Outcome, by_operator, tokens::Holder};
use crate::{
    accounts::{Domain, Origin, Password, Refusal, ScramKeys, ScramLook, Username},
    metrics,
    store::{Actor, LoginLookup, NewCredentials, Replaced, StoredCredentials},
};

/// An account whose password was right.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) username: Username,
    pub(super) credentials: StoredCredentials,
    /// The password, when what is kept of it should be made anew.
    renew: Option<Password>,
}

impl Broker {
    /// Checks a password. `Ok` only for an account that may log in; why another one may not is told only after the right password.
    pub async fn authenticate(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Username> {
        Ok(self.let_in(origin, domain, username, password).await?.username)
    }

    /// The same; gives what is on file beside the name.
    pub(super) async fn let_in(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Holder> {
        let mut known = self.check_password(origin, domain, username, password).await?;
        if let Some(refusal) = known.credentials.refusal() {
            return Err(refusal.into());
        }
        let holder = Holder {
            id: known.credentials.id,
            domain: domain.clone(),
            username: known.username.clone(),
            epoch: known.credentials.token_epoch,
        };
        // Where no place is left, the next login is another occasion.
        if let Some((password, place)) = known.renew.take().zip(self.background_place()) {
            let (broker, origin, domain) = (self.clone(), origin.clone(), domain.clone());
            let work = async move {
                broker.renew(&origin, domain, known, password).await;
                drop(place);
            };
            tokio::spawn(work.in_current_span());
        }
        Ok(holder)
    }

    /// Whose password this is. Wrong names and wrong passwords give the same answer in the same time.
    pub(super) async fn check_password(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Known> {
        let checked = self.hold_password(origin, domain, username, password).await;
        metrics::login(origin.front, "password", checked.as_ref().map_or_else(Failure::word, |_| "right"));
        checked
    }

    async fn hold_password(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &str,
        password: &str,
    ) -> Outcome<Known> {
        let signed_login = self.served(domain)?.signed_login;
        let username = Username::prepare(username).map_err(|_| Refusal::WrongPassword)?;
        let account = Some((domain, &username));
        self.parts.limits.may_prove(origin, account)?;
        let Ok(password) = Password::prepare(password) else {
            self.parts.limits.wrong_proof(origin, account);
            return Err(Refusal::WrongPassword.into());
        };

        self.parts.hashing.room_for_logins()?;
        let login = self.parts.store.login(domain, &username).await?;
        let keys = self.keys_to_check(domain, &username, &login)?;
        let hash = login.credentials.as_ref().and_then(|credentials| credentials.password_hash.clone());
        let checked = self.parts.hashing.check(password.clone(), hash, keys).await?;
        let Some(credentials) = login.credentials.filter(|_| checked.right) else {
            self.parts.limits.wrong_proof(origin, account);
            return Err(Refusal::WrongPassword.into());
        };
        let keys_missing = credentials.sealed_scram.is_none() && self.parts.scram_iterations.is_some();
        // What the operator no longer wants to be kept goes, too.
        let other_login = credentials.sealed_login.is_some() != signed_login;
        let outdated = checked.outdated || credentials.password_hash.is_none();
        let renew = (outdated || keys_missing || other_login).then_some(password);
        Ok(Known { username, credentials, renew })
    }

    /// The SCRAM keys that a password is held against beside the verifier: those of an account that was taken over and has no verifier
    /// yet.
    ///
    /// What outsiders learn from the time. Every login costs one Argon2id, against a verifier that nothing proves where there is none.
    /// An account without verifier costs the derivation of its keys on top. So does a name without account that was given the look of
    /// such an account (`ScramLook::for_nobody`): with as many rounds, and keys that nothing proves. Who measures the longer time has
    /// found an account that was taken over, or nobody; the shorter time, any other account, or nobody.
    fn keys_to_check(
        &self,
        domain: &Domain,
        username: &Username,
        login: &LoginLookup,
    ) -> Result<Option<ScramKeys>, Failure> {
        let key = &self.parts.made_up;
        let seal = &self.parts.scram_seal;
        let keys = match &login.credentials {
            Some(StoredCredentials { password_hash: None, sealed_scram: Some(sealed), .. }) => {
                seal.open(domain, username, sealed).map_err(|problem| Failure::Fault(problem.into()))?
            }
            Some(_) => return Ok(None),
            None => {
                let Some(look) = ScramLook::for_nobody(&login.looks, key, domain, username) else {
                    return Ok(None);
                };
                seal.open_decoy();
                look.made_up(key, domain, username)
            }
        };
        // One mechanism is enough, and the stronger one the better.
        Ok(keys.into_iter().max_by_key(|keys| keys.mechanism.key_length()))
    }

    /// The password that the operator wants once more from somebody who is logged in, where one is `demanded`. One that was given
    /// without need must be right as well.
    pub(super) async fn prove_owner(
        &self,
        origin: &Origin,
        domain: &Domain,
        username: &Username,
        demanded: bool,
        proof: Option<&str>,
    ) -> Outcome<()> {
        match proof {
            Some(password) => {
                self.check_password(origin, domain, username.as_str(), password).await.map(|_| ())
            }
            None if demanded && !by_operator(origin) => Err(Refusal::ProofNeeded.into()),
            None => Ok(()),
        }
    }

    /// Makes anew what is kept of a password, because the parameters changed, SCRAM or signed logins were switched on, or the account was
    /// taken over without a verifier.
    async fn renew(&self, origin: &Origin, domain: Domain, known: Known, password: Password) {
        let StoredCredentials { password_hash, sealed_scram, .. } = known.credentials;
        let replaces = match (password_hash, sealed_scram) {
            (Some(hash), _) => Replaced::Verifier(hash),
            (None, Some(sealed)) => Replaced::Keys(sealed),
            // Nothing was there that a password could have been right by.
            (None, None) => return,
        };
        let renewed = async {
            let sealed_login = self.login_key(&domain, &known.username, &password);
            let derived = self.parts.hashing.derive(password).await?;
            let new = NewCredentials {
                sealed_scram: self.seal_scram(&domain, &known.username, &derived.scram),
                sealed_login,
                domain,
                username: known.username,
                password_hash: derived.hash,
                replaces,
                changed: false,
                keep: None,
                at: self.now(),
                actor: Actor::from(origin),
            };
            self.parts.store.set_credentials(new).await.map_err(super::Failure::from)
        };
        if let Err(failure) = renewed.await {
            tracing::debug!(%failure, "credentials were not renewed; the next login is another occasion");
        }
    }
}
