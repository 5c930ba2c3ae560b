//! The name of an account on its domain: nodeprep for everybody (as the XMPP servers do), and the operator's policy for
//! new accounts.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use unicode_security::{GeneralSecurityProfile, MixedScript, confusable_detection::skeleton};

/// A local part in nodeprep form (RFC 6122 appendix A), the form in which Prosody and ejabberd look users up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(String);

/// Which characters the name of a new account may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// `a-z`, `0-9` and, inside, `.`, `_`, `-`: readable and typable everywhere.
    #[default]
    Ascii,
    /// Letters of one script that are in use today, the digits `0-9`, and the same joiners; but no name that looks like one in
    /// plain letters.
    Unicode,
}

/// What the name of a new account must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernamePolicy {
    /// Fewest characters.
    pub min_length: usize,
    /// Most characters.
    pub max_length: usize,
    /// The characters allowed.
    pub alphabet: Alphabet,
    /// Names nobody may take, nor a name that looks the same.
    pub reserved: Vec<String>,
}

/// Why a name cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsernameProblem {
    /// Nothing was given.
    Missing,
    /// A character that no XMPP address or this service's policy allows.
    Characters,
    /// Fewer characters than the policy asks for.
    TooShort,
    /// More characters than the policy allows.
    TooLong,
    /// On the list of reserved names, or looks like one of them.
    Reserved,
}

impl Default for UsernamePolicy {
    fn default() -> Self {
        Self { min_length: 2, max_length: 64, alphabet: Alphabet::Ascii, reserved: default_reserved() }
    }
}

/// Names that look official or that mail and web standards give a meaning (RFC 2142).
fn default_reserved() -> Vec<String> {
    [
        "abuse",
        "admin",
        "administrator",
        "broker",
        "hostmaster",
        "info",
        "mailer-daemon",
        "news",
        "noc",
        "noreply",
        "no-reply",
        "operator",
        "ostiary",
        "postmaster",
        "register",
        "registration",
        "root",
        "security",
        "service",
        "staff",
        "support",
        "system",
        "webmaster",
        "xmpp",
    ]
    .map(str::to_owned)
    .to_vec()
}

impl Username {
    /// Prepares a name for a look-up, without the policy: accounts that exist keep working when the policy changes.
    pub fn prepare(input: &str) -> Result<Self, UsernameProblem> {
        if input.is_empty() {
            return Err(UsernameProblem::Missing);
        }
        if input.len() > 1023 {
            return Err(UsernameProblem::TooLong);
        }
        let once = jid::NodePart::new(input).map_err(|_| UsernameProblem::Characters)?;
        // Characters from after Unicode 3.2 can turn into letters that have not been folded; a name must have one prepared form.
        if !input.is_ascii() && jid::NodePart::new(once.as_str()).ok().is_none_or(|twice| twice != once) {
            return Err(UsernameProblem::Characters);
        }
        Ok(Self(once.as_str().to_owned()))
    }

    /// Prepares the name of a new account and holds it against `policy`.
    pub fn choose(input: &str, policy: &UsernamePolicy) -> Result<Self, UsernameProblem> {
        // No other blanks than the server's own modules take off before they judge the name (`docs/link.md` §2).
        let name = Self::prepare(input.trim_ascii())?;
        let length = name.0.chars().count();
        if length < policy.min_length {
            return Err(UsernameProblem::TooShort);
        }
        if length > policy.max_length {
            return Err(UsernameProblem::TooLong);
        }
        if !policy.alphabet.allows(&name.0) {
            return Err(UsernameProblem::Characters);
        }
        if policy.reserves(&name.0) {
            return Err(UsernameProblem::Reserved);
        }
        Ok(name)
    }

    /// The prepared form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Alphabet {
    fn allows(self, name: &str) -> bool {
        let joiner = |c: char| matches!(c, '.' | '_' | '-');
        if name.starts_with(joiner) || name.ends_with(joiner) {
            return false;
        }
        match self {
            Self::Ascii => name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || joiner(c)),
            Self::Unicode => {
                // Letters that people write with (UTS 39 §3.1). Other digits look too much alike, across scripts and within one.
                let usual = |c: char| {
                    c.is_ascii_alphanumeric() || joiner(c) || (c.is_alphabetic() && c.identifier_allowed())
                };
                // Scripts mixed in one name are how look-alikes are made (UTS 39 §5.1); the others are names in letters of which
                // each has a double in ASCII (§4).
                let disguised = || !name.is_ascii() && skeleton(name).all(|c| c.is_ascii());
                name.chars().all(usual) && name.is_single_script() && !disguised()
            }
        }
    }
}

impl UsernamePolicy {
    fn reserves(&self, name: &str) -> bool {
        let mut shape = skeleton(name);
        let shape: String = shape.by_ref().collect();
        self.reserved.iter().any(|reserved| reserved == name || skeleton(reserved).eq(shape.chars()))
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::prepare(&text).map_err(|_| de::Error::custom("not a username"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, strategy::Strategy};

    use super::*;

    fn choose(input: &str) -> Result<String, UsernameProblem> {
        Username::choose(input, &UsernamePolicy::default()).map(|name| name.0)
    }

    #[test]
    fn names_are_prepared_as_the_servers_prepare_them() {
        for (given, kept) in [("Alice", "alice"), ("Straße", "strasse"), ("ﬁn", "fin"), ("Ⅳan", "ivan")]
        {
            assert_eq!(Username::prepare(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn the_default_policy_keeps_to_what_everybody_can_type() {
        assert_eq!(choose("Al.Ice-2"), Ok("al.ice-2".to_owned()));
        for bad in
            ["al ice", "a@b", "al/ice", "al'ice", "жанна", ".alice", "alice-", "a\u{202e}b", "al\u{0}ice"]
        {
            assert_eq!(choose(bad), Err(UsernameProblem::Characters), "{bad:?}");
        }
        assert_eq!(choose("a"), Err(UsernameProblem::TooShort));
        assert_eq!(choose(&"a".repeat(65)), Err(UsernameProblem::TooLong));
        assert_eq!(choose(&"a".repeat(2000)), Err(UsernameProblem::TooLong));
        assert_eq!(choose("  "), Err(UsernameProblem::Missing));
    }

    #[test]
    fn names_that_look_like_a_reserved_one_are_reserved() {
        let policy = UsernamePolicy { alphabet: Alphabet::Unicode, ..UsernamePolicy::default() };
        for name in ["admin", "Admin", "rooт"] {
            assert!(Username::choose(name, &policy).is_err(), "{name:?}");
        }
        assert_eq!(Username::choose("xrnpp", &policy), Err(UsernameProblem::Reserved));
        assert!(Username::choose("жанна", &policy).is_ok());
        assert_eq!(Username::choose("alіce", &policy), Err(UsernameProblem::Characters), "mixed scripts");
    }

    #[test]
    fn names_that_look_like_one_in_plain_letters_are_refused() {
        let policy = UsernamePolicy { alphabet: Alphabet::Unicode, ..UsernamePolicy::default() };
        let choose = |name: &str| Username::choose(name, &policy).map(|name| name.0);
        // Whole names in Cyrillic, Greek and Cherokee letters; a letter of another script; digits of other scripts.
        for name in ["сосо", "ѕсоре", "ορο", "ᎪᏢᏢᎬ", "pаypal", "α1٢", "اب١", "аdmin"]
        {
            assert_eq!(choose(name), Err(UsernameProblem::Characters), "{name:?}");
        }
        // Out of use, invisible, or turning the direction.
        for name in
            ["ſꟻab", "ab\u{2063}c", "al\u{2066}ice", "al\u{202e}ice", "al\u{200e}ice", "אב1", "a\u{5d0}b"]
        {
            assert!(choose(name).is_err(), "{name:?}");
        }
        for name in ["жанна", "γιώργος", "müller", "ñandú", "עמית", "سارة", "美咲", "さくら", "민준", "zoë-3"]
        {
            assert!(choose(name).is_ok(), "{name:?}");
        }
    }

    /// Names in the letters of several scripts, with what turns the direction, joins or hides between them.
    fn odd_names() -> impl proptest::strategy::Strategy<Value = String> {
        let odd = "[a-zA-Z0-9._ -]|[а-яё]|[α-ω]|[א-ת]|[ا-ي]|[٠-٩]|[\u{200b}-\u{200f}]|[\u{202a}-\u{202e}]|[\u{2060}-\u{206f}]|[\u{300}-\u{310}]|[ａ-ｚ]|\\PC";
        proptest::collection::vec(odd, 0..12).prop_map(|parts| parts.concat())
    }

    proptest::proptest! {
        #[test]
        fn what_may_be_chosen_is_plain_to_everybody(input in odd_names()) {
            for alphabet in [Alphabet::Ascii, Alphabet::Unicode] {
                let policy = UsernamePolicy { alphabet, ..UsernamePolicy::default() };
                let Ok(Username(name)) = Username::choose(&input, &policy) else { continue };
                prop_assert!((2..=64).contains(&name.chars().count()));
                prop_assert!(Username::choose(&name, &policy).is_ok_and(|again| again.0 == name));
                prop_assert!(name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-')), "{name:?}");
                prop_assert!(!name.chars().any(char::is_uppercase) && name.is_single_script(), "{name:?}");
                let plain = skeleton(&name).all(|c| c.is_ascii());
                prop_assert!(name.is_ascii() || (alphabet == Alphabet::Unicode && !plain), "{name:?}");
            }
        }

        #[test]
        fn a_letter_from_elsewhere_in_a_plain_name_is_refused(name in "[b-z]{3,10}", place in 0..3_usize, other in "[а-яα-ωא-ת\u{202a}-\u{202e}\u{2066}-\u{2069}]") {
            let policy = UsernamePolicy { alphabet: Alphabet::Unicode, reserved: Vec::new(), ..UsernamePolicy::default() };
            let mixed = format!("{}{other}{}", &name[..place], &name[place..]);
            prop_assert!(Username::choose(&mixed, &policy).is_err(), "{mixed:?}");
        }

        #[test]
        fn preparing_twice_changes_nothing(input in "(\\PC|\u{1f110}){0,40}") {
            if let Ok(name) = Username::prepare(&input) {
                assert_eq!(Username::prepare(name.as_str()).unwrap(), name);
            }
        }
    }
}
