//! The writing half of the link: takes stanzas from a queue and writes them in batches.

use std::{io, time::Duration};

use minidom::Element;
use rxml::{
    Namespace, XmlVersion,
    writer::{Encoder, Item, SimpleNamespaces, TrackNamespace},
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};
use xmpp_parsers::ns;
use xso::AsXml;

use super::{StreamEnd, attributes};

/// Stanzas that are taken from the queue for one write at most.
const BATCH: usize = 256;
/// Buffers that grew beyond this are given back.
const BUFFER_KEPT: usize = 256 * 1024;

/// What the writing half is told to do.
pub(super) enum Outgoing {
    /// Write a stanza.
    Stanza(Element),
    /// Close the stream; nothing after it is written.
    Finish,
}

/// Writes what comes from `queue` until [`Outgoing::Finish`], or until nobody can send any more.
/// Ends with `NotReading` when the peer takes nothing for `stall`.
pub(super) async fn write_stanzas(
    mut io: impl AsyncWrite + Unpin,
    mut encoder: StanzaEncoder,
    mut queue: mpsc::Receiver<Outgoing>,
    stall: Duration,
) -> Result<(), StreamEnd> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut buffer = Vec::new();
    loop {
        let mut finished = queue.recv_many(&mut batch, BATCH).await == 0;
        for outgoing in batch.drain(..) {
            match outgoing {
                Outgoing::Stanza(stanza) if !finished => encoder.encode(&stanza, &mut buffer),
                Outgoing::Stanza(_) => {}
                Outgoing::Finish => finished = true,
            }
        }
        if finished {
            buffer.extend_from_slice(b"</stream:stream>");
        }
        write_all(&mut io, &buffer, stall).await?;
        buffer.clear();
        buffer.shrink_to(BUFFER_KEPT);
        if finished || queue.is_empty() {
            in_time(stall, io.flush()).await?;
        }
        if finished {
            return in_time(stall, io.shutdown()).await;
        }
    }
}

/// Writes `bytes`; the time limit is on each step forward, not on the whole.
pub(super) async fn write_all(
    io: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    stall: Duration,
) -> Result<(), StreamEnd> {
    while !bytes.is_empty() {
        let written = in_time(stall, io.write(bytes)).await?;
        if written == 0 {
            return Err(StreamEnd::ConnectionLost("closed by the server".to_owned()));
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

async fn in_time<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> Result<T, StreamEnd> {
    match timeout(limit, step).await {
        Ok(done) => done.map_err(|error| StreamEnd::from_io_error(&error)),
        Err(_) => Err(StreamEnd::NotReading),
    }
}

/// Turns stanzas into the bytes of one stream.
pub(super) struct StanzaEncoder {
    to: String,
    encoder: Encoder<SimpleNamespaces>,
}

impl StanzaEncoder {
    /// Begins a stream to the component name `to` (XEP-0114 §3) and returns the bytes of its header.
    pub(super) fn begin(to: &str) -> Result<(Self, Vec<u8>), StreamEnd> {
        let mut header = Vec::new();
        let encoder =
            begin_stream(to, &mut header).map_err(|error| StreamEnd::BadHeader(error.to_string()))?;
        Ok((Self { to: to.to_owned(), encoder }, header))
    }

    /// Appends `stanza`, or nothing when it holds what XML cannot carry.
    pub(super) fn encode(&mut self, stanza: &Element, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        if let Err(error) = self.try_encode(stanza, buffer) {
            tracing::error!(%error, "a stanza could not be written and was left out");
            buffer.truncate(start);
            // The encoder stands in the middle of that stanza; a new one begins where the stream is.
            if let Ok(encoder) = begin_stream(&self.to, &mut Vec::new()) {
                self.encoder = encoder;
            }
        }
    }

    fn try_encode(&mut self, stanza: &Element, buffer: &mut Vec<u8>) -> Result<(), xso::error::Error> {
        for item in stanza.as_xml_iter()? {
            self.encoder.encode(item?.as_rxml_item(), buffer)?;
        }
        Ok(())
    }
}

fn begin_stream(to: &str, header: &mut Vec<u8>) -> Result<Encoder<SimpleNamespaces>, rxml::Error> {
    let mut encoder = Encoder::new();
    encoder.ns_tracker_mut().declare_fixed(Some(attributes::STREAM), ns::STREAM.into());
    encoder.ns_tracker_mut().declare_fixed(None, ns::COMPONENT.into());
    encoder.encode(Item::XmlDeclaration(XmlVersion::V1_0), header)?;
    encoder.encode(Item::ElementHeadStart(ns::STREAM.into(), attributes::STREAM), header)?;
    encoder.encode(Item::Attribute(Namespace::NONE, attributes::TO, to), header)?;
    encoder.encode(Item::ElementHeadEnd, header)?;
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoder() -> StanzaEncoder {
        StanzaEncoder::begin("broker.example").unwrap().0
    }

    #[test]
    fn the_header_is_that_of_xep_0114() {
        let (_, header) = StanzaEncoder::begin("broker.example").unwrap();
        let header = String::from_utf8(header).unwrap();
        assert!(header.starts_with("<?xml version='1.0'"), "{header}");
        assert!(header.contains("xmlns='jabber:component:accept'"), "{header}");
        assert!(header.contains("xmlns:stream='http://etherx.jabber.org/streams'"), "{header}");
        assert!(header.ends_with(" to='broker.example'>"), "{header}");
    }

    #[test]
    fn a_stanza_that_xml_cannot_carry_is_left_out_and_the_next_is_written() {
        let bad_text = Element::builder("message", ns::COMPONENT).append("\u{1}").build();
        let bad_attribute =
            Element::builder("iq", ns::COMPONENT).attr(attributes::ID.to_owned(), "\u{1}").build();
        let good = Element::bare("presence", ns::COMPONENT);
        let (mut encoder, mut buffer) = (encoder(), Vec::new());
        for stanza in [&bad_text, &bad_attribute, &good] {
            encoder.encode(stanza, &mut buffer);
        }
        assert_eq!(String::from_utf8(buffer).unwrap(), "<presence></presence>");
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_ends_the_writing() {
        let (near, _far) = tokio::io::duplex(64);
        let (sender, queue) = mpsc::channel(16);
        let big = Element::builder("message", ns::COMPONENT).append("x".repeat(1000)).build();
        sender.try_send(Outgoing::Stanza(big)).ok().unwrap();
        let end = write_stanzas(near, encoder(), queue, Duration::from_millis(50)).await;
        assert_eq!(end, Err(StreamEnd::NotReading));
    }
}
