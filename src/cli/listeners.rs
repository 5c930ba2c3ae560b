//! Opens every address that the service listens at, and says which one could not be had.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{
    backend::{Door, Protocol},
    config::{self, ListenAddress},
    http::{Certificate, Listener},
};

/// Those of the web front, and the certificate of those that speak TLS.
pub async fn web(config: &config::Http) -> anyhow::Result<(Vec<Listener>, Option<Certificate>)> {
    let mut listeners = Vec::new();
    for address in &config.listen {
        let listener = match address {
            ListenAddress::Tcp(address) => Listener::clear(*address).await,
            ListenAddress::Unix(path) => Listener::unix(path),
        };
        listeners.push(listener.with_context(|| format!("cannot listen on {address} ([http] listen)"))?);
        tracing::info!(%address, "listening for http");
    }
    let Some(tls) = &config.tls else { return Ok((listeners, None)) };
    let certificate =
        Certificate::read(&tls.certificate, &tls.key).context("[http] tls_certificate, tls_key")?;
    for address in &tls.listen {
        let listener = Listener::tls(*address, &certificate).await;
        listeners.push(listener.with_context(|| format!("cannot listen on {address} ([http] listen_tls)"))?);
        tracing::info!(%address, "listening for https");
    }
    Ok((listeners, Some(certificate)))
}

/// Those for servers without our module.
pub async fn backend(config: &config::Backend) -> anyhow::Result<Vec<Door>> {
    let mut doors = Vec::new();
    let options = [("http", Protocol::Http, &config.http), ("dovecot", Protocol::Dovecot, &config.dovecot)];
    let extauth = config.extauth.clone().map(ListenAddress::Unix);
    let addresses = options
        .into_iter()
        .flat_map(|(option, protocol, addresses)| {
            addresses.iter().map(move |address| (option, protocol, address))
        })
        .chain(extauth.iter().map(|address| ("extauth", Protocol::Extauth, address)));
    for (option, protocol, address) in addresses {
        let door = match address {
            ListenAddress::Tcp(address) => Door::tcp(protocol, *address).await,
            ListenAddress::Unix(path) => Door::unix(protocol, path),
        };
        doors.push(door.with_context(|| format!("cannot listen on {address} ([backend] {option})"))?);
        tracing::info!(%address, option, "listening for servers without our module");
    }
    Ok(doors)
}

/// Those for monitoring.
pub async fn monitoring(addresses: &[SocketAddr]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await;
        listeners
            .push(listener.with_context(|| format!("cannot listen on {address} ([monitoring] listen)"))?);
        tracing::info!(%address, "listening for monitoring");
    }
    Ok(listeners)
}
