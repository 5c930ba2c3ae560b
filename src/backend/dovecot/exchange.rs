//! What a person's client and we say to each other until it is proven who it is: PLAIN (RFC 4616) and SCRAM (RFC 5802).

use zeroize::Zeroizing;

use crate::{
    accounts::{ClientFirst, Domain, Front, Mechanism, Refusal, ScramExchange, ScramProblem, Username},
    backend::{Backend, question},
    broker::Failure,
    metrics, random,
};

/// An exchange that waits for the client.
#[derive(Debug)]
pub enum Exchange {
    /// For name and password.
    Plain,
    /// For its first message.
    Scram(Mechanism),
    /// For its proof.
    Proof(Box<Proof>),
}

/// Keys that wait for a proof, and what is told when it is right.
#[derive(Debug)]
pub struct Proof {
    mechanism: Mechanism,
    exchange: ScramExchange,
    user: Name,
    refusal: Option<Refusal>,
}

/// How an exchange goes on.
pub enum Step {
    /// The client has to say more.
    Ask(Exchange, String),
    /// It is proven who the client is.
    Yes {
        /// As the server wrote it: with the domain or without.
        user: String,
        /// Our last word, where the mechanism has one.
        last: Option<String>,
    },
    /// It is not; or it is, and the account may not log in.
    No { user: Option<Username>, refusal: Refusal },
    /// It could not be found out.
    Later,
}

impl Step {
    /// The word that it is counted under, where it is the end.
    pub const fn outcome(&self) -> Option<&'static str> {
        match self {
            Self::Ask(..) => None,
            Self::Yes { .. } => Some("yes"),
            Self::No { refusal: Refusal::TooMany { .. }, .. } => Some("too-many"),
            Self::No { .. } => Some("no"),
            Self::Later => Some("later"),
        }
    }
}

/// A name as a server sends it.
#[derive(Debug)]
struct Name {
    user: String,
    domain: Domain,
    /// Whether the domain came with the name; then it goes back with it.
    is_whole: bool,
}

impl Exchange {
    /// The beginning of one; `None` where there is no such mechanism.
    pub fn of(mechanism: &str, scram: bool) -> Option<Self> {
        if mechanism.eq_ignore_ascii_case("PLAIN") {
            return Some(Self::Plain);
        }
        let mut known = Mechanism::ALL.into_iter().filter(|_| scram);
        known.find(|known| mechanism.eq_ignore_ascii_case(known.as_str())).map(Self::Scram)
    }

    /// Goes on with what the client says.
    pub async fn step(self, backend: &Backend, heard: &[u8]) -> Step {
        match self {
            Self::Plain => plain(backend, heard).await,
            Self::Scram(mechanism) => question::named(backend, |_| scram(backend, mechanism, heard)).await,
            Self::Proof(proof) => proof.check(heard),
        }
    }
}

async fn plain(backend: &Backend, heard: &[u8]) -> Step {
    let Some((name, password)) = name_and_password(heard) else { return wrong(None) };
    let Some(name) = Name::read(backend, &name) else { return wrong(None) };
    question::named(backend, |origin| async move {
        match backend.broker.authenticate(&origin, &name.domain, &name.user, &password).await {
            Ok(username) => Step::Yes { user: name.told(&username), last: None },
            Err(failure) => failed(failure, Username::prepare(&name.user).ok()),
        }
    })
    .await
}

/// `authzid NUL authcid NUL password`. Nobody acts for somebody else.
fn name_and_password(heard: &[u8]) -> Option<(String, Zeroizing<String>)> {
    let mut parts = std::str::from_utf8(heard).ok()?.split('\0');
    let (authzid, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    let is_own = authzid.is_empty() || authzid == name;
    (is_own && parts.next().is_none()).then(|| (name.to_owned(), Zeroizing::new(password.to_owned())))
}

async fn scram(backend: &Backend, mechanism: Mechanism, heard: &[u8]) -> Step {
    let Ok(first) = ClientFirst::parse(heard) else { return wrong(None) };
    let Some(name) = Name::read(backend, &first.username) else { return wrong(None) };
    let credentials = match backend.broker.scram_credentials(&name.domain, &name.user).await {
        Ok(credentials) => credentials,
        Err(failure) => return failed(failure, None),
    };
    // None: SCRAM was switched on after this password was chosen.
    let Some(keys) = credentials.keys.iter().find(|keys| keys.mechanism == mechanism).cloned() else {
        return wrong(None);
    };
    let (exchange, answer) = first.answer(keys, random::bytes(&*backend.random));
    let user = Name { user: credentials.username.as_str().to_owned(), ..name };
    let proof = Proof { mechanism, exchange, user, refusal: credentials.refusal };
    Step::Ask(Exchange::Proof(Box::new(proof)), answer)
}

impl Proof {
    /// Why an account may not log in is told only to whoever has proven that it is theirs.
    fn check(self, heard: &[u8]) -> Step {
        let Self { mechanism, exchange, user, refusal } = self;
        let username = Username::prepare(&user.user).ok();
        let proven = exchange.finish(heard);
        let mechanism = match mechanism {
            Mechanism::ScramSha1 => "scram-sha-1",
            Mechanism::ScramSha256 => "scram-sha-256",
        };
        metrics::login(Front::Server, mechanism, if proven.is_ok() { "right" } else { "refused" });
        match (proven, username, refusal) {
            (Ok(_), username, Some(refusal)) => Step::No { user: username, refusal },
            (Ok(last), Some(username), None) => Step::Yes { user: user.told(&username), last: Some(last) },
            (Ok(_), None, None) => wrong(None),
            (
                Err(ScramProblem::WrongProof | ScramProblem::Malformed | ScramProblem::Unsupported),
                username,
                _,
            ) => wrong(username),
        }
    }
}

fn failed(failure: Failure, user: Option<Username>) -> Step {
    match question::expected(failure) {
        None | Some(Refusal::Busy { .. }) => Step::Later,
        Some(refusal) => Step::No { user, refusal },
    }
}

fn wrong(user: Option<Username>) -> Step {
    let refusal = Refusal::WrongPassword;
    metrics::refusal(Front::Server, refusal.code());
    Step::No { user, refusal }
}

impl Name {
    /// Where the operator has named a domain, names come without one, and one that brings its own is nobody's: a server that then cut the
    /// domain off would let somebody in under the name of somebody else.
    fn read(backend: &Backend, text: &str) -> Option<Self> {
        match (&backend.dovecot_domain, text.rsplit_once('@')) {
            (Some(domain), None) => {
                Some(Self { user: text.to_owned(), domain: domain.clone(), is_whole: false })
            }
            (None, Some((user, domain))) => {
                let domain = Domain::parse(domain).ok()?;
                Some(Self { user: user.to_owned(), domain, is_whole: true })
            }
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    fn told(&self, username: &Username) -> String {
        if self.is_whole { format!("{username}@{}", self.domain) } else { username.to_string() }
    }
}
