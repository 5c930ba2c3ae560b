//! `[keys]`: the key that lives outside of the database.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::Section,
    secret::{Secrets, secret},
};
use crate::accounts::Keyring;

/// The key that lives outside of the database.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The file that holds it.
    pub master_file: PathBuf,
    /// The keys made of it; `None` where the command did not ask for them.
    pub keyring: Option<Keyring>,
}

const MASTER_FILE: OptionDef = OptionDef {
    key: "master_file",
    allowed: "the path of a file with mode 0600 that holds 32 random bytes in base64 or hexadecimal digits",
    default: Fallback::Value("\"secrets/master.key\""),
    example: "\"secrets/master.key\"",
    doc: "The master key, made by `ostiary init`. SCRAM keys and letters are sealed with it, codes and links are hashed with it, so a stolen database is of no use without it. Back it up apart from the database; without it people must set new passwords to use SCRAM. The environment variable `OSTIARY_MASTER_KEY` takes its place.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "keys",
    times: Times::Once,
    doc: "The key that lives outside of the database.",
    options: &[&MASTER_FILE],
};

pub(super) fn read(section: &Section<'_>) -> Option<Keys> {
    let master_file = section.get(&MASTER_FILE, kinds::text).map(|path| section.path(&path))?;
    let keyring = match section.environment().secrets {
        Secrets::All | Secrets::MasterKey => {
            let keyring = keyring(&secret(section, &MASTER_FILE, "OSTIARY_MASTER_KEY")?);
            if keyring.is_none() {
                section.note(&MASTER_FILE, format!("is no key; allowed: {}", MASTER_FILE.allowed));
            }
            keyring
        }
        Secrets::Component | Secrets::None => None,
    };
    Some(Keys { master_file, keyring })
}

/// Reads 32 bytes in base64, or in hexadecimal digits as `openssl rand -hex 32` writes them.
fn keyring(text: &SecretString) -> Option<Keyring> {
    let text = text.expose_secret();
    let bytes = Zeroizing::new(match text.len() {
        64 => hexadecimal(text)?,
        _ => STANDARD.decode(text).ok()?,
    });
    Some(Keyring::new(bytes.as_slice().try_into().ok()?))
}

/// Bytes written as pairs of hexadecimal digits.
pub fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks(2).map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_in_either_form() {
        let hash =
            |text: &str| keyring(&SecretString::from(text)).map(|keys| keys.proof_key("x").hash(&["y"]));
        let hex = hash("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F");
        assert!(hex.is_some());
        assert!(hash("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=") == hex);
        for bad in ["", "abcd", "AAECAwQF", &"zz".repeat(32), &"00".repeat(31)] {
            assert!(hash(bad).is_none(), "{bad}");
        }
    }
}
