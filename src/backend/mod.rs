//! The back end of XMPP servers that have no module of ours: they ask over protocols that they know already, each of which can say less than
//! ours (`docs/servers.md`).
//!
//! | protocol | asked by | file |
//! |---|---|---|
//! | HTTP authentication | Prosody's `mod_auth_http` and `mod_auth_http_async`, `MongooseIM` | `http.rs` |
//! | ejabberd's external authentication | `ostiary extauth` | `extauth.rs` |
//!
//! What they can ask is in `question.rs`, once.

mod extauth;
mod http;
mod question;

use std::{fmt, io, sync::Arc};

use secrecy::SecretString;
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::{broker::Broker, unix_socket::SocketFile};

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
}

/// Where it listens.
pub enum Door {
    /// HTTP authentication on TCP.
    Http(TcpListener),
    /// HTTP authentication on a Unix socket, whose rights say who may ask.
    HttpUnix(UnixListener, SocketFile),
    /// External authentication.
    Extauth(UnixListener, SocketFile),
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
            };
            if let Err(error) = ended {
                tracing::error!(%error, "a listener of [backend] has ended");
            }
        }
    });
    futures::future::join_all(serving).await;
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(..) => "Door(http)",
            Self::HttpUnix(..) => "Door(http, unix)",
            Self::Extauth(..) => "Door(extauth)",
        })
    }
}
