//! Serves a stream until it ends: reads, finds who answers, and says good-bye.

use std::{pin::Pin, sync::Arc, time::Duration};

use ::metrics::Gauge;
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use minidom::Element;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tokio_xmpp::xmlstream::ReadError;
use xmpp_parsers::ns;

use super::{
    LinkState, StreamEnd,
    guard::{Received, RefusedStanza},
    pending::Link,
    reply::{Reply, ReturnAddress, answer_refused},
    router::{Route, Router},
    settings::ComponentSettings,
    silence::{Sign, Silence},
    stanza::{Incoming, Message, Request, Requester},
    stream::{Elements, OpenStream},
    writer::{Outgoing, write_stanzas},
};
use crate::{accounts::Front, metrics};

/// How long a stream that ends is given to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// What serving a stream needs, whichever connection it is.
pub(super) struct Serving {
    pub(super) settings: ComponentSettings,
    pub(super) router: Router,
    pub(super) link: Link,
    pub(super) shutdown: CancellationToken,
    /// One for each request that may be worked on.
    pub(super) slots: Arc<Semaphore>,
}

impl Serving {
    /// Serves the stream until it ends; tells the link that it is connected, `since` now.
    pub(super) async fn serve(&self, stream: OpenStream, since: Timestamp) -> StreamEnd {
        let OpenStream { mut elements, write, encoder, mut refused, received } = stream;
        let (outgoing, queue) = mpsc::channel(self.settings.limits.outgoing);
        let writer = tokio::spawn(write_stanzas(write, encoder, queue, self.settings.timeouts.write));
        let under_way = metrics::link_requests(self.settings.jid.as_str());
        let mut connection = Connection { outgoing, writer, stopping: false, under_way };
        self.link.connected(connection.outgoing.clone());
        self.link.set_state(LinkState::Connected { since });
        let end = self.serve_until_end(&mut connection, &mut elements, &mut refused, received).await;
        self.link.lost();
        connection.say_good_bye(&mut elements, &end).await;
        end
    }

    async fn serve_until_end(
        &self,
        connection: &mut Connection,
        elements: &mut Elements,
        refused: &mut mpsc::Receiver<RefusedStanza>,
        received: Received,
    ) -> StreamEnd {
        let mut silence = Silence::new(&self.settings.timeouts, received);
        let mut drained: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::pending());
        loop {
            tokio::select! {
                element = elements.next() => match element {
                    Some(Ok(element)) if element.is("error", ns::STREAM) => return StreamEnd::from_stream_error(element),
                    Some(Ok(element)) => self.take(Incoming::from_stanza(element), connection).await,
                    Some(Err(error)) => return StreamEnd::from_read_error(error),
                    None => return StreamEnd::ServerClosed,
                },
                Some(stanza) = refused.recv() => connection.send(answer_refused(stanza)).await,
                written = &mut connection.writer => return match written {
                    Ok(Err(end)) => end,
                    _ => StreamEnd::ConnectionLost("the writing half stopped".to_owned()),
                },
                sign = silence.pass() => match sign {
                    Sign::Alive => {}
                    // A queue without room for it means that the writer will notice by itself.
                    Sign::Ask => connection.try_send(self.link.ping(&self.settings.ping_domain)),
                    Sign::Dead => return StreamEnd::Silent,
                },
                () = self.shutdown.cancelled(), if !connection.stopping => {
                    connection.stopping = true;
                    drained = Box::pin(self.drain());
                }
                () = &mut drained => return StreamEnd::Shutdown,
            }
        }
    }

    /// Waits until every request that is being worked on has been answered, but not for ever.
    fn drain(&self) -> impl Future<Output = ()> + Send + use<> {
        let all = u32::try_from(self.settings.limits.in_flight).unwrap_or(u32::MAX);
        let (slots, limit) = (self.slots.clone(), self.settings.timeouts.drain);
        async move {
            let _ = timeout(limit, slots.acquire_many(all)).await;
        }
    }

    async fn take(&self, incoming: Incoming, connection: &Connection) {
        match incoming {
            Incoming::Request(address, request) => {
                if let Some(answer) = self.answer(address, request, connection) {
                    connection.send(answer).await;
                }
            }
            Incoming::BadRequest(address) => connection.send(address.answer(Reply::bad_request())).await,
            Incoming::Answer { id, from, outcome } => self.link.answered(&id, from.as_deref(), outcome),
            Incoming::Message { to, message } => self.converse(to.as_deref(), message, connection),
            Incoming::Ignored => {}
        }
    }

    /// Lets a message be answered. While we stop, and when there is too much to do, it gets no answer: nobody waits for one as for
    /// that of a request.
    fn converse(&self, to: Option<&str>, message: Message, connection: &Connection) {
        let slot = if connection.stopping { None } else { self.slots.clone().try_acquire_owned().ok() };
        let Some(slot) = slot else {
            metrics::busy(front_of(&message.from));
            return;
        };
        let waiting = self.link.under_way().count(message.from.bare());
        let Some(thinking) = self.router.converse(to, message) else { return };
        let (outgoing, limit) = (connection.outgoing.clone(), self.settings.timeouts.request);
        let counted = connection.count();
        tokio::spawn(async move {
            if let Ok(Some(answer)) = timeout(limit, thinking).await {
                let _ = outgoing.send(Outgoing::Stanza(answer)).await;
            }
            drop((slot, waiting, counted));
        });
    }

    /// The answer, if it is there at once. Otherwise it is sent when it is there.
    fn answer(&self, address: ReturnAddress, request: Request, connection: &Connection) -> Option<Element> {
        let handler = match self.router.find(address.asked(), &request) {
            None => return Some(address.answer(Reply::service_unavailable())),
            Some(Route::Instant(handler)) => return Some(address.answer(handler(&self.router, &request))),
            Some(Route::Slow(handler)) => handler,
        };
        // While we stop, and when there is too much to do, refusing must cost next to nothing.
        let slot = if connection.stopping { None } else { self.slots.clone().try_acquire_owned().ok() };
        let Some(slot) = slot else {
            metrics::busy(front_of(&request.from));
            return Some(address.answer(Reply::busy()));
        };
        let waiting = self.link.under_way().count(request.from.bare());
        let mut answering = handler(request);
        // Most answers are there at once; those need no task of their own.
        if let Some(reply) = (&mut answering).now_or_never() {
            return Some(address.answer(reply));
        }
        let (outgoing, limit) = (connection.outgoing.clone(), self.settings.timeouts.request);
        let counted = connection.count();
        tokio::spawn(async move {
            let reply = timeout(limit, answering).await.unwrap_or_else(|_| Reply::busy());
            // If the connection is gone, so is whoever asked.
            let _ = outgoing.send(Outgoing::Stanza(address.answer(reply))).await;
            drop((slot, waiting, counted));
        });
        None
    }
}

/// Whom it is counted under that a request was refused unread.
fn front_of(from: &Requester) -> Front {
    if from.as_domain().is_some() { Front::Server } else { Front::Component }
}

/// The writing half as the reading half sees it.
struct Connection {
    outgoing: mpsc::Sender<Outgoing>,
    writer: JoinHandle<Result<(), StreamEnd>>,
    /// No new request is begun.
    stopping: bool,
    /// The number of requests that wait for their answer.
    under_way: Gauge,
}

/// A request that waits for its answer; counted until it is dropped.
struct Counted(Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

impl Connection {
    fn count(&self) -> Counted {
        self.under_way.increment(1.0);
        Counted(self.under_way.clone())
    }

    /// Waits for room in the queue: while the server does not take our answers, we take no more requests from it.
    async fn send(&self, stanza: Element) {
        let _ = self.outgoing.send(Outgoing::Stanza(stanza)).await;
    }

    fn try_send(&self, stanza: Element) {
        let _ = self.outgoing.try_send(Outgoing::Stanza(stanza));
    }

    /// Closes our side after what is queued, and lets the server close its own: closing the socket while something
    /// is unread would destroy what we sent last.
    async fn say_good_bye(mut self, elements: &mut Elements, end: &StreamEnd) {
        if !self.writer.is_finished() {
            let written = async {
                let _ = self.outgoing.send(Outgoing::Finish).await;
                (&mut self.writer).await
            };
            let written = timeout(GOOD_BYE, written).await;
            if written.is_ok() && *end == StreamEnd::Shutdown {
                let rest = async {
                    while let Some(Ok(_) | Err(ReadError::ParseError(_))) = elements.next().await {}
                };
                let _ = timeout(GOOD_BYE, rest).await;
            }
        }
        self.writer.abort();
    }
}
