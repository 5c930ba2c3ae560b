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

use std::{fmt, io, sync::Arc};

use secrecy::SecretString;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::{Domain, LanguageTag, Refusal},
    broker::Broker,
    random::Random,
    text::{Help, Texts},
    unix_socket::SocketFile,
};

pub use self::extauth::{Frame, LONGEST, Question as ExtauthQuestion, WrongFrame};

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

/// Where it listens.
pub enum Door {
    /// HTTP authentication on TCP.
    Http(TcpListener),
    /// HTTP authentication on a Unix socket, whose rights say who may ask.
    HttpUnix(UnixListener, SocketFile),
    /// External authentication.
    Extauth(UnixListener, SocketFile),
    /// The Dovecot authentication protocol on TCP.
    Dovecot(TcpListener),
    /// The same on a Unix socket.
    DovecotUnix(UnixListener, SocketFile),
}

/// Serves at every door until `cancel`.
pub async fn serve(doors: Vec<Door>, backend: Backend, cancel: CancellationToken) {
    let backend = Arc::new(backend);
    let serving = doors.into_iter().map(|door| {
        let (backend, cancel) = (Arc::clone(&backend), cancel.clone());
        async move {
            let ended: io::Result<()> = match door {
                Door::Http(listener) => http::serve(listener, backend, http::Asks::WithSecret, cancel).await,
                Door::HttpUnix(listener, _file) => {
                    http::serve(listener, backend, http::Asks::ByRights, cancel).await
                }
                Door::Extauth(listener, _file) => {
                    extauth::serve(listener, backend, cancel).await;
                    Ok(())
                }
                Door::Dovecot(listener) => {
                    dovecot::serve(listener, backend, cancel).await;
                    Ok(())
                }
                Door::DovecotUnix(listener, _file) => {
                    dovecot::serve(listener, backend, cancel).await;
                    Ok(())
                }
            };
            if let Err(error) = ended {
                tracing::error!(%error, "a listener of [backend] has ended");
            }
        }
    });
    futures::future::join_all(serving).await;
}

/// Has each connection answered on its own until `cancel`, a limited number at a time; beyond it they wait.
async fn each_connection<L, F>(mut listener: L, cancel: &CancellationToken, converse: impl Fn(L::Io) -> F)
where
    L: axum::serve::Listener,
    F: Future<Output = ()> + Send + 'static,
{
    let (places, tasks) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    // A failed accept (out of descriptors) is tried again by the listener itself, after a pause.
    let next = async || {
        let place = Arc::clone(&places).acquire_owned().await;
        (listener.accept().await.0, place)
    };
    let mut next = next;
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
    /// What a refusal says to a person. These protocols do not tell the language.
    fn words(&self, refusal: &Refusal) -> String {
        self.texts.refusal(self.texts.choose(&LanguageTag::default()), refusal, &Help::default())
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(..) => "Door(http)",
            Self::HttpUnix(..) => "Door(http, unix)",
            Self::Extauth(..) => "Door(extauth)",
            Self::Dovecot(..) => "Door(dovecot)",
            Self::DovecotUnix(..) => "Door(dovecot, unix)",
        })
    }
}
