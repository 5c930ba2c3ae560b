//! The back end of XMPP servers that have no module of ours: they ask over protocols that they know already, each of which can say less than
//! ours (`docs/servers.md`).
//!
//! | protocol | asked by | file |
//! |---|---|---|
//! | HTTP authentication | Prosody's `mod_auth_http` and `mod_auth_http_async`, `MongooseIM` | `http.rs` |
//! | ejabberd's external authentication | `ostiary extauth` | `extauth.rs` |
//! | Dovecot authentication protocol | Prosody's `mod_auth_dovecot` | `dovecot/` |
//!
//! What they can ask is in `question.rs`, once.

mod dovecot;
mod extauth;
mod http;
mod question;

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use axum::serve::Listener;
use secrecy::SecretString;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::{Domain, Refusal},
    broker::Broker,
    random::Random,
    text::{Help, Texts},
    unix_socket::{self, SocketFile},
};

pub use self::extauth::{Frame, LONGEST, Question as ExtauthQuestion, WrongFrame};
use self::http::Asks;

/// What the back end works with.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The use cases.
    pub broker: Broker,
    /// What HTTP clients on TCP must show.
    pub secret: Option<SecretString>,
    /// Whether anybody on this machine may have passwords checked at `/login/`, as `mod_auth_http_async` needs it.
    pub open_login: bool,
    /// Whether SCRAM is offered where the protocol has it.
    pub scram: bool,
    /// The domain of names that come without one in the Dovecot protocol; where there is none, every name brings its own.
    pub dovecot_domain: Option<Domain>,
    /// What refusals say, where the protocol has room for a text.
    pub texts: Arc<Texts>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// Connections of servers that are kept at a time at each door.
const CONNECTIONS: usize = 1024;

/// What is spoken at a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP authentication.
    Http,
    /// The Dovecot authentication protocol.
    Dovecot,
    /// ejabberd's external authentication.
    Extauth,
}

impl Protocol {
    /// The word that it is counted under.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Dovecot => "dovecot",
            Self::Extauth => "extauth",
        }
    }
}

/// Where it listens, and for what.
#[derive(Debug)]
pub struct Door {
    protocol: Protocol,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

impl Door {
    /// One on TCP.
    pub async fn tcp(protocol: Protocol, address: SocketAddr) -> io::Result<Self> {
        Ok(Self { protocol, socket: Socket::Tcp(TcpListener::bind(address).await?) })
    }

    /// One on a Unix socket, whose rights say who may ask.
    pub fn unix(protocol: Protocol, path: &Path) -> io::Result<Self> {
        let (listener, file) = unix_socket::listen(path)?;
        Ok(Self { protocol, socket: Socket::Unix(listener, file) })
    }
}

/// Serves at every door until `cancel`.
pub async fn serve(doors: Vec<Door>, backend: Backend, cancel: CancellationToken) {
    let backend = Arc::new(backend);
    let serving = doors.into_iter().map(|Door { protocol, socket }| {
        let (backend, cancel) = (Arc::clone(&backend), cancel.clone());
        async move {
            match socket {
                Socket::Tcp(listener) => {
                    serve_at(listener, protocol, Asks::WithSecret, backend, cancel).await;
                }
                Socket::Unix(listener, _file) => {
                    serve_at(listener, protocol, Asks::ByRights, backend, cancel).await;
                }
            }
        }
    });
    futures::future::join_all(serving).await;
}

async fn serve_at<L: Listener>(
    listener: L,
    protocol: Protocol,
    asks: Asks,
    backend: Arc<Backend>,
    cancel: CancellationToken,
) {
    let shared = || (Arc::clone(&backend), cancel.clone());
    match protocol {
        Protocol::Http => {
            let router = http::router(&backend, asks);
            let converse = |stream| http::converse(stream, router.clone(), cancel.clone());
            each_connection(listener, &cancel, converse).await;
        }
        Protocol::Dovecot => {
            let converse = |stream| {
                let (backend, cancel) = shared();
                async move { dovecot::converse(&backend, stream, &cancel).await }
            };
            each_connection(listener, &cancel, converse).await;
        }
        Protocol::Extauth => {
            let converse = |stream| {
                let (backend, cancel) = shared();
                async move { extauth::converse(stream, &backend, &cancel).await }
            };
            each_connection(listener, &cancel, converse).await;
        }
    }
}

/// Has each connection answered on its own until `cancel`, a limited number at a time; beyond it they wait.
async fn each_connection<L, F>(mut listener: L, cancel: &CancellationToken, converse: impl Fn(L::Io) -> F)
where
    L: Listener,
    F: Future<Output = ()> + Send + 'static,
{
    let (places, tasks) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    // A failed accept (out of descriptors) is tried again by the listener itself, after a pause.
    let mut next = async || {
        let place = Arc::clone(&places).acquire_owned().await;
        (listener.accept().await.0, place)
    };
    while let Some((stream, place)) = cancel.run_until_cancelled(next()).await {
        let conversation = converse(stream);
        tasks.spawn(async move {
            conversation.await;
            drop(place);
        });
    }
    tasks.close();
    tasks.wait().await;
}

impl Backend {
    /// What a refusal says to a person. These protocols do not tell the language, so it is that of people who ask for none.
    fn words(&self, refusal: &Refusal) -> String {
        self.texts.refusal(self.texts.standard(), refusal, &Help::default())
    }
}
