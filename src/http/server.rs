//! The accept loop: connections within limits, and an end that lets requests under way finish.
//!
//! `axum::serve` and hyper-util's `auto` builder leave silent connections open for ever (measured), so hyper's own connections are
//! driven here: HTTP/1.1, and HTTP/2 where TLS has agreed on it (RFC 9113 §3.2).

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use futures::future;
use hyper::{
    Request,
    body::Incoming,
    header::{self, HeaderValue},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{self, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    client,
    listener::{Arrival, Listener, Stream},
    router,
    visitor::Peer,
    web::{HttpLimits, Web},
};

/// Most header lines of a request; more are answered with 431.
const MAX_HEADERS: usize = 64;
/// Most bytes of a request's head; more are answered with 431.
const MAX_HEAD: usize = 16 * 1024;
/// Requests at a time on one HTTP/2 connection; a browser has a handful.
const MAX_STREAMS: u32 = 32;
/// Streams that a peer may reset before they were looked at (the "rapid reset" of CVE-2023-44487); after more the connection ends.
const MAX_RESETS: usize = 20;
/// How long to wait before accepting again, when the system could not (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long accepting has to work before it counts as mended: at the limit, it fails and works by turns.
const ACCEPT_CALM: Duration = Duration::from_secs(2);

/// Serves on all `listeners` until `cancel`; then requests under way get until the deadline of the settings, idle connections end
/// at once. Returns when the last connection is closed.
pub async fn serve(listeners: Vec<Listener>, web: Web, cancel: CancellationToken) {
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

async fn accept(listener: Listener, house: Arc<House>) {
    let next = async {
        let mut last_failure: Option<Instant> = None;
        loop {
            // A seat first: connections beyond the limit wait in the kernel, and cost nothing here.
            let Ok(seat) = Arc::clone(&house.seats).acquire_owned().await else { return };
            match listener.accept(&house.web.settings.trusted_proxies).await {
                Ok((arrival, peer)) => {
                    if last_failure.is_some_and(|failure| failure.elapsed() >= ACCEPT_CALM) {
                        last_failure = None;
                        tracing::info!("web connections are accepted again");
                    }
                    seat_connection(&house, arrival, peer, seat);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if last_failure.replace(Instant::now()).is_none() {
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

fn seat_connection(house: &Arc<House>, arrival: Arrival, peer: Peer, seat: OwnedSemaphorePermit) {
    let Some(guest) = Guest::admit(house, peer) else {
        tracing::debug!("closed a web connection: its client has too many");
        return;
    };
    let house = Arc::clone(house);
    house.clone().tasks.spawn(async move {
        let patience = house.web.settings.limits.header_timeout;
        // What a browser did not like about the handshake is of no use to anybody.
        if let Ok(Ok((stream, is_http2))) = time::timeout(patience, arrival.open()).await {
            if is_http2 {
                converse_http2(&house, stream, peer).await;
            } else {
                converse(&house, stream, peer).await;
            }
        }
        drop((guest, seat));
    });
}

async fn converse(house: &House, stream: Box<dyn Stream>, peer: Peer) {
    let limits: &HttpLimits = &house.web.settings.limits;
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
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

async fn converse_http2(house: &House, stream: Box<dyn Stream>, peer: Peer) {
    let limits: &HttpLimits = &house.web.settings.limits;
    let activity = Arc::new(Activity::default());
    let (router, counting) = (house.router.clone(), Arc::clone(&activity));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        name_host(&mut request);
        let answer = router.clone().oneshot(request.map(Body::new));
        let counting = Arc::clone(&counting);
        async move {
            let _under_way = counting.begin();
            answer.await
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS)
        .keep_alive_interval(limits.header_timeout)
        .keep_alive_timeout(limits.header_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = house.cancel.cancelled() => {}
        () = activity.ends(limits.header_timeout) => {}
        () = time::sleep(limits.connection_lifetime) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = time::timeout(limits.shutdown_deadline, connection).await;
}

/// HTTP/2 has the host in `:authority` (RFC 9113 §8.3.1); everything behind looks for it in `Host`, as in HTTP/1.1.
fn name_host<B>(request: &mut Request<B>) {
    let authority = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let (Some(host), false) = (authority, request.headers().contains_key(header::HOST)) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// What goes on on an HTTP/2 connection: hyper has no limit of its own for one that does nothing.
#[derive(Debug, Default)]
struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A request under way; over when dropped.
struct UnderWay(Arc<Activity>);

impl Activity {
    fn begin(self: &Arc<Self>) -> UnderWay {
        self.begun.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Waits until nothing was asked and nothing was being answered for so long.
    async fn ends(&self, idle: Duration) {
        let mut seen = None;
        loop {
            let (ended, begun) = (self.ended.load(Ordering::Relaxed), self.begun.load(Ordering::Relaxed));
            if ended == begun && seen == Some(begun) {
                return;
            }
            seen = Some(begun);
            time::sleep(idle).await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

impl Guest {
    fn admit(house: &Arc<House>, peer: Peer) -> Option<Self> {
        let settings = &house.web.settings;
        if peer.is_proxy {
            return Some(Self { house: Arc::clone(house), group: None });
        }
        let group = client::client_group(peer.address);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_stands_in_for_a_host_that_is_not_there() {
        let host = |given: Option<&str>| {
            let request = Request::get("https://accounts.example:8443/Agent/Account/Create");
            let request = given.into_iter().fold(request, |request, host| request.header(header::HOST, host));
            let mut request = request.body(()).unwrap();
            name_host(&mut request);
            request.headers()[header::HOST].to_str().unwrap().to_owned()
        };
        assert_eq!(host(None), "accounts.example:8443");
        assert_eq!(host(Some("other.example")), "other.example");
    }
}
