//! One row of ejabberd's table of accounts, wherever it was kept.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

use crate::accounts::{ForeignKeys, ForeignSecret};

/// Rows; an error ends them.
pub type Rows = Box<dyn Iterator<Item = anyhow::Result<Row>>>;

/// A row.
#[derive(Debug)]
pub struct Row {
    /// The domain, where the database holds several.
    pub domain: Option<String>,
    /// The name.
    pub username: String,
    /// What proves the password.
    pub secret: Secret,
}

/// What proves a password.
#[derive(Debug)]
pub enum Secret {
    /// The password itself.
    Password(SecretString),
    /// Keys.
    Keys(ForeignKeys),
}

/// The cells of a row, as text.
#[derive(Debug, Default)]
pub struct Cells {
    /// `password`: the password, or the stored key.
    pub password: SecretString,
    /// `serverkey`.
    pub server_key: SecretString,
    /// `salt`.
    pub salt: SecretString,
    /// `iterationcount`.
    pub iterations: u64,
    /// `type`, of ejabberd 24.10 and newer.
    pub kind: Option<u64>,
}

impl Cells {
    /// What the cells say.
    pub fn secret(self) -> Secret {
        let stored = self.password.expose_secret();
        let is_plain = match self.kind {
            Some(kind) => kind == 1,
            None => self.iterations == 0 && self.salt.expose_secret().is_empty(),
        };
        if is_plain {
            return Secret::Password(self.password);
        }
        // Before there was a column for it, the mechanism was written before the key; not, for the first one.
        let (hash, stored) = match stored.split_once(':') {
            Some((hash, key)) => (hash, key),
            None => ("", stored),
        };
        let mechanism = match (self.kind, hash) {
            (Some(2), _) | (None, "" | "sha") => "SCRAM-SHA-1",
            (Some(3), _) | (None, "sha256") => "SCRAM-SHA-256",
            (Some(4), _) | (None, "sha512") => "SCRAM-SHA-512",
            _ => "of an unknown kind",
        };
        Secret::Keys(keys(
            mechanism,
            stored.as_bytes(),
            self.server_key.expose_secret().as_bytes(),
            self.salt.expose_secret().as_bytes(),
            self.iterations,
        ))
    }
}

/// Keys in base64. What cannot be read stays empty, and the account is found unfit for it.
pub fn keys(mechanism: &str, stored: &[u8], server: &[u8], salt: &[u8], iterations: u64) -> ForeignKeys {
    let bytes = |base64| STANDARD.decode(base64).unwrap_or_default();
    let mut keys = ForeignKeys::empty(mechanism.to_owned());
    keys.stored_key = bytes(stored);
    keys.server_key = bytes(server);
    keys.salt = bytes(salt);
    keys.iterations = iterations;
    keys
}

/// What the rows of one account say together. The password itself wins.
pub fn secret(rows: Vec<Row>) -> ForeignSecret {
    let mut all = Vec::new();
    for row in rows {
        match row.secret {
            Secret::Password(password) => return ForeignSecret::Password(password),
            Secret::Keys(keys) => all.push(keys),
        }
    }
    ForeignSecret::Keys(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(password: &str, iterations: u64, kind: Option<u64>) -> Cells {
        let salt = if iterations > 0 { "AP8=" } else { "" };
        Cells { password: password.into(), server_key: salt.into(), salt: salt.into(), iterations, kind }
    }

    #[test]
    fn the_kind_of_a_row_is_told_by_its_column_or_by_what_stands_before_the_key() {
        for (password, iterations, kind, mechanism) in [
            ("AQI=", 4096, None, "SCRAM-SHA-1"),
            ("sha256:AQI=", 4096, None, "SCRAM-SHA-256"),
            ("sha512:AQI=", 4096, None, "SCRAM-SHA-512"),
            ("md5:AQI=", 4096, None, "of an unknown kind"),
            ("AQI=", 4096, Some(2), "SCRAM-SHA-1"),
            ("AQI=", 4096, Some(3), "SCRAM-SHA-256"),
            ("AQI=", 4096, Some(4), "SCRAM-SHA-512"),
            ("AQI=", 4096, Some(9), "of an unknown kind"),
        ] {
            let Secret::Keys(keys) = cells(password, iterations, kind).secret() else { panic!("keys") };
            assert_eq!(
                (keys.mechanism.as_str(), &keys.stored_key[..]),
                (mechanism, &[1, 2][..]),
                "{password}"
            );
        }
        for (password, kind) in [("a:b", None), ("a:b", Some(1))] {
            let Secret::Password(read) = cells(password, 0, kind).secret() else { panic!("a password") };
            assert_eq!(read.expose_secret(), "a:b");
        }
    }
}
