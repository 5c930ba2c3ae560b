//! Connects to the server's component port: TCP, Unix socket, or TLS from the first byte.

use std::{io, path::Path, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use super::{StreamEnd, settings::ServerAddress};

/// The half of a connection that is read.
pub(super) type ReadSide = Box<dyn AsyncRead + Send + Unpin>;
/// The half of a connection that is written.
pub(super) type WriteSide = Box<dyn AsyncWrite + Send + Unpin>;

/// Opens a connection. Sets no time limit; the caller does, over this and the handshake together.
pub(super) async fn connect(address: &ServerAddress) -> Result<(ReadSide, WriteSide), StreamEnd> {
    match address {
        ServerAddress::Tcp { host, port } => {
            let (read, write) = connect_tcp(host, *port).await?.into_split();
            Ok((Box::new(read), Box::new(write)))
        }
        ServerAddress::Unix(path) => {
            let (read, write) = UnixStream::connect(path).await.map_err(unreachable)?.into_split();
            Ok((Box::new(read), Box::new(write)))
        }
        ServerAddress::Tls { host, port, ca_file } => {
            // Built anew for each connection, so that renewed authorities are seen.
            let config = tls_config(ca_file.as_deref()).map_err(|error| StreamEnd::Tls(error.to_string()))?;
            let name =
                ServerName::try_from(host.clone()).map_err(|error| StreamEnd::Tls(error.to_string()))?;
            let tcp = connect_tcp(host, *port).await?;
            let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
            let (read, write) = tokio::io::split(tls.map_err(|error| StreamEnd::Tls(error.to_string()))?);
            Ok((Box::new(read), Box::new(write)))
        }
    }
}

async fn connect_tcp(host: &str, port: u16) -> Result<TcpStream, StreamEnd> {
    let stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
    // Nagle's algorithm makes two writes per request wait 40 ms for each other.
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn unreachable(error: io::Error) -> StreamEnd {
    StreamEnd::Unreachable(error.to_string())
}

fn tls_config(ca_file: Option<&Path>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // A certificate of the system that cannot be read is no reason to refuse the others.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unusable =
            |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))? {
            let certificate = certificate.map_err(|error| unusable(&error))?;
            roots.add(certificate).map_err(|error| unusable(&error))?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
