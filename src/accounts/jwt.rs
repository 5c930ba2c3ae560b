//! The tokens of the Agent API: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 (RFC 7515, RFC 7518 §3.2). That is the only
//! algorithm: what a header says can refuse a token, and never choose how it is checked.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::{Domain, Keyring, Username};

/// The key that tokens are signed with.
pub struct TokenKey(SecretSlice<u8>);

/// How long a token may be used: 1 to 3600 seconds (account-apis §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLifetime(u16);

/// What our tokens say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: the domain of the account.
    pub issuer: Domain,
    /// `sub`: the name of the account.
    pub subject: Username,
    /// `jti`: what makes it another token than all others.
    pub id: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// A token with a right signature, in its parts. Whether it still counts is another question.
#[derive(Clone)]
pub struct SignedToken {
    /// The three parts as they were sent (RFC 7515 §3.1).
    parts: [String; 3],
    /// Every claim.
    all: Map<String, Value>,
    /// Ours.
    pub claims: Claims,
}

impl TokenKey {
    /// Wraps a key.
    pub fn new(key: &[u8]) -> Self {
        Self(SecretSlice::from(key.to_vec()))
    }

    fn mac(&self, input: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes any key");
        mac.chain_update(input.as_bytes())
    }

    /// Whether a token is signed with this key; its header and its payload, if so. Nothing in the payload is looked at before.
    fn open(&self, token: &str) -> Option<[Map<String, Value>; 2]> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, payload) = input.split_once('.')?;
        let header = object(header)?;
        // RFC 8725 §3.1; RFC 7515 §4.1.11: what must be understood, and is not, refuses the token.
        if header.get("alg")?.as_str()? != "HS256" || header.contains_key("crit") {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(input).verify_slice(&signature).ok()?;
        Some([header, object(payload)?])
    }
}

impl TokenLifetime {
    /// The most seconds.
    pub const MOST: u16 = 3600;

    /// The longest.
    pub const LONGEST: Self = Self(Self::MOST);

    /// A number of seconds that a token may be used for.
    pub fn from_seconds(seconds: u16) -> Option<Self> {
        (1..=Self::MOST).contains(&seconds).then_some(Self(seconds))
    }

    /// The seconds.
    pub fn seconds(self) -> u16 {
        self.0
    }
}

impl Claims {
    /// The claims of a token from now on; in whole seconds, as tokens have them.
    pub fn new(issuer: Domain, subject: Username, id: String, now: Timestamp, life: TokenLifetime) -> Self {
        let second = now.as_second();
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        let expires_at = at(second.saturating_add(i64::from(life.0)));
        Self { issuer, subject, id, issued_at: at(second), expires_at }
    }

    /// The token.
    pub fn sign(&self, key: &TokenKey) -> SecretString {
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let payload = json!({
            "iss": self.issuer, "sub": self.subject, "jti": self.id,
            "iat": self.issued_at.as_second(), "exp": self.expires_at.as_second(),
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(payload));
        let signature = URL_SAFE_NO_PAD.encode(key.mac(&input).finalize().into_bytes());
        SecretString::from(format!("{input}.{signature}"))
    }

    fn of_payload(payload: &Map<String, Value>) -> Option<Self> {
        let text = |name| payload.get(name)?.as_str();
        let time = |name| Timestamp::from_second(payload.get(name)?.as_i64()?).ok();
        Some(Self {
            issuer: Domain::parse(text("iss")?).ok()?,
            subject: Username::prepare(text("sub")?).ok()?,
            id: text("jti")?.to_owned(),
            issued_at: time("iat")?,
            expires_at: time("exp")?,
        })
    }
}

impl SignedToken {
    /// Most bytes of a token. Ours have less than a fourth of that, unless names are very long.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Reads a token of ours; `None` for everything that we have not signed.
    pub fn read(key: &TokenKey, token: &str) -> Option<Self> {
        if token.len() > Self::MAX_BYTES {
            return None;
        }
        let [_, payload] = key.open(token)?;
        let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        Some(Self { claims: Claims::of_payload(&payload)?, all: payload, parts: parts.try_into().ok()? })
    }

    /// Header, payload and signature in base64url.
    pub fn parts(&self) -> [&str; 3] {
        self.parts.each_ref().map(String::as_str)
    }

    /// Every claim in it.
    pub fn all_claims(&self) -> &Map<String, Value> {
        &self.all
    }

    /// Whether its time is not over (RFC 7519 §4.1.4).
    pub fn is_in_time(&self, now: Timestamp) -> bool {
        now < self.claims.expires_at
    }
}

impl Keyring {
    /// The key that signs tokens of `purpose`.
    pub fn token_key(&self, purpose: &str) -> TokenKey {
        TokenKey::new(self.proof_key("tokens").hash(&[purpose]).as_bytes())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

impl fmt::Debug for SignedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedToken").field("claims", &self.claims).finish_non_exhaustive()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.1.
    const RFC_KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const RFC_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn claims() -> Claims {
        Claims::new(
            Domain::parse("chat.example").unwrap(),
            Username::prepare("alice").unwrap(),
            "id-1".to_owned(),
            Timestamp::from_second(1_800_000_000).unwrap(),
            TokenLifetime::from_seconds(600).unwrap(),
        )
    }

    fn signed(header: &str, payload: &str, key: &TokenKey) -> String {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(key.mac(&input).finalize().into_bytes());
        format!("{input}.{signature}")
    }

    #[test]
    fn the_example_of_the_specification_is_signed_right() {
        let key = TokenKey::new(&URL_SAFE_NO_PAD.decode(RFC_KEY).unwrap());
        let [header, payload] = key.open(RFC_TOKEN).unwrap();
        assert_eq!(header["typ"], "JWT");
        assert_eq!((payload["iss"].as_str(), payload["exp"].as_i64()), (Some("joe"), Some(1_300_819_380)));
        assert!(TokenKey::new(b"another").open(RFC_TOKEN).is_none());
    }

    #[test]
    fn the_unsecured_example_of_the_specification_is_refused() {
        // RFC 7519 §6.1.
        let unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
        assert!(TokenKey::new(b"").open(unsecured).is_none());
    }

    #[test]
    fn a_token_of_ours_starts_as_clients_have_seen_it_and_reads_back() {
        let key = Keyring::new([1; 32]).token_key("agent");
        let token = claims().sign(&key);
        assert!(token.expose_secret().starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
        let read = SignedToken::read(&key, token.expose_secret()).unwrap();
        assert_eq!(read.claims, claims());
        assert_eq!(read.parts().join("."), token.expose_secret());
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        assert!(read.is_in_time(at(599)) && !read.is_in_time(at(600)));
        assert!(
            SignedToken::read(&Keyring::new([2; 32]).token_key("agent"), token.expose_secret()).is_none()
        );
        assert!(
            SignedToken::read(&Keyring::new([1; 32]).token_key("other"), token.expose_secret()).is_none()
        );
    }

    #[test]
    fn no_other_algorithm_and_no_unknown_demand_is_taken_even_with_a_right_signature() {
        let key = TokenKey::new(&[1; 32]);
        let payload = r#"{"iss":"chat.example","sub":"alice","jti":"1","iat":1,"exp":2}"#;
        assert!(SignedToken::read(&key, &signed(r#"{"alg":"HS256"}"#, payload, &key)).is_some());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":"HS256","crit":["exp"]}"#,
            r#"{"typ":"JWT"}"#,
            "[]",
        ] {
            assert!(SignedToken::read(&key, &signed(header, payload, &key)).is_none(), "{header}");
        }
        for payload in ["{}", r#"{"iss":"chat.example","sub":"alice","jti":"1","iat":1}"#, "1", "nonsense"] {
            assert!(SignedToken::read(&key, &signed(r#"{"alg":"HS256"}"#, payload, &key)).is_none());
        }
    }

    #[test]
    fn a_token_lives_an_hour_at_most() {
        assert!(
            [0, 3601, u16::MAX].into_iter().all(|seconds| TokenLifetime::from_seconds(seconds).is_none())
        );
        assert_eq!(TokenLifetime::from_seconds(3600).unwrap().seconds(), 3600);
    }

    proptest::proptest! {
        #[test]
        fn no_other_text_is_a_token(text in "[A-Za-z0-9_.=-]{0,200}", at in 0usize..400, with in "[A-Za-z0-9_.-]") {
            let key = TokenKey::new(&[1; 32]);
            proptest::prop_assert!(SignedToken::read(&key, &text).is_none());
            let token = claims().sign(&key);
            let mut changed = token.expose_secret().to_owned();
            let at = at % changed.len();
            changed.replace_range(at..=at, &with);
            let same = changed == token.expose_secret();
            proptest::prop_assert_eq!(SignedToken::read(&key, &changed).is_some(), same);
        }
    }
}
