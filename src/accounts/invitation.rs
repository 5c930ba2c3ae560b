//! Invitations: tokens that let somebody register (XEP-0445, XEP-0401), and the links that carry them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{Domain, Email, ProofHash, ProofKey, Username};

/// The secret of an invitation: 128 random bits as 26 small letters and digits (Base 32, RFC 4648 §6), which need no escaping in
/// a URI and can be read out.
#[derive(Debug, Clone)]
pub struct InvitationToken(SecretString);

/// What invitations are good for on a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvitationMode {
    /// Nothing.
    Off,
    /// They let people in more easily than others.
    #[default]
    Optional,
    /// Nobody registers without one.
    Required,
}

/// How a domain invites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPolicy {
    /// What invitations are good for.
    pub mode: InvitationMode,
    /// How long an invitation works, where nothing else is said.
    pub lifetime: SignedDuration,
    /// How many a user may make in a week, over XMPP.
    pub per_user: u32,
    /// Bare JIDs of those who may make as many as they like, over XMPP, also for others' names.
    pub inviters: Vec<String>,
}

/// What an invitation is an invitation to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationKind {
    /// To get an account (XEP-0401, "Account Creation").
    Account,
    /// To become a contact of the inviter, with an account here or elsewhere (XEP-0401, "User Invitation").
    Contact,
}

/// An invitation as it is kept: without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Key in the store; the name by which the operator calls it.
    pub id: i64,
    /// The domain that it lets in to.
    pub domain: Domain,
    /// What it is an invitation to.
    pub kind: InvitationKind,
    /// The one name that can be registered with it; reserved while it is open.
    pub username: Option<Username>,
    /// An address that the invited person has proven; the account gets it and is active at once.
    pub email: Option<Email>,
    /// The bare JID of who invites, where that is a user.
    pub inviter: Option<String>,
    /// Whether the inviter and the new account get each other into their contact lists.
    pub subscribe: bool,
    /// What the operator noted.
    pub note: Option<String>,
    /// How many accounts may be made with it.
    pub uses: u32,
    /// How many have been made.
    pub used: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Whether an invitation lets somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Open,
    /// As many accounts as it allows have been made.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// The small letters and digits of Base 32, without those that look alike in capitals.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl InvitationToken {
    /// Characters of a token.
    pub const LENGTH: usize = 26;

    /// The token of 128 random bits.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(bytes);
        // 26 digits of five bits are 130: the last one carries two zero bits.
        let digit = |n: usize| {
            let shift = 123 - 5 * i64::try_from(n).unwrap_or_default();
            let five = if shift >= 0 { bits >> shift } else { bits << -shift };
            char::from(ALPHABET[usize::try_from(five & 31).unwrap_or_default()])
        };
        Self(SecretString::from((0..Self::LENGTH).map(digit).collect::<String>()))
    }

    /// Reads a token, in small or capital letters.
    pub fn parse(input: &str) -> Option<Self> {
        if input.len() != Self::LENGTH {
            return None;
        }
        let mut bits: u128 = 0;
        for (n, byte) in input.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|&letter| letter == byte.to_ascii_lowercase())?;
            let digit = u128::try_from(digit).ok()?;
            bits = if n < 25 {
                bits << 5 | digit
            } else if digit % 4 == 0 {
                bits << 3 | digit >> 2
            } else {
                return None;
            };
        }
        Some(Self::from_bytes(bits.to_be_bytes()))
    }

    /// Reads what a person pasted: a token, or a link with one in it.
    pub fn parse_pasted(input: &str) -> Option<Self> {
        let input = input.trim();
        if input.len() > 2048 {
            return None;
        }
        Self::parse(input).or_else(|| input.split(|c: char| !c.is_ascii_alphanumeric()).find_map(Self::parse))
    }

    /// The text, for the link.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl ProofKey {
    /// The hash under which an invitation is kept.
    pub fn hash_invitation(&self, token: &InvitationToken) -> ProofHash {
        self.hash(&["invitation", token.expose()])
    }
}

impl InvitationMode {
    /// Whether invitations are good for something.
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// The word used on the wire and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

impl Default for InvitationPolicy {
    fn default() -> Self {
        Self {
            mode: InvitationMode::default(),
            lifetime: SignedDuration::from_hours(7 * 24),
            per_user: 0,
            inviters: Vec::new(),
        }
    }
}

impl InvitationKind {
    /// The word used in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Contact => "contact",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Account, Self::Contact].into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Standing {
    /// The word used on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UsedUp => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Invitation {
    /// Whether it lets somebody in who asked for that at `asked`.
    pub fn standing(&self, asked: Timestamp) -> Standing {
        if self.revoked_at.is_some() {
            Standing::Revoked
        } else if self.used >= self.uses {
            Standing::UsedUp
        } else if self.expires_at <= asked {
            Standing::Expired
        } else {
            Standing::Open
        }
    }

    /// The link for programs (RFC 5122): XEP-0445 §2, XEP-0401 §4.1 and §4.4.
    pub fn uri(&self, token: &InvitationToken) -> String {
        let token = token.expose();
        match (self.kind, &self.inviter, &self.username) {
            (InvitationKind::Contact, Some(inviter), _) => {
                format!("xmpp:{}?roster;preauth={token};ibr=y", escaped(inviter))
            }
            (_, _, Some(username)) => {
                format!("xmpp:{}?register;preauth={token}", escaped(&format!("{username}@{}", self.domain)))
            }
            _ => format!("xmpp:{}?register;preauth={token}", escaped(self.domain.as_str())),
        }
    }
}

/// An address in a URI: what is not plain is escaped, on both sides of the `@`.
fn escaped(address: &str) -> String {
    let part = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    match address.split_once('@') {
        Some((local, domain)) => format!("{}@{}", part(local), part(domain)),
        None => part(address),
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            id: 1,
            domain: Domain::parse("example.com").unwrap(),
            kind: InvitationKind::Account,
            username: None,
            email: None,
            inviter: None,
            subscribe: false,
            note: None,
            uses: 1,
            used: 0,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1),
            revoked_at: None,
        }
    }

    #[test]
    fn links_are_those_of_xep_0445_and_xep_0401() {
        let token = InvitationToken::from_bytes([0; 16]);
        let end = format!("preauth={}", "a".repeat(26));
        let mut invitation = invitation();
        assert_eq!(invitation.uri(&token), format!("xmpp:example.com?register;{end}"));
        invitation.username = Some(Username::prepare("juliet").unwrap());
        assert_eq!(invitation.uri(&token), format!("xmpp:juliet@example.com?register;{end}"));
        invitation.username = None;
        invitation.inviter = Some("romeo@example.com".to_owned());
        assert_eq!(invitation.uri(&token), format!("xmpp:example.com?register;{end}"));
        invitation.kind = InvitationKind::Contact;
        assert_eq!(invitation.uri(&token), format!("xmpp:romeo@example.com?roster;{end};ibr=y"));
        invitation.inviter = Some("жанна#1@example.com".to_owned());
        assert!(
            invitation.uri(&token).starts_with("xmpp:%D0%B6%D0%B0%D0%BD%D0%BD%D0%B0%231@example.com?roster;")
        );
    }

    #[test]
    fn an_invitation_ends_by_use_time_or_revocation() {
        let mut invitation = invitation();
        let minute = |n| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(n);
        assert_eq!(invitation.standing(minute(59)), Standing::Open);
        assert_eq!(invitation.standing(minute(60)), Standing::Expired);
        invitation.used = 1;
        assert_eq!(invitation.standing(minute(1)), Standing::UsedUp);
        invitation.revoked_at = Some(minute(1));
        assert_eq!(invitation.standing(minute(1)), Standing::Revoked);
    }

    #[test]
    fn tokens_are_read_in_the_form_they_were_written_and_in_capitals() {
        let token = InvitationToken::from_bytes([255; 16]);
        assert_eq!(token.expose(), "77777777777777777777777774");
        assert_eq!(InvitationToken::parse(&token.expose().to_uppercase()).unwrap().expose(), token.expose());
        for bad in
            ["", "short", &"a".repeat(27), &"1".repeat(26), &format!("{}b", "a".repeat(25)), &"ä".repeat(13)]
        {
            assert!(InvitationToken::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_pasted_link_gives_its_token() {
        let token = InvitationToken::from_bytes([9; 16]);
        let text = token.expose();
        for pasted in [
            format!(" {text}\n"),
            format!("https://accounts.example/invite/{text}?lang=de"),
            format!("xmpp:juliet@example.com?register;preauth={text}"),
            format!("xmpp:romeo@example.com?roster;preauth={text};ibr=y"),
        ] {
            assert_eq!(InvitationToken::parse_pasted(&pasted).unwrap().expose(), text, "{pasted}");
        }
        assert!(InvitationToken::parse_pasted("https://accounts.example/invite/").is_none());
    }

    proptest! {
        #[test]
        fn every_token_comes_back(bytes: [u8; 16]) {
            let token = InvitationToken::from_bytes(bytes);
            prop_assert!(token.expose().bytes().all(|b| ALPHABET.contains(&b)) && token.expose().len() == 26);
            let read = InvitationToken::parse(token.expose()).unwrap();
            prop_assert_eq!(read.expose(), token.expose());
        }

        #[test]
        fn different_bits_are_different_tokens(one: [u8; 16], two: [u8; 16]) {
            let text = |bytes| InvitationToken::from_bytes(bytes).expose().to_owned();
            prop_assert_eq!(one == two, text(one) == text(two));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,60}") {
            if let Some(token) = InvitationToken::parse(&text) {
                prop_assert_eq!(token.expose(), text.to_lowercase());
            }
            let _ = InvitationToken::parse_pasted(&text);
        }
    }
}
