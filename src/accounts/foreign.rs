//! Accounts of another server: what of them can be taken over. The policy for new accounts is not asked: these people exist already,
//! with names and passwords that suited the other server.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use super::{Domain, Email, Mechanism, Password, PasswordProblem, Salt, ScramKeys, ScramSet, Username};

/// An account as the files of another server tell it. Nothing of it has been checked.
#[derive(Debug, Clone)]
pub struct ForeignAccount {
    /// The domain.
    pub domain: String,
    /// The name.
    pub username: String,
    /// What proves the password.
    pub secret: ForeignSecret,
    /// The other server did not let it log in.
    pub is_disabled: bool,
    /// Its e-mail address, which the other server may never have proven.
    pub email: Option<String>,
}

/// What proves the password of an account of another server.
#[derive(Debug, Clone)]
pub enum ForeignSecret {
    /// The password itself.
    Password(SecretString),
    /// SCRAM keys, at most one for each mechanism.
    Keys(Vec<ForeignKeys>),
}

/// SCRAM keys of another server. `Debug` shows nothing of them; wiped when dropped.
#[derive(Clone)]
pub struct ForeignKeys {
    /// The name of the mechanism as registered with IANA.
    pub mechanism: String,
    /// PBKDF2 rounds.
    pub iterations: u64,
    /// The salt.
    pub salt: Vec<u8>,
    /// `StoredKey` of RFC 5802.
    pub stored_key: Vec<u8>,
    /// `ServerKey` of RFC 5802.
    pub server_key: Vec<u8>,
}

/// An account that can be taken over.
#[derive(Debug, Clone)]
pub struct ReadyAccount {
    /// The domain.
    pub domain: Domain,
    /// The name, prepared.
    pub username: Username,
    /// What proves the password.
    pub secret: ReadySecret,
    /// It may not log in.
    pub is_disabled: bool,
    /// Its e-mail address; one that no letter could be sent to is left out.
    pub email: Option<Email>,
}

/// What proves the password of an account that can be taken over.
#[derive(Debug, Clone)]
pub enum ReadySecret {
    /// The password itself, from which everything else is derived.
    Password(Password),
    /// SCRAM keys; there is at least one.
    Keys(ScramSet),
}

/// Why an account cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unfit {
    /// The domain is not served here.
    Domain,
    /// No XMPP address has such a name.
    Name,
    /// There is no password and no key.
    NoSecret,
    /// The password is empty, too long, or has characters that no client could log in with.
    Password,
    /// There are keys for this mechanism only, which are not kept here.
    Mechanism(String),
    /// A key, a salt or the number of rounds cannot be right.
    Keys,
}

impl ForeignKeys {
    /// Most rounds that are taken over. Each login with the password costs that many, twice over, and is asked for by strangers: a
    /// million take half a second. OWASP asks for 600,000 at most (2023), servers make 4,096 to 10,000.
    pub const MOST_ITERATIONS: u32 = 1_000_000;

    /// Keys of which nothing is known yet but the mechanism; unfit until they are filled.
    pub fn empty(mechanism: String) -> Self {
        Self { mechanism, iterations: 0, salt: Vec::new(), stored_key: Vec::new(), server_key: Vec::new() }
    }

    fn check(&self) -> Result<ScramKeys, Unfit> {
        let mechanism = Mechanism::ALL.into_iter().find(|mechanism| mechanism.as_str() == self.mechanism);
        let mechanism = mechanism.ok_or_else(|| Unfit::Mechanism(self.mechanism.clone()))?;
        let iterations = u32::try_from(self.iterations).ok();
        let iterations = iterations.filter(|rounds| (1..=Self::MOST_ITERATIONS).contains(rounds));
        let lengths = [&self.stored_key, &self.server_key].map(|key| key.len() == mechanism.key_length());
        match (iterations, Salt::new(&self.salt)) {
            (Some(iterations), Some(salt)) if lengths == [true; 2] => Ok(ScramKeys {
                mechanism,
                iterations,
                salt,
                stored_key: self.stored_key.clone(),
                server_key: self.server_key.clone(),
            }),
            _ => Err(Unfit::Keys),
        }
    }
}

impl ForeignAccount {
    /// Checks everything about the account that needs no look at other accounts. `serves` says which domains are ours.
    pub fn check(self, serves: impl FnOnce(&Domain) -> bool) -> Result<ReadyAccount, Unfit> {
        let domain = Domain::parse(&self.domain).ok().filter(serves).ok_or(Unfit::Domain)?;
        let username = Username::prepare(&self.username).map_err(|_| Unfit::Name)?;
        Ok(ReadyAccount {
            domain,
            username,
            secret: self.secret.check()?,
            is_disabled: self.is_disabled,
            email: self.email.as_deref().and_then(|email| Email::parse(email).ok()),
        })
    }
}

impl ForeignSecret {
    fn check(self) -> Result<ReadySecret, Unfit> {
        let keys = match self {
            Self::Password(password) => {
                return match Password::prepare(password.expose_secret()) {
                    Ok(password) => Ok(ReadySecret::Password(password)),
                    Err(PasswordProblem::Missing) => Err(Unfit::NoSecret),
                    Err(_) => Err(Unfit::Password),
                };
            }
            Self::Keys(keys) => keys,
        };
        let mut usable = ScramSet::new();
        let mut problem = Unfit::NoSecret;
        for keys in &keys {
            match keys.check() {
                Ok(keys) if usable.iter().any(|other| other.mechanism == keys.mechanism) => {}
                Ok(keys) => usable.push(keys),
                // Damaged keys beside sound ones would be found out at a login only.
                Err(Unfit::Keys) => return Err(Unfit::Keys),
                Err(other) => problem = other,
            }
        }
        if usable.is_empty() { Err(problem) } else { Ok(ReadySecret::Keys(usable)) }
    }
}

impl Zeroize for ForeignKeys {
    fn zeroize(&mut self) {
        for bytes in [&mut self.salt, &mut self.stored_key, &mut self.server_key] {
            bytes.zeroize();
        }
    }
}

impl Drop for ForeignKeys {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl fmt::Debug for ForeignKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignKeys({}, ..)", self.mechanism)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(mechanism: &str, length: usize) -> ForeignKeys {
        ForeignKeys {
            mechanism: mechanism.to_owned(),
            iterations: 4096,
            salt: vec![0, 255],
            stored_key: vec![1; length],
            server_key: vec![2; length],
        }
    }

    fn check(username: &str, secret: ForeignSecret) -> Result<ReadyAccount, Unfit> {
        let account = ForeignAccount {
            domain: "Chat.example".to_owned(),
            username: username.to_owned(),
            secret,
            is_disabled: false,
            email: Some("not an address".to_owned()),
        };
        account.check(|domain| domain.as_str() == "chat.example")
    }

    fn with_keys(keys: Vec<ForeignKeys>) -> Result<Vec<Mechanism>, Unfit> {
        check("alice", ForeignSecret::Keys(keys)).map(|account| match account.secret {
            ReadySecret::Keys(keys) => keys.iter().map(|keys| keys.mechanism).collect(),
            ReadySecret::Password(_) => Vec::new(),
        })
    }

    #[test]
    fn names_are_prepared_and_the_policy_for_new_names_and_passwords_is_not_asked() {
        let password = |text: &str| ForeignSecret::Password(SecretString::from(text));
        let account = check("ADMIN", password("x")).unwrap();
        assert_eq!((account.domain.as_str(), account.username.as_str()), ("chat.example", "admin"));
        assert_eq!(account.email, None);
        assert_eq!(check("a b", password("x")).unwrap_err(), Unfit::Name);
        assert_eq!(check("alice", password("")).unwrap_err(), Unfit::NoSecret);
        assert_eq!(check("alice", password("\u{7}")).unwrap_err(), Unfit::Password);
    }

    #[test]
    fn a_domain_that_is_not_served_is_told() {
        let account = ForeignAccount {
            domain: "elsewhere.example".to_owned(),
            username: "alice".to_owned(),
            secret: ForeignSecret::Keys(vec![keys("SCRAM-SHA-1", 20)]),
            is_disabled: false,
            email: None,
        };
        assert_eq!(account.check(|_| false).unwrap_err(), Unfit::Domain);
    }

    #[test]
    fn the_mechanisms_that_are_kept_here_are_taken_and_others_left() {
        assert_eq!(
            with_keys(vec![keys("SCRAM-SHA-512", 64), keys("SCRAM-SHA-1", 20), keys("SCRAM-SHA-256", 32)]),
            Ok(Mechanism::ALL.to_vec())
        );
        assert_eq!(with_keys(vec![keys("SCRAM-SHA-1", 20); 2]), Ok(vec![Mechanism::ScramSha1]));
        assert_eq!(
            with_keys(vec![keys("SCRAM-SHA-512", 64)]),
            Err(Unfit::Mechanism("SCRAM-SHA-512".to_owned()))
        );
        assert_eq!(with_keys(Vec::new()), Err(Unfit::NoSecret));
    }

    #[test]
    fn keys_that_cannot_be_right_or_cost_too_much_are_refused() {
        let change = |change: fn(&mut ForeignKeys)| {
            let mut keys = keys("SCRAM-SHA-1", 20);
            change(&mut keys);
            with_keys(vec![keys])
        };
        for bad in [
            |keys: &mut ForeignKeys| keys.iterations = 0,
            |keys: &mut ForeignKeys| keys.iterations = 1_000_001,
            |keys: &mut ForeignKeys| keys.iterations = 1 << 32,
            |keys: &mut ForeignKeys| keys.salt.clear(),
            |keys: &mut ForeignKeys| keys.salt = vec![1; 129],
            |keys: &mut ForeignKeys| keys.stored_key.push(0),
            |keys: &mut ForeignKeys| keys.server_key.truncate(19),
        ] {
            assert_eq!(change(bad), Err(Unfit::Keys));
        }
        assert_eq!(change(|keys| keys.iterations = 1_000_000), Ok(vec![Mechanism::ScramSha1]));
    }
}
