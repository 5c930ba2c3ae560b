//! What the SCRAM keys of an account look like to somebody who begins a login: the server tells mechanism, rounds and salt before any
//! proof (RFC 5802 §5). Accounts that were taken over keep the rounds and salts of the server that they come from, so names without
//! account must sometimes look like that, too, or the look would tell who is there.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{Domain, Mechanism, ProofKey, Salt, ScramKeys, ScramSet, Username};

/// What can be seen of one account's keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScramLook(Vec<KeysLook>);

/// What can be seen of the keys for one mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct KeysLook {
    mechanism: Mechanism,
    iterations: u32,
    salt: SaltLook,
}

/// What a salt is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SaltLook {
    /// The text of a random UUID, as Prosody makes them.
    Uuid,
    /// Base64 text of so many characters, as we make them.
    Base64(u8),
    /// So many bytes of any kind, as ejabberd makes them.
    Bytes(u8),
}

impl ScramLook {
    /// What these keys look like.
    pub fn of(keys: &[ScramKeys]) -> Self {
        Self(
            keys.iter()
                .map(|keys| KeysLook {
                    mechanism: keys.mechanism,
                    iterations: keys.iterations,
                    salt: SaltLook::of(keys.salt.as_bytes()),
                })
                .collect(),
        )
    }

    /// What new keys of ours look like.
    pub fn own(iterations: u32) -> Self {
        let salt = SaltLook::of(ScramKeys::salt_from(&[0; 16]).as_bytes());
        Self(Mechanism::ALL.map(|mechanism| KeysLook { mechanism, iterations, salt }).to_vec())
    }

    /// What the keys of a name without account look like: for half of the names like our own (`None`), for the others like those that
    /// were taken over, each look as often as it was seen there. The same at every question, as long as nothing more is taken over.
    pub fn for_nobody<'l>(
        looks: &'l [(Self, u64)],
        key: &ProofKey,
        domain: &Domain,
        username: &Username,
    ) -> Option<&'l Self> {
        let total: u64 = looks.iter().map(|(_, accounts)| *accounts).sum();
        let mut number = key.hash(&["look", domain.as_str(), username.as_str()]).number();
        if total == 0 || number.is_multiple_of(2) {
            return None;
        }
        number = (number / 2) % total;
        let chosen = looks.iter().find(|(_, accounts)| {
            let here = number < *accounts;
            number = number.saturating_sub(*accounts);
            here
        });
        chosen.map(|(look, _)| look)
    }

    /// Keys that look like this, for a name that has no account: the same at every question, and no password proves them.
    pub fn made_up(&self, key: &ProofKey, domain: &Domain, username: &Username) -> ScramSet {
        self.0.iter().map(|look| look.made_up(key, domain, username)).collect()
    }

    /// As it is stored.
    pub fn stored(&self) -> String {
        // Numbers and words of our own: there is nothing to fail on, and an empty text would be refused when read.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what was stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl KeysLook {
    fn made_up(self, key: &ProofKey, domain: &Domain, username: &Username) -> ScramKeys {
        let part = |what: &str| {
            *key.hash(&[what, self.mechanism.as_str(), domain.as_str(), username.as_str()]).as_bytes()
        };
        let length = self.mechanism.key_length();
        ScramKeys {
            mechanism: self.mechanism,
            iterations: self.iterations,
            salt: Salt::from_bytes(self.salt.made_up(part)),
            stored_key: part("stored key")[..length].to_vec(),
            server_key: part("server key")[..length].to_vec(),
        }
    }
}

impl SaltLook {
    fn of(salt: &[u8]) -> Self {
        let length = u8::try_from(salt.len()).unwrap_or(u8::MAX);
        let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if is_uuid(salt) {
            Self::Uuid
        } else if salt.iter().all(base64) {
            Self::Base64(length)
        } else {
            Self::Bytes(length)
        }
    }

    fn made_up(self, part: impl Fn(&str) -> [u8; 32]) -> Vec<u8> {
        // One hash is 32 bytes, and a salt can be longer.
        let bytes = |length: u8| {
            let rest = (1..length.div_ceil(32)).flat_map(|number| part(&format!("salt {number}")));
            part("salt").into_iter().chain(rest).take(usize::from(length)).collect::<Vec<u8>>()
        };
        match self {
            Self::Bytes(length) => bytes(length),
            Self::Base64(length) => {
                let mut text = STANDARD_NO_PAD.encode(bytes(length)).into_bytes();
                text.truncate(usize::from(length));
                text
            }
            Self::Uuid => uuid(&part("salt")),
        }
    }
}

/// The text of a random UUID (RFC 9562 §5.4).
fn uuid(random: &[u8; 32]) -> Vec<u8> {
    let mut text = Vec::with_capacity(36);
    for place in 0..36usize {
        let digit = |number: u8| b"0123456789abcdef"[usize::from(number)];
        // A byte for each digit, of the 32 that there are.
        let nibble = random[place % 32] & 15;
        text.push(match place {
            8 | 13 | 18 | 23 => b'-',
            14 => b'4',
            19 => digit(8 + nibble % 4),
            _ => digit(nibble),
        });
    }
    text
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ProofKey {
        ProofKey::new([7; 32])
    }

    fn domain() -> Domain {
        Domain::parse("chat.example").unwrap()
    }

    fn name(text: &str) -> Username {
        Username::prepare(text).unwrap()
    }

    /// Keys with a salt of each kind that servers make.
    fn kinds() -> Vec<ScramKeys> {
        let salts: [&[u8]; 4] = [
            b"0b2a4c6e-1f3d-4a5b-8c7d-9e0f1a2b3c4d",
            &[0, 255, 1, 254, 2, 253, 3, 252, 4, 251, 5, 250, 6, 249, 7, 248],
            b"QSXCR+Q6sek8bf92xxxxxx",
            &[200; 100],
        ];
        salts
            .map(|salt| ScramKeys::derive(Mechanism::ScramSha1, "x", Salt::new(salt).unwrap(), 4096))
            .to_vec()
    }

    #[test]
    fn made_up_keys_look_like_those_that_they_are_made_after_and_differ_by_name_and_domain() {
        let (here, there) = (domain(), Domain::parse("b.example").unwrap());
        for keys in kinds() {
            let look = ScramLook::of(std::slice::from_ref(&keys));
            let made_up = look.made_up(&key(), &here, &name("nobody"));
            assert_eq!(ScramLook::of(&made_up), look, "{look:?}");
            assert_eq!(made_up[0].stored_key.len(), keys.stored_key.len());
            assert!(made_up == look.made_up(&key(), &here, &name("nobody")), "the same at every question");
            for other in
                [look.made_up(&key(), &there, &name("nobody")), look.made_up(&key(), &here, &name("no"))]
            {
                assert!(other[0].salt != made_up[0].salt && other[0].stored_key != made_up[0].stored_key);
            }
            assert_eq!(ScramLook::from_stored(&look.stored()), Some(look));
        }
    }

    #[test]
    fn our_own_look_is_that_of_keys_that_we_derive() {
        let keys = Mechanism::ALL
            .map(|mechanism| ScramKeys::derive(mechanism, "x", ScramKeys::salt_from(&[9; 16]), 64));
        assert_eq!(ScramLook::of(&keys), ScramLook::own(64));
    }

    #[test]
    fn names_without_account_get_each_look_as_often_as_it_was_seen() {
        let looks: Vec<_> = kinds().into_iter().take(2).map(|keys| ScramLook::of(&[keys])).collect();
        let seen = [(looks[0].clone(), 300), (looks[1].clone(), 100)];
        let (mut own, mut first, mut second) = (0, 0, 0);
        for number in 0..4000 {
            match ScramLook::for_nobody(&seen, &key(), &domain(), &name(&format!("nobody{number}"))) {
                None => own += 1,
                Some(look) if *look == looks[0] => first += 1,
                Some(_) => second += 1,
            }
        }
        assert!((1850..2150).contains(&own) && (1350..1650).contains(&first), "{own} {first} {second}");
        assert!((400..600).contains(&second), "{own} {first} {second}");
        assert_eq!(ScramLook::for_nobody(&[], &key(), &domain(), &name("nobody")), None);
    }
}
