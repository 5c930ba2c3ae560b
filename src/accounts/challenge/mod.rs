//! CAPTCHA challenges (XEP-0158) that nobody has to remember.
//!
//! A challenge is its identifier: the time it was made, the number of the question asked, a random nonce, and a tag
//! (HMAC-SHA-256) that binds them to the domain and to the network of the asker. What the picture shows and what work is to be done
//! are derived from the nonce with a key of ours, so the identifier gives nothing away, and any replica, before or after a
//! restart, on whatever stream the answer comes, can hold an answer against it. That each one counts once is left to the store
//! ([`Challenge::use_hash`]).
//!
//! One right answer is enough, whichever of the challenges it is for: who cannot see a picture answers the question, and a program
//! does the work.

mod policy;
mod question;
mod work;

use std::{fmt, net::IpAddr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::{Domain, Front, Keyring, LanguageTag, Origin, ProofHash, ProofKey};

pub use self::{
    policy::{BusyRule, CaptchaMode, CaptchaPolicy},
    question::{Question, QuestionProblem},
    work::{MOST_WORK_BITS, Work},
};

/// How long a challenge can be answered. People fill in a form meanwhile, some on a phone that loses its connection.
pub const CHALLENGE_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// How far the clock of the replica that made a challenge may be ahead.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// The characters of pictures: none that another one could be taken for when it is turned or crossed by a line.
pub const PICTURE_ALPHABET: &[u8] = b"ACDEFHJKLMNPRTUVWXY34679";

/// How many of them a picture shows.
pub const PICTURE_LENGTH: usize = 6;

/// Makes challenges and recognises them.
#[derive(Debug, Clone)]
pub struct ChallengeKey(ProofKey);

/// A challenge, made a moment ago or brought back.
#[derive(Clone)]
pub struct Challenge {
    identifier: String,
    expires_at: Timestamp,
    question: Option<Question>,
    /// Everything that is secret about it comes from here.
    secret: ProofKey,
}

/// Whom a challenge is for: it is worth nothing elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The domain that somebody wants an account on.
    pub domain: &'a Domain,
    /// What the domain asks.
    pub policy: &'a CaptchaPolicy,
    /// Who wants it.
    pub origin: &'a Origin,
}

/// What came back with a form, before anything was checked.
#[derive(Clone, Default)]
pub struct CaptchaAnswers {
    /// The identifier.
    pub challenge: String,
    /// The characters of the picture (`ocr`).
    pub picture: String,
    /// The answer to the question (`qa`).
    pub question: String,
    /// The outcome of the work (`SHA-256`).
    pub work: String,
    /// The address that the form was sent to; the work must be done for it or for the domain.
    pub sent_to: String,
    /// What the script of somebody else's CAPTCHA service has put into the form, where that stands in the place of a challenge.
    pub response: String,
}

/// Why an identifier is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeProblem {
    /// Not one of ours, or made for another domain, for somebody elsewhere, or for other questions than there are now.
    Unknown,
    /// Too old.
    TooLate,
}

/// What answers are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// At least one is right.
    Rightly,
    /// None of those given is right.
    Wrongly,
    /// None was given.
    NotAtAll,
}

/// Bytes of the parts of an identifier, which are 56 characters of base64url together: time in milliseconds, question, nonce, tag.
const TIME: usize = 6;
const QUESTION: usize = 2;
const NONCE: usize = 16;
const TAG: usize = 18;
const CLAIMS: usize = TIME + QUESTION + NONCE;

/// The number of a question that is not there.
const NO_QUESTION: u16 = u16::MAX;

impl ChallengeKey {
    /// The key of a service.
    pub fn new(keyring: &Keyring) -> Self {
        Self(keyring.proof_key("captcha"))
    }

    /// Makes a challenge for somebody. `nonce` must be random.
    pub fn issue(&self, to: Addressee<'_>, nonce: [u8; NONCE], now: Timestamp) -> Challenge {
        let number = self.choose_question(to.policy, &to.origin.language, &nonce);
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let mut claims = [0; CLAIMS];
        claims[..TIME].copy_from_slice(&milliseconds.to_be_bytes()[8 - TIME..]);
        claims[TIME..TIME + QUESTION].copy_from_slice(&number.unwrap_or(NO_QUESTION).to_be_bytes());
        claims[TIME + QUESTION..].copy_from_slice(&nonce);
        let question = number.and_then(|number| to.policy.questions.get(usize::from(number)));
        let tag = self.tag(&claims, question, to);
        let identifier = URL_SAFE_NO_PAD.encode([claims.as_slice(), &tag].concat());
        self.challenge(identifier, &nonce, milliseconds, question.cloned())
    }

    /// Recognises a challenge that somebody brings back.
    pub fn recognise(
        &self,
        identifier: &str,
        from: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Challenge, ChallengeProblem> {
        let unknown = ChallengeProblem::Unknown;
        let bytes: [u8; CLAIMS + TAG] = (identifier.len() == (CLAIMS + TAG) / 3 * 4)
            .then(|| URL_SAFE_NO_PAD.decode(identifier).ok()?.try_into().ok())
            .flatten()
            .ok_or(unknown)?;
        let (claims, tag) = bytes.split_first_chunk::<CLAIMS>().ok_or(unknown)?;
        let (time, rest) = claims.split_first_chunk::<TIME>().ok_or(unknown)?;
        let (number, nonce) = rest.split_first_chunk::<QUESTION>().ok_or(unknown)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| unknown)?;
        let question = match u16::from_be_bytes(*number) {
            NO_QUESTION => None,
            number => Some(from.policy.questions.get(usize::from(number)).ok_or(unknown)?),
        };
        if !bool::from(self.tag(claims, question, from).ct_eq(tag)) {
            return Err(unknown);
        }
        let milliseconds = time.iter().fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte));
        let challenge = self.challenge(identifier.to_owned(), &nonce, milliseconds, question.cloned());
        let made = challenge.expires_at.saturating_sub(CHALLENGE_LIFETIME).unwrap_or(Timestamp::MIN);
        if made.duration_since(now) > CLOCKS_DIFFER {
            return Err(unknown);
        }
        if now >= challenge.expires_at { Err(ChallengeProblem::TooLate) } else { Ok(challenge) }
    }

    fn challenge(
        &self,
        identifier: String,
        nonce: &[u8; NONCE],
        milliseconds: u64,
        question: Option<Question>,
    ) -> Challenge {
        let made = i64::try_from(milliseconds).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let expires_at = made.and_then(|made| made.checked_add(CHALLENGE_LIFETIME).ok());
        Challenge {
            identifier,
            expires_at: expires_at.unwrap_or(Timestamp::MIN),
            question,
            secret: ProofKey::new(*self.derive("secret", nonce).as_bytes()),
        }
    }

    /// A question in the asker's language, if there is one, else in that of the first question; which one, nobody can choose.
    fn choose_question(
        &self,
        policy: &CaptchaPolicy,
        language: &LanguageTag,
        nonce: &[u8; NONCE],
    ) -> Option<u16> {
        let in_language = |wanted: &str| -> Vec<usize> {
            let questions = policy.questions.iter().enumerate();
            questions.filter(|(_, question)| question.speaks(wanted)).map(|(number, _)| number).collect()
        };
        let mut fitting = in_language(language.as_str());
        if fitting.is_empty() {
            fitting = in_language(policy.questions.first()?.language().as_str());
        }
        let draw = number(&self.derive("question", nonce), 0);
        let index = usize::try_from(draw).unwrap_or(0) % fitting.len().max(1);
        u16::try_from(*fitting.get(index)?).ok().filter(|number| *number != NO_QUESTION)
    }

    fn derive(&self, what: &str, nonce: &[u8; NONCE]) -> ProofHash {
        self.0.hash(&[what, &URL_SAFE_NO_PAD.encode(nonce)])
    }

    fn tag(&self, claims: &[u8; CLAIMS], question: Option<&Question>, to: Addressee<'_>) -> [u8; TAG] {
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let question = question.map_or("", Question::text);
        let hash = self.0.hash(&["tag", &claims, question, to.domain.as_str(), &network(to.origin)]);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&hash.as_bytes()[..TAG]);
        tag
    }
}

impl Challenge {
    /// What comes back with the answers.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// From when on it cannot be answered.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What is noted when it has been used.
    pub fn use_hash(&self) -> ProofHash {
        self.secret.hash(&["use"])
    }

    /// The question, where there are questions.
    pub fn question(&self) -> Option<&str> {
        self.question.as_ref().map(Question::text)
    }

    /// The characters that its picture shows.
    pub fn picture_text(&self) -> String {
        let hash = self.secret.hash(&["picture"]);
        let character = |index| {
            let draw = usize::try_from(number(&hash, index)).unwrap_or(0);
            char::from(PICTURE_ALPHABET[draw % PICTURE_ALPHABET.len()])
        };
        (0..PICTURE_LENGTH).map(character).collect()
    }

    /// What its picture is drawn from: the same seed gives the same picture.
    pub fn picture_seed(&self) -> [u8; 32] {
        *self.secret.hash(&["drawing"]).as_bytes()
    }

    /// The work of that many bits.
    pub fn work(&self, bits: u32) -> Work {
        Work::new(number(&self.secret.hash(&["work"]), 0), bits)
    }

    /// Holds answers against it. One right answer is enough (XEP-0158 §3.2: no `<required/>`, one answer).
    pub fn answered(&self, answers: &CaptchaAnswers, from: Addressee<'_>) -> Answered {
        let CaptchaAnswers { challenge: _, response: _, picture, question, work: answer, sent_to } = answers;
        let policy = from.policy;
        if [picture, question, answer].into_iter().all(|given| given.trim().is_empty()) {
            return Answered::NotAtAll;
        }
        let seen = policy.picture && {
            let typed: String = picture.chars().take(64).filter(|c| !c.is_whitespace()).collect();
            typed.to_uppercase().as_bytes().ct_eq(self.picture_text().as_bytes()).into()
        };
        let known = self.question.as_ref().is_some_and(|asked| asked.accepts(question));
        let worked = policy.work_for(from.origin.front).is_some_and(|bits| {
            let work = self.work(bits);
            [from.domain.as_str(), sent_to].into_iter().any(|address| work.is_done(answer, address))
        });
        if seen || known || worked { Answered::Rightly } else { Answered::Wrongly }
    }
}

/// The `index`th number of a hash.
fn number(hash: &ProofHash, index: usize) -> u32 {
    let (numbers, _) = hash.as_bytes().as_chunks::<4>();
    numbers.get(index).map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// What somebody keeps over a reconnect: the neighbourhood of the address, since phones get a new one from the same provider;
/// the JID of somebody whose server vouches for it; nothing where nothing is known.
fn network(origin: &Origin) -> String {
    match (origin.address.map(|address| address.to_canonical()), &origin.jid) {
        (Some(IpAddr::V4(address)), _) => format!("v4 {:x}", address.to_bits() >> 8),
        (Some(IpAddr::V6(address)), _) => format!("v6 {:x}", address.to_bits() >> 80),
        (None, Some(jid)) if origin.front == Front::Component => format!("jid {jid}"),
        // A client that is not logged in and whose address the server does not know has a stream and nothing else.
        (None, _) => "unknown".to_owned(),
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({})", self.identifier)
    }
}

impl fmt::Debug for CaptchaAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaptchaAnswers(..)")
    }
}

#[cfg(test)]
mod tests;
