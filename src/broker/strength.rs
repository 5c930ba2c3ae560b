//! How hard a password is to guess, for the page on which it is chosen.

use secrecy::SecretString;

use super::{Broker, Outcome};
use crate::accounts::{Origin, Strength};

impl Broker {
    /// Estimates a password, held against words that belong to the person. When there is no room for it, nothing is said.
    pub async fn strength(
        &self,
        origin: &Origin,
        password: SecretString,
        mut known: Vec<String>,
    ) -> Outcome<Strength> {
        self.parts.limits.take_hint(origin)?;
        self.parts.hashing.room_for_registrations()?;
        known.extend(self.domains().map(|policy| policy.domain.to_string()));
        self.parts.hashing.estimate(password, known).await
    }
}
