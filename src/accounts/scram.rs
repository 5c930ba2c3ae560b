//! The server's side of a SCRAM exchange (RFC 5802, RFC 7677) over keys that are kept instead of the password. Without channel binding:
//! whoever asks has ended the client's TLS somewhere else.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::ScramKeys;

/// Most bytes of a client's message; a name has 1023 at most (RFC 7622 §3.3), escapes make three of one.
const MOST: usize = 4096;

/// What a client begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst {
    /// The name as given, not prepared.
    pub username: String,
    gs2_header: String,
    bare: String,
    nonce: String,
}

/// An exchange that waits for the client's proof.
#[derive(Debug)]
pub struct ScramExchange {
    keys: ScramKeys,
    gs2_header: String,
    /// Both first messages, as they are signed.
    said: String,
    nonce: String,
}

/// Why a client's message is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScramProblem {
    /// Not in the form that RFC 5802 §7 gives it, or not what this exchange needs.
    #[error("malformed")]
    Malformed,
    /// The client wants to act as somebody else, or to bind a channel that is none of ours.
    #[error("unsupported")]
    Unsupported,
    /// The proof is wrong: not the password of this account.
    #[error("wrong proof")]
    WrongProof,
}

impl ClientFirst {
    /// Reads the client's first message.
    pub fn parse(message: &[u8]) -> Result<Self, ScramProblem> {
        let text = text(message)?;
        let (flag, rest) = text.split_once(',').ok_or(ScramProblem::Malformed)?;
        let (authzid, bare) = rest.split_once(',').ok_or(ScramProblem::Malformed)?;
        match flag {
            // `y`: it could bind the channel, and saw that we do not offer it.
            "n" | "y" => {}
            _ if flag.starts_with("p=") => return Err(ScramProblem::Unsupported),
            _ => return Err(ScramProblem::Malformed),
        }
        if !authzid.is_empty() {
            return Err(ScramProblem::Unsupported);
        }
        // A mandatory extension would come first, and we know none (RFC 5802 §5.1, `m=`).
        let mut parts = bare.split(',');
        let name = parts.next().and_then(|part| part.strip_prefix("n=")).ok_or(ScramProblem::Malformed)?;
        let nonce = parts.next().and_then(|part| part.strip_prefix("r=")).ok_or(ScramProblem::Malformed)?;
        if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScramProblem::Malformed);
        }
        Ok(Self {
            username: unescape(name)?,
            gs2_header: format!("{flag},,"),
            bare: bare.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    /// Goes on with the keys of the account; gives the exchange and the server's first message. `ours` makes the nonce one that was never
    /// used before.
    pub fn answer(self, keys: ScramKeys, ours: [u8; 18]) -> (ScramExchange, String) {
        let nonce = format!("{}{}", self.nonce, STANDARD.encode(ours));
        let answer = format!("r={nonce},s={},i={}", STANDARD.encode(keys.salt.as_bytes()), keys.iterations);
        let said = format!("{},{answer}", self.bare);
        (ScramExchange { keys, gs2_header: self.gs2_header, said, nonce }, answer)
    }
}

impl ScramExchange {
    /// Checks the client's proof; gives the server's last message, which proves that we have the keys.
    pub fn finish(self, message: &[u8]) -> Result<String, ScramProblem> {
        let text = text(message)?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(ScramProblem::Malformed)?;
        let mut parts = without_proof.split(',');
        let binding = parts.next().and_then(|part| part.strip_prefix("c=")).ok_or(ScramProblem::Malformed)?;
        let nonce = parts.next().and_then(|part| part.strip_prefix("r=")).ok_or(ScramProblem::Malformed)?;
        if binding != STANDARD.encode(&self.gs2_header) || nonce != self.nonce {
            return Err(ScramProblem::Malformed);
        }
        let proof = STANDARD.decode(proof).map_err(|_| ScramProblem::Malformed)?;
        let signed = format!("{},{without_proof}", self.said);
        let mut client_key = Zeroizing::new(self.keys.client_signature(signed.as_bytes()));
        if proof.len() != client_key.len() {
            return Err(ScramProblem::Malformed);
        }
        client_key.iter_mut().zip(&proof).for_each(|(key, proof)| *key ^= proof);
        if self.keys.is_client_key(&client_key).into() {
            Ok(format!("v={}", STANDARD.encode(self.keys.server_signature(signed.as_bytes()))))
        } else {
            Err(ScramProblem::WrongProof)
        }
    }
}

fn text(message: &[u8]) -> Result<&str, ScramProblem> {
    let message = Some(message).filter(|message| message.len() <= MOST).ok_or(ScramProblem::Malformed)?;
    std::str::from_utf8(message).map_err(|_| ScramProblem::Malformed)
}

/// `=2C` is a comma and `=3D` an equals sign; nothing else may stand after one (RFC 5802 §5.1).
fn unescape(name: &str) -> Result<String, ScramProblem> {
    let mut pieces = name.split('=');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (sign, rest) = match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (_, Some(rest)) => ('=', rest),
            (None, None) => return Err(ScramProblem::Malformed),
        };
        out.push(sign);
        out.push_str(rest);
    }
    Some(out).filter(|name| !name.is_empty()).ok_or(ScramProblem::Malformed)
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha1::Sha1;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::accounts::{Mechanism, Salt};

    const SALT: &str = "QSXCR+Q6sek8bf92";

    fn keys(mechanism: Mechanism) -> ScramKeys {
        ScramKeys::derive(mechanism, "pencil", Salt::new(SALT.as_bytes()).unwrap(), 64)
    }

    fn mac<M: Mac + KeyInit>(key: &[u8], text: &str) -> Vec<u8> {
        <M as KeyInit>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
    }

    /// What a client does (RFC 5802 §3), written apart from what a server does: its last message, and what it expects to hear.
    fn client<M: Mac + KeyInit, H: Digest>(
        salted: &[u8],
        bare: &str,
        heard: &str,
        header: &str,
    ) -> (String, String) {
        let nonce = heard.strip_prefix("r=").unwrap().split(',').next().unwrap();
        let last = format!("c={},r={nonce}", STANDARD.encode(header));
        let signed = format!("{bare},{heard},{last}");
        let key = mac::<M>(salted, "Client Key");
        let signature = mac::<M>(&H::digest(&key), &signed);
        let proof: Vec<u8> = key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let expected = mac::<M>(&mac::<M>(salted, "Server Key"), &signed);
        (format!("{last},p={}", STANDARD.encode(proof)), format!("v={}", STANDARD.encode(expected)))
    }

    fn says(mechanism: Mechanism, password: &str, bare: &str, heard: &str, header: &str) -> (String, String) {
        let (password, salt) = (password.as_bytes(), SALT.as_bytes());
        match mechanism {
            Mechanism::ScramSha1 => {
                let mut salted = [0; 20];
                pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, 64, &mut salted);
                client::<Hmac<Sha1>, Sha1>(&salted, bare, heard, header)
            }
            Mechanism::ScramSha256 => {
                let mut salted = [0; 32];
                pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, 64, &mut salted);
                client::<Hmac<Sha256>, Sha256>(&salted, bare, heard, header)
            }
        }
    }

    #[test]
    fn the_right_password_is_proven_both_ways_and_a_wrong_one_is_not() {
        for mechanism in Mechanism::ALL {
            for header in ["n,,", "y,,"] {
                let bare = "n=al=2Cice=3D,r=abc";
                let begin = || ClientFirst::parse(format!("{header}{bare}").as_bytes()).unwrap();
                assert_eq!(begin().username, "al,ice=");
                let (exchange, heard) = begin().answer(keys(mechanism), [1; 18]);
                assert!(heard.starts_with("r=abc") && heard.ends_with(",i=64"), "{heard}");
                let (last, expected) = says(mechanism, "pencil", bare, &heard, header);
                assert_eq!(exchange.finish(last.as_bytes()), Ok(expected));

                let (exchange, heard) = begin().answer(keys(mechanism), [1; 18]);
                let (last, _) = says(mechanism, "Pencil", bare, &heard, header);
                assert_eq!(exchange.finish(last.as_bytes()), Err(ScramProblem::WrongProof));
            }
        }
    }

    #[test]
    fn a_proof_counts_only_for_its_own_nonce_and_header() {
        let bare = "n=alice,r=abc";
        let begin =
            |ours| ClientFirst::parse(b"y,,n=alice,r=abc").unwrap().answer(keys(Mechanism::ScramSha1), ours);
        let (_, heard) = begin([1; 18]);
        let (last, _) = says(Mechanism::ScramSha1, "pencil", bare, &heard, "y,,");
        assert_eq!(
            begin([2; 18]).0.finish(last.as_bytes()),
            Err(ScramProblem::Malformed),
            "another exchange"
        );
        // Somebody in between has taken away what we could bind (RFC 5802 §6).
        let (last, _) = says(Mechanism::ScramSha1, "pencil", bare, &heard, "n,,");
        assert_eq!(begin([1; 18]).0.finish(last.as_bytes()), Err(ScramProblem::Malformed), "another header");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        use ScramProblem::{Malformed, Unsupported};
        for (message, problem) in [
            ("", Malformed),
            ("n,,n=alice", Malformed),
            ("n,,r=abc,n=alice", Malformed),
            ("n,,m=ext,n=alice,r=abc", Malformed),
            ("n,,n=,r=abc", Malformed),
            ("n,,n=al=2cice,r=abc", Malformed),
            ("n,,n=alice,r=", Malformed),
            ("n,,n=alice,r=a b", Malformed),
            ("x,,n=alice,r=abc", Malformed),
            ("p=tls-unique,,n=alice,r=abc", Unsupported),
            ("n,a=bob,n=alice,r=abc", Unsupported),
        ] {
            assert_eq!(ClientFirst::parse(message.as_bytes()), Err(problem), "{message}");
        }
        assert_eq!(ClientFirst::parse(&[b'n'; 5000]), Err(Malformed));
        let begin =
            || ClientFirst::parse(b"n,,n=alice,r=abc").unwrap().answer(keys(Mechanism::ScramSha1), [1; 18]);
        let nonce = begin().1.split(',').next().unwrap().to_owned();
        for last in ["", "c=biws", "c=biws,r=abc,p=AAAA", ",p=", "c=biws,p=AAAA"] {
            assert_eq!(begin().0.finish(last.as_bytes()), Err(Malformed), "{last}");
        }
        for proof in ["!", "", "AAAA"] {
            let last = format!("c=biws,{nonce},p={proof}");
            assert_eq!(begin().0.finish(last.as_bytes()), Err(Malformed), "{last}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_prove_anything(first in any::<Vec<u8>>(), last in any::<Vec<u8>>()) {
            let begun = ClientFirst::parse(&first).or_else(|_| ClientFirst::parse(b"n,,n=alice,r=abc"));
            let (exchange, _) = begun.unwrap().answer(keys(Mechanism::ScramSha256), [1; 18]);
            prop_assert!(exchange.finish(&last).is_err());
        }
    }
}
