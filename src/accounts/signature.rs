//! Signed data forms (XEP-0348 0.3): OAuth 1.0 with HMAC-SHA1 over everything in the form.
//!
//! The one family of clients that signs (Waher's library) differs from the specification: it escapes UTF-16 units where the
//! specification escapes UTF-8, it sorts by a culture's order where the specification sorts by bytes, and it never signs the
//! address. Each of these is tried, so a right signature is one of at most [`Variant::MOST`] texts; anything else is wrong.

use std::{cmp::Ordering, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{ApiKeyId, ApiSecret};

/// The namespace that names the method (XEP-0348 §2), and the feature that tells it (§4).
pub const NS_SIGNATURE: &str = "urn:xmpp:xdata:signature:oauth1";

/// How far the clock of the one who signs may be from ours.
pub const CLOCK_MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// Most characters of a nonce. Clients send 32.
const LONGEST_NONCE: usize = 128;

/// The fields of the signature itself (XEP-0348 §2). The known clients sign only where the form has all eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OauthField {
    /// `1.0`.
    Version,
    /// `HMAC-SHA1`.
    SignatureMethod,
    /// Ours, see [`FormToken`](super::FormToken).
    Token,
    /// Ours, and not signed.
    TokenSecret,
    /// Chosen by the one who signs; works once.
    Nonce,
    /// When it was signed, in seconds since 1970.
    Timestamp,
    /// The API key.
    ConsumerKey,
    /// The signature.
    Signature,
}

/// A submitted form with a signature, right or wrong. It holds a password, and shows nothing of itself.
#[derive(Clone)]
pub struct SignedForm {
    /// Every field as submitted, the signature's own among them.
    fields: Vec<(String, Zeroizing<String>)>,
    /// What the form may have been addressed to.
    addresses: Vec<String>,
}

/// What a signature that may be right says of itself, before it is held against a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub key: ApiKeyId,
    /// What makes this signature different from all others of the key.
    pub nonce: String,
    /// When it was made.
    pub at: Timestamp,
    /// The token of the form.
    pub token: String,
}

/// One way in which a form may have been signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant<'a> {
    /// How characters beyond ASCII are written.
    pub escape: Escape,
    /// How the fields are sorted.
    pub order: FieldOrder,
    /// The address that was signed; empty where none was.
    pub to: &'a str,
}

/// How characters beyond ASCII are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As XEP-0348 §2 says: NFC, then the bytes of UTF-8.
    Utf8,
    /// As the known clients do: each unit of UTF-16 as one number. It cannot tell `€` from a blank followed by `AC`.
    Utf16,
}

/// How the fields of a form are sorted before they are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldOrder {
    /// By the bytes of their names (RFC 5849 §3.4.1.3.2).
    Bytes,
    /// As a culture sorts words: punctuation, digits, letters; capitals beside their small letters.
    Culture,
}

impl OauthField {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::Version,
        Self::SignatureMethod,
        Self::Token,
        Self::TokenSecret,
        Self::Nonce,
        Self::Timestamp,
        Self::ConsumerKey,
        Self::Signature,
    ];

    /// The name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "oauth_version",
            Self::SignatureMethod => "oauth_signature_method",
            Self::Token => "oauth_token",
            Self::TokenSecret => "oauth_token_secret",
            Self::Nonce => "oauth_nonce",
            Self::Timestamp => "oauth_timestamp",
            Self::ConsumerKey => "oauth_consumer_key",
            Self::Signature => "oauth_signature",
        }
    }

    /// What stands in it in a blank form, where we know it.
    pub const fn preset(self) -> Option<&'static str> {
        match self {
            Self::Version => Some("1.0"),
            Self::SignatureMethod => Some("HMAC-SHA1"),
            _ => None,
        }
    }
}

impl SignedForm {
    /// Takes the fields of a submitted form, if somebody has signed it: a client that does not know these fields sends them back
    /// empty, or not at all. `address` is what the form was sent to.
    pub fn of_fields(fields: impl IntoIterator<Item = (String, String)>, address: &str) -> Option<Self> {
        let fields = fields.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect();
        let form = Self { fields, addresses: vec![String::new(), address.to_owned()] };
        let given = |field| form.value(field).is_some_and(|value| !value.is_empty());
        (given(OauthField::Signature) || given(OauthField::ConsumerKey)).then_some(form)
    }

    /// What the signature says of itself; `None` for one that cannot be right, whatever the secret.
    pub fn claim(&self) -> Option<Claim> {
        let preset = |field: OauthField| field.preset() == self.value(field);
        let nonce = self.value(OauthField::Nonce)?;
        let plain = (1..=LONGEST_NONCE).contains(&nonce.len());
        let mut names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let once = names.windows(2).all(|pair| pair[0] != pair[1]);
        if !(preset(OauthField::Version) && preset(OauthField::SignatureMethod) && plain && once) {
            return None;
        }
        Some(Claim {
            key: ApiKeyId::parse(self.value(OauthField::ConsumerKey)?)?,
            nonce: nonce.to_owned(),
            at: Timestamp::from_second(self.value(OauthField::Timestamp)?.parse().ok()?).ok()?,
            token: self.value(OauthField::Token)?.to_owned(),
        })
    }

    /// Whether the signature is right in one of the [variants](Variant). Takes the same time whichever it is, and also when none is.
    pub fn is_signed_with(&self, secret: &ApiSecret, token_secret: &str) -> bool {
        let given = self.value(OauthField::Signature).unwrap_or_default().as_bytes();
        let mut right = subtle::Choice::from(0);
        for variant in self.variants() {
            right |= self.signature(variant, secret.expose(), token_secret).as_bytes().ct_eq(given);
        }
        right.into()
    }

    /// The ways in which this form may have been signed. The two escapes differ only where there is something beyond ASCII.
    pub fn variants(&self) -> impl Iterator<Item = Variant<'_>> {
        let ascii = self.fields.iter().all(|(name, value)| name.is_ascii() && value.is_ascii());
        let escapes: &[_] = if ascii { &[Escape::Utf8] } else { &[Escape::Utf8, Escape::Utf16] };
        escapes.iter().flat_map(move |&escape| {
            [FieldOrder::Bytes, FieldOrder::Culture].into_iter().flat_map(move |order| {
                self.addresses.iter().map(move |to| Variant { escape, order, to: to.as_str() })
            })
        })
    }

    /// The text of `oauth_signature` (XEP-0348 §2.5).
    pub fn signature(&self, variant: Variant<'_>, secret: &str, token_secret: &str) -> Zeroizing<String> {
        let key = Zeroizing::new(format!(
            "{}&{}",
            *variant.escape.apply(secret),
            *variant.escape.apply(token_secret)
        ));
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
        let mac = <Hmac<Sha1> as KeyInit>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
        let mac = mac.chain_update(self.base_string(variant).as_bytes()).finalize().into_bytes();
        variant.escape.apply(&STANDARD.encode(mac))
    }

    /// What is signed (XEP-0348 §2.2 to §2.4).
    fn base_string(&self, variant: Variant<'_>) -> Zeroizing<String> {
        let unsigned = [OauthField::TokenSecret.name(), OauthField::Signature.name()];
        let mut signed: Vec<_> =
            self.fields.iter().filter(|(name, _)| !unsigned.contains(&name.as_str())).collect();
        signed.sort_by(|(a, _), (b, _)| variant.order.compare(a, b));
        let mut pairs = Zeroizing::new(String::new());
        for (name, value) in signed {
            if !pairs.is_empty() {
                pairs.push('&');
            }
            pairs.push_str(&variant.escape.apply(name));
            pairs.push('=');
            pairs.push_str(&variant.escape.apply(value));
        }
        let to = variant.escape.apply(variant.to);
        Zeroizing::new(format!("submit&{}&{}", *to, *variant.escape.apply(&pairs)))
    }

    fn value(&self, field: OauthField) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field.name()).map(|(_, value)| value.as_str())
    }
}

impl Claim {
    /// Whether it was made so shortly ago, or so little ahead of our clock, that it counts.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() <= CLOCK_MARGIN
    }

    /// From when on nobody can use it any more, so that its nonce can be forgotten.
    pub fn useless_from(&self) -> Timestamp {
        self.at.checked_add(CLOCK_MARGIN + SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX)
    }
}

impl Variant<'_> {
    /// Most variants of one form.
    pub const MOST: usize = 8;
}

impl Escape {
    /// Percent-encodes everything but letters, digits, `-`, `.`, `_` and `~` (RFC 3986 §2.3).
    fn apply(self, text: &str) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |number: u16, shift: u16| char::from(DIGITS[usize::from(number >> shift & 15)]);
        let mut escaped = Zeroizing::new(String::with_capacity(text.len() * 3));
        let mut put = |unit: u16| match u8::try_from(unit).map(char::from) {
            Ok(plain) if plain.is_ascii_alphanumeric() || "-._~".contains(plain) => escaped.push(plain),
            _ => {
                escaped.push('%');
                // At least two digits, and no more than the number needs.
                for shift in [12, 8, 4, 0] {
                    if shift <= 4 || unit >> shift > 0 {
                        escaped.push(digit(unit, shift));
                    }
                }
            }
        };
        match self {
            Self::Utf8 => text.nfc().for_each(|c| {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| put(u16::from(byte)));
            }),
            Self::Utf16 => text.encode_utf16().for_each(put),
        }
        escaped
    }
}

impl FieldOrder {
    fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Bytes => a.cmp(b),
            Self::Culture => a.chars().map(weight).cmp(b.chars().map(weight)).then_with(|| b.cmp(a)),
        }
    }
}

/// Where a culture puts a character of a name: punctuation, digits, letters whatever their case.
fn weight(c: char) -> (u8, char) {
    let class = if c.is_alphabetic() { 2 } else { u8::from(c.is_numeric()) };
    (class, c.to_ascii_lowercase())
}

impl fmt::Debug for SignedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedForm(..)")
    }
}

#[cfg(test)]
mod tests;
