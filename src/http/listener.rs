//! Where the front is reached: TCP in clear, TCP with TLS, and Unix sockets.

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::Path,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
};
use tokio_rustls::{TlsAcceptor, rustls};

use super::{client, tls::Certificate, visitor::Peer};
use crate::unix_socket::{self, SocketFile};

/// Something that takes connections.
pub struct Listener(Kind);

enum Kind {
    Clear(TcpListener),
    Tls(TcpListener, TlsAcceptor),
    Unix { listener: UnixListener, _file: SocketFile },
}

/// A connection before its first byte.
pub(super) enum Arrival {
    Clear(TcpStream),
    Tls(TcpStream, TlsAcceptor),
    Unix(UnixStream),
}

/// A connection's bytes, whatever carries them.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Listener {
    /// Plain HTTP.
    pub async fn clear(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self::from)
    }

    /// HTTP by TLS.
    pub async fn tls(address: SocketAddr, certificate: &Certificate) -> io::Result<Self> {
        let acceptor = certificate.acceptor().map_err(io::Error::other)?;
        Ok(Self(Kind::Tls(TcpListener::bind(address).await?, acceptor)))
    }

    /// Plain HTTP on a Unix socket, for a reverse proxy on the same machine: the owner of the file and its group may connect. A file that an earlier run
    /// left behind is taken away.
    pub fn unix(path: &Path) -> io::Result<Self> {
        let (listener, file) = unix_socket::listen(path)?;
        Ok(Self(Kind::Unix { listener, _file: file }))
    }

    /// The address it has; a Unix socket has none.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Kind::Clear(listener) | Kind::Tls(listener, _) => listener.local_addr().ok(),
            Kind::Unix { .. } => None,
        }
    }

    /// The next connection, and who is at its other end.
    pub(super) async fn accept(&self, trusted: &[client::Network]) -> io::Result<(Arrival, Peer)> {
        let of = |address: SocketAddr| Peer {
            address: address.ip(),
            is_proxy: client::is_trusted(address.ip(), trusted),
        };
        Ok(match &self.0 {
            Kind::Clear(listener) => {
                let (stream, address) = listener.accept().await?;
                (Arrival::Clear(stream), of(address))
            }
            Kind::Tls(listener, acceptor) => {
                let (stream, address) = listener.accept().await?;
                (Arrival::Tls(stream, acceptor.clone()), of(address))
            }
            // The rights on the file say who may be there.
            Kind::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                let address = IpAddr::V6(Ipv6Addr::LOCALHOST);
                (Arrival::Unix(stream), Peer { address, is_proxy: true })
            }
        })
    }
}

impl Arrival {
    /// The bytes of the connection, after the handshake, and whether they are HTTP/2.
    pub(super) async fn open(self) -> io::Result<(Box<dyn Stream>, bool)> {
        Ok(match self {
            Self::Clear(stream) => (Box::new(at_once(stream)), false),
            Self::Unix(stream) => (Box::new(stream), false),
            Self::Tls(stream, acceptor) => {
                let stream = acceptor.accept(at_once(stream)).await?;
                let (_, session): (_, &rustls::ServerConnection) = stream.get_ref();
                let is_http2 = session.alpn_protocol() == Some(b"h2");
                (Box::new(stream), is_http2)
            }
        })
    }
}

/// Answers are written at once; waiting for more to send would only delay them.
fn at_once(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true);
    stream
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self(Kind::Clear(listener))
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Clear(..) => "Listener(http)",
            Kind::Tls(..) => "Listener(https)",
            Kind::Unix { .. } => "Listener(unix)",
        })
    }
}
