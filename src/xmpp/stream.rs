//! One connection to the server: opening it (XEP-0114 §3), and serving it until it ends.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use minidom::Element;
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, BufReader, Join, Sink, join, sink},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};
use xmpp_parsers::{component::Handshake, ns};

use super::{
    StreamEnd,
    connect::{ReadSide, WriteSide, connect},
    guard::{Guard, Received, RefusedStanza},
    pending::Link,
    router::{Route, Router},
    settings::ComponentSettings,
    stanza::{Incoming, Reply, Request, ReturnAddress, answer_refused},
    writer::{Outgoing, StanzaEncoder, write_all, write_stanzas},
};

/// Heads of refused stanzas that wait for their answer; more of them at once go unanswered.
const REFUSED_QUEUE: usize = 64;
const READ_BUFFER: usize = 32 * 1024;
/// How long a stream that ends is given to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// The reading half. Stanzas are read as plain elements: unlike the typed ones, they cannot fail to parse.
/// Writing is done beside it by `writer.rs`, so that neither waits for the other.
type Elements = XmlStream<Join<Guard<BufReader<ReadSide>>, Sink>, Element>;

/// A stream on which the handshake is done.
pub(super) struct OpenStream {
    elements: Elements,
    write: WriteSide,
    encoder: StanzaEncoder,
    refused: mpsc::Receiver<RefusedStanza>,
    received: Received,
}

/// What serving a stream needs, whichever connection it is.
pub(super) struct Serving {
    pub(super) settings: ComponentSettings,
    pub(super) router: Router,
    pub(super) link: Link,
    pub(super) shutdown: CancellationToken,
    /// One for each request that may be worked on.
    pub(super) slots: Arc<Semaphore>,
}

impl OpenStream {
    /// Connects, exchanges headers and does the handshake.
    pub(super) async fn open(settings: &ComponentSettings) -> Result<Self, StreamEnd> {
        timeout(settings.timeouts.connect, Self::open_without_limit(settings))
            .await
            .unwrap_or(Err(StreamEnd::ConnectTimeout))
    }

    async fn open_without_limit(settings: &ComponentSettings) -> Result<Self, StreamEnd> {
        let (read, mut write) = connect(&settings.address).await?;
        let (mut encoder, header) = StanzaEncoder::begin(settings.jid.as_str())?;
        write_all(&mut write, &header, settings.timeouts.write).await?;

        let (refuse, refused) = mpsc::channel(REFUSED_QUEUE);
        let received = Received::default();
        let (stream_id, mut elements) = read_header(Guard::new(
            BufReader::with_capacity(READ_BUFFER, read),
            settings.limits.stanza,
            refuse,
            received.clone(),
        ))
        .await?;
        // A server that refuses the name gives no id and says why; it gets no digest of the secret.
        if let Some(id) = stream_id.filter(|id| !id.is_empty()) {
            let handshake = Handshake::from_stream_id_and_password(id, settings.secret.expose_secret());
            let mut bytes = Vec::new();
            encoder.encode(&handshake.into(), &mut bytes);
            write_all(&mut write, &bytes, settings.timeouts.write).await?;
        }
        await_handshake(&mut elements).await?;
        Ok(Self { elements, write, encoder, refused, received })
    }
}

async fn read_header<R>(
    guard: Guard<R>,
) -> Result<(Option<String>, XmlStream<Join<Guard<R>, Sink>, Element>), StreamEnd>
where
    R: tokio::io::AsyncBufRead + AsyncRead + Unpin,
{
    // The stream's own timers stay out of the way: silence is measured on the bytes below the guard.
    let never = Duration::from_secs(365 * 24 * 3600);
    let timeouts = Timeouts { read_timeout: never, response_timeout: never };
    // Our header has been written already; the one that is made here goes nowhere.
    let opening =
        initiate_stream(join(guard, sink()), ns::COMPONENT, StreamHeader::default(), timeouts).await;
    let mut opening = opening.map_err(|error| match StreamEnd::from_io_error(&error) {
        StreamEnd::NotWellFormed(what) => StreamEnd::BadHeader(what),
        StreamEnd::ConnectionLost(_) => StreamEnd::ClosedDuringHandshake,
        end => end,
    })?;
    let id = opening.take_header().id.map(std::borrow::Cow::into_owned);
    Ok((id, opening.skip_features()))
}

async fn await_handshake(elements: &mut Elements) -> Result<(), StreamEnd> {
    loop {
        match elements.next().await {
            Some(Ok(element)) if element.is("handshake", ns::COMPONENT) => return Ok(()),
            Some(Ok(element)) if element.is("error", ns::STREAM) => {
                return Err(StreamEnd::from_stream_error(element));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                return Err(match StreamEnd::from_read_error(error) {
                    StreamEnd::ServerClosed | StreamEnd::ConnectionLost(_) => {
                        StreamEnd::ClosedDuringHandshake
                    }
                    end => end,
                });
            }
            None => return Err(StreamEnd::ClosedDuringHandshake),
        }
    }
}

impl Serving {
    /// Serves the stream until it ends.
    pub(super) async fn serve(&self, stream: OpenStream) -> StreamEnd {
        let OpenStream { mut elements, write, encoder, mut refused, received } = stream;
        let (outgoing, queue) = mpsc::channel(self.settings.limits.outgoing);
        let writer = tokio::spawn(write_stanzas(write, encoder, queue, self.settings.timeouts.write));
        let mut connection = Connection { outgoing, writer, stopping: false };
        self.link.connected(connection.outgoing.clone());
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
        let mut silence = Silence::new(&self.settings, received);
        let mut drained: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::pending());
        loop {
            tokio::select! {
                element = elements.next() => match element {
                    Some(Ok(element)) if element.is("error", ns::STREAM) => return StreamEnd::from_stream_error(element),
                    Some(Ok(element)) => self.take(Incoming::from_stanza(element), connection).await,
                    Some(Err(error)) => return StreamEnd::from_read_error(error),
                    None => return StreamEnd::ServerClosed,
                },
                Some(stanza) = refused.recv() => {
                    tracing::debug!(reason = ?stanza.reason, "a stanza beyond the limits was dropped");
                    if let Some(answer) = answer_refused(stanza) {
                        connection.send(answer).await;
                    }
                }
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
            Incoming::Ignored => {}
        }
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
        let Some(slot) = slot else { return Some(address.answer(Reply::busy())) };
        let mut answering = handler(request);
        // Most answers are there at once; those need no task of their own.
        if let Some(reply) = (&mut answering).now_or_never() {
            return Some(address.answer(reply));
        }
        let (outgoing, limit) = (connection.outgoing.clone(), self.settings.timeouts.request);
        tokio::spawn(async move {
            let reply = timeout(limit, answering).await.unwrap_or_else(|_| Reply::busy());
            // If the connection is gone, so is whoever asked.
            let _ = outgoing.send(Outgoing::Stanza(address.answer(reply))).await;
            drop(slot);
        });
        None
    }
}

/// The writing half as the reading half sees it.
struct Connection {
    outgoing: mpsc::Sender<Outgoing>,
    writer: JoinHandle<Result<(), StreamEnd>>,
    /// No new request is begun.
    stopping: bool,
}

impl Connection {
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

/// Watches for a link on which nothing comes in (XEP-0199 §4.2).
struct Silence {
    received: Received,
    seen: u64,
    asked: bool,
    alarm: Pin<Box<Sleep>>,
    silence: Duration,
    response: Duration,
}

enum Sign {
    Alive,
    Ask,
    Dead,
}

impl Silence {
    fn new(settings: &ComponentSettings, received: Received) -> Self {
        let (silence, response) = (settings.timeouts.silence, settings.timeouts.response);
        Self {
            seen: received.bytes(),
            received,
            asked: false,
            alarm: Box::pin(sleep(silence)),
            silence,
            response,
        }
    }

    /// Looks again when it is time. Nothing is done per stanza, so a busy link pays nothing for it.
    async fn pass(&mut self) -> Sign {
        (&mut self.alarm).await;
        let received = self.received.bytes();
        let (sign, next) = if received != self.seen {
            (Sign::Alive, self.silence)
        } else if self.asked {
            (Sign::Dead, self.silence)
        } else {
            (Sign::Ask, self.response)
        };
        self.asked = matches!(sign, Sign::Ask);
        self.seen = received;
        self.alarm.as_mut().reset(Instant::now() + next);
        sign
    }
}
