//! A byte guard between the socket and the XML stream of tokio-xmpp.
//!
//! The reader behind it recurses once per level of elements, ends the stream at an attribute of 8192 bytes, and has no
//! bound on size: with it alone, any user of the server could disconnect the component or abort the process with one
//! stanza. The guard passes on only whole stanzas within [`StanzaLimits`], byte for byte, and tells the heads of the
//! others so that an IQ still gets its answer. What is not well-formed ends the stream, as RFC 6120 §11.1 wants.

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod names;
mod scanner;

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncBufRead, AsyncRead, ReadBuf},
    sync::mpsc,
};

pub(super) use scanner::RefusedStanza;
use scanner::{ScanError, Scanner};

use super::settings::StanzaLimits;

/// Reads from `Io` and passes on what may pass.
pub(super) struct Guard<Io> {
    io: Io,
    scanner: Scanner,
    passed: Vec<u8>,
    read: usize,
    failed: Option<ScanError>,
    refused: mpsc::Sender<RefusedStanza>,
    received: Received,
}

/// Counts the bytes that came in, refused ones too: whoever sends is alive.
#[derive(Debug, Clone, Default)]
pub(super) struct Received(Arc<AtomicU64>);

impl Received {
    /// The number of bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl<Io> Guard<Io> {
    /// Guards `io`. Heads of refused stanzas that want an answer go to `refused`; when it is full, they are dropped.
    pub(super) fn new(
        io: Io,
        limits: StanzaLimits,
        refused: mpsc::Sender<RefusedStanza>,
        received: Received,
    ) -> Self {
        Self {
            io,
            scanner: Scanner::new(limits),
            passed: Vec::new(),
            read: 0,
            failed: None,
            refused,
            received,
        }
    }
}

impl<Io: AsyncBufRead + Unpin> AsyncBufRead for Guard<Io> {
    /// Fails with `InvalidData` when the stream cannot go on, with `UnexpectedEof` at its end.
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let guard = self.get_mut();
        while guard.read == guard.passed.len() {
            guard.passed.clear();
            guard.read = 0;
            if let Some(error) = guard.failed {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
            }
            let chunk = ready!(Pin::new(&mut guard.io).poll_fill_buf(context))?;
            if chunk.is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            let length = chunk.len();
            guard.received.0.fetch_add(length as u64, Ordering::Relaxed);
            let refused = &guard.refused;
            let scanned = guard.scanner.scan(chunk, &mut guard.passed, &mut |stanza| {
                tracing::debug!(reason = ?stanza.reason, "a stanza was kept back");
                if stanza.is_answered() {
                    let _ = refused.try_send(stanza);
                }
            });
            guard.failed = scanned.err();
            Pin::new(&mut guard.io).consume(length);
        }
        Poll::Ready(Ok(&guard.passed[guard.read..]))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.read += amount;
    }
}

impl<Io: AsyncBufRead + Unpin> AsyncRead for Guard<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let available = ready!(self.as_mut().poll_fill_buf(context))?;
        let amount = available.len().min(buffer.remaining());
        buffer.put_slice(&available[..amount]);
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
