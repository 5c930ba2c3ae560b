//! Taking accounts over from another server.

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{Broker, Outcome};
use crate::{
    accounts::{
        Domain, ForeignAccount, Origin, PasswordHash, ReadyAccount, ReadySecret, ScramLook, Unfit, Username,
    },
    store::{Actor, Importation, NewImport},
};

/// What the owner of an account reads that the other server did not let in.
const WAS_DISABLED: &str = "The account was disabled on the server that it comes from.";

/// Derivations asked for at the same time: enough for every thread, and few enough that none waits too long.
const MOST_DERIVATIONS: usize = 32;

impl Broker {
    /// Whether an account can be taken over, by itself.
    pub fn fit_to_import(&self, account: ForeignAccount) -> Result<ReadyAccount, Unfit> {
        account.check(|domain| self.policy(domain).is_some())
    }

    /// What would become of these accounts if they were taken over now, in their order.
    pub async fn foresee_import(&self, accounts: &[ReadyAccount]) -> Outcome<Vec<Importation>> {
        let names: Vec<(Domain, Username)> =
            accounts.iter().map(|account| (account.domain.clone(), account.username.clone())).collect();
        Ok(self.parts.store.foresee_import(names, self.now()).await?)
    }

    /// Takes accounts over, all at once; what became of each, in their order. Their servers are not told, since for them nothing
    /// changes, and nobody gets a letter.
    ///
    /// Where the password is known, everything is derived from it, which takes as long as a registration each; SCRAM keys are kept as
    /// they are, and the first login with the password itself adds the rest.
    pub async fn import(&self, origin: &Origin, accounts: Vec<ReadyAccount>) -> Outcome<Vec<Importation>> {
        let mut outcomes = self.foresee_import(&accounts).await?;
        let wanted: Vec<usize> =
            (0..outcomes.len()).filter(|at| outcomes[*at] == Importation::Imported).collect();
        // Nothing is derived for an account that is there already: a run that is repeated goes through those quickly.
        let left = accounts.into_iter().zip(&outcomes);
        let ready: Vec<_> = left
            .filter(|(_, outcome)| **outcome == Importation::Imported)
            .map(|(account, _)| account)
            .collect();
        let new: Vec<NewImport> = stream::iter(ready)
            .map(|account| self.derived(origin, account))
            .buffered(self.parts.hashing.places().min(MOST_DERIVATIONS))
            .try_collect()
            .await?;
        let done = self.parts.store.import(new, self.now(), Actor::from(origin)).await?;
        for (at, outcome) in wanted.into_iter().zip(done) {
            outcomes[at] = outcome;
        }
        Ok(outcomes)
    }

    async fn derived(&self, origin: &Origin, account: ReadyAccount) -> Outcome<NewImport> {
        let ReadyAccount { domain, username, secret, is_disabled, email } = account;
        let (password_hash, keys, sealed_login, look): (Option<PasswordHash>, _, _, _) = match secret {
            ReadySecret::Keys(keys) => {
                let look = ScramLook::of(&keys);
                (None, keys, None, Some(look))
            }
            ReadySecret::Password(password) => {
                let sealed_login = self.login_key(&domain, &username, &password);
                let derived = self.parts.hashing.derive(password).await?;
                (Some(derived.hash), derived.scram, sealed_login, None)
            }
        };
        Ok(NewImport {
            sealed_scram: self.seal_scram(&domain, &username, &keys),
            domain,
            username,
            suspension: is_disabled.then(|| WAS_DISABLED.to_owned()),
            email,
            language: origin.language.clone(),
            password_hash,
            sealed_login,
            look,
        })
    }
}
