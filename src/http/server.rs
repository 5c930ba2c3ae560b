//! The accept loop: connections within limits, and an end that lets requests under way finish.
//!
//! `axum::serve` and hyper-util's `auto` builder leave silent connections open for ever (measured), so hyper's own HTTP/1 connection is
//! driven here. HTTP/2 and, usually, TLS stay with a reverse proxy.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body};
use futures::future;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    client, router,
    visitor::Peer,
    web::{HttpLimits, Web},
};

/// Most header lines of a request; more are answered with 431.
const MAX_HEADERS: usize = 64;
/// Most bytes of a request's head; more are answered with 431.
const MAX_HEAD: usize = 16 * 1024;
/// How long to wait before accepting again, when the system could not (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves on all `listeners` until `cancel`; then requests under way get until the deadline of the settings, idle connections end
/// at once. Returns when the last connection is closed.
pub async fn serve(listeners: Vec<TcpListener>, web: Web, cancel: CancellationToken) {
    let house = Arc::new(House {
        router: router::build(&web),
        seats: Arc::new(Semaphore::new(web.settings.limits.connections)),
        guests: Guests::default(),
        tasks: TaskTracker::new(),
        cancel,
        web,
    });
    let loops = listeners.into_iter().map(|listener| accept(listener, Arc::clone(&house)));
    future::join_all(loops).await;
    house.tasks.close();
    house.tasks.wait().await;
}

struct House {
    web: Web,
    router: Router,
    seats: Arc<Semaphore>,
    guests: Guests,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

/// How many connections each client has.
#[derive(Default)]
struct Guests(Mutex<HashMap<IpAddr, usize>>);

/// One connection of a client; counted until dropped.
struct Guest {
    house: Arc<House>,
    group: Option<IpAddr>,
}

async fn accept(listener: TcpListener, house: Arc<House>) {
    let next = async {
        let mut failing = false;
        loop {
            // A seat first: connections beyond the limit wait in the kernel, and cost nothing here.
            let Ok(seat) = Arc::clone(&house.seats).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if failing {
                        failing = false;
                        tracing::info!("web connections are accepted again");
                    }
                    seat_connection(&house, stream, peer, seat);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !failing {
                        failing = true;
                        tracing::warn!(%error, "could not accept a web connection; trying until it can be done");
                    }
                    time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    house.cancel.run_until_cancelled(next).await;
}

/// The peer was gone before it was accepted: nothing to wait for.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn seat_connection(house: &Arc<House>, stream: TcpStream, peer: SocketAddr, seat: OwnedSemaphorePermit) {
    let Some(guest) = Guest::admit(house, peer.ip()) else {
        tracing::debug!("closed a web connection: its client has too many");
        return;
    };
    // Answers are written at once; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let house = Arc::clone(house);
    house.clone().tasks.spawn(async move {
        converse(&house, stream, peer).await;
        drop((guest, seat));
    });
}

async fn converse(house: &House, stream: TcpStream, peer: SocketAddr) {
    let limits: &HttpLimits = &house.web.settings.limits;
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        house.router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // How a browser ended its connection is of no use to anybody.
        _ = connection.as_mut() => return,
        () = house.cancel.cancelled() => {}
        () = time::sleep(limits.connection_lifetime) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = time::timeout(limits.shutdown_deadline, connection).await;
}

impl Guest {
    fn admit(house: &Arc<House>, peer: IpAddr) -> Option<Self> {
        let settings = &house.web.settings;
        if client::is_trusted(peer, &settings.trusted_proxies) {
            return Some(Self { house: Arc::clone(house), group: None });
        }
        let group = client::client_group(peer);
        let mut guests = house.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = guests.entry(group).or_default();
        if *count >= settings.limits.connections_per_client {
            return None;
        }
        *count += 1;
        Some(Self { house: Arc::clone(house), group: Some(group) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(group) = self.group else { return };
        let mut guests = self.house.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = guests.get_mut(&group) {
            *count -= 1;
            if *count == 0 {
                guests.remove(&group);
            }
        }
    }
}
