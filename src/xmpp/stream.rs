//! Opens a stream to the server: connection, headers, handshake (XEP-0114 §3).

use std::time::Duration;

use futures::StreamExt;
use minidom::Element;
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncBufRead, BufReader, Join, Sink, join, sink},
    sync::mpsc,
    time::timeout,
};
use tokio_xmpp::xmlstream::{StreamHeader, Timeouts, XmlStream, initiate_stream};
use xmpp_parsers::{component::Handshake, ns};

use super::{
    StreamEnd,
    connect::{ReadSide, WriteSide, connect},
    guard::{Guard, Received, RefusedStanza},
    settings::ComponentSettings,
    writer::{StanzaEncoder, write_all},
};

/// Heads of refused stanzas that wait for their answer; more of them at once go unanswered.
const REFUSED_QUEUE: usize = 256;
const READ_BUFFER: usize = 32 * 1024;

/// The reading half. Stanzas are read as plain elements: unlike the typed ones, they cannot fail to parse.
/// Writing is done beside it by `writer.rs`, so that neither waits for the other.
pub(super) type Elements = XmlStream<Join<Guard<BufReader<ReadSide>>, Sink>, Element>;

/// A stream on which the handshake is done.
pub(super) struct OpenStream {
    pub(super) elements: Elements,
    pub(super) write: WriteSide,
    pub(super) encoder: StanzaEncoder,
    pub(super) refused: mpsc::Receiver<RefusedStanza>,
    pub(super) received: Received,
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
    R: AsyncBufRead + Unpin,
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
