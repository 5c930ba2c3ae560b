//! Cuts the byte stream into stanzas and keeps back those that would hurt the reader behind it.

use rxml::{
    Error as XmlError, Options, Parse, RawEvent, RawParser, RawQName, WithOptions, error::EndOrError,
};

use super::names::{NameFault, Names};
use crate::xmpp::settings::StanzaLimits;

/// The XML reader behind the guard ends the stream at a name or value of 8192 bytes.
const READER_LIMIT: usize = 8000;
/// Longer names serve no purpose.
const NAME_LIMIT: usize = 1024;
/// One name or value beyond this ends the stream. It is twice the largest stanza that Prosody lets another server send.
const TOKEN_LIMIT: usize = 1024 * 1024;

const COMPONENT: &str = "jabber:component:accept";
const CLIENT: &str = "jabber:client";
const STREAM: &str = "http://etherx.jabber.org/streams";

/// The head of a stanza that was kept back, for an answer. Attributes are as they were sent, or missing when too long.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::xmpp) struct RefusedStanza {
    /// Whether it is an IQ, by name and namespace.
    pub(in crate::xmpp) is_iq: bool,
    pub(in crate::xmpp) kind: Option<String>,
    pub(in crate::xmpp) id: Option<String>,
    pub(in crate::xmpp) from: Option<String>,
    pub(in crate::xmpp) to: Option<String>,
    pub(in crate::xmpp) reason: Option<RefusalReason>,
}

impl RefusedStanza {
    /// Whether an answer is owed: to a request that came from somebody (RFC 6120 §8.2.3).
    pub(in crate::xmpp) fn is_answered(&self) -> bool {
        self.is_iq
            && self.from.as_ref().is_some_and(|from| !from.is_empty())
            && matches!(self.kind.as_deref(), Some("get" | "set"))
    }
}

/// Why a stanza was kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xmpp) enum RefusalReason {
    TooDeep,
    TooManyNodes,
    TooLarge,
    LongName,
    LongAttribute,
    /// The names break the namespace rules of XML.
    BadNames,
    /// Neither a stanza nor part of the stream's own business.
    Foreign,
}

/// Why the stream cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(in crate::xmpp) enum ScanError {
    /// The XML is not well-formed, or uses what XMPP forbids (RFC 6120 §11.1).
    #[error("{0}")]
    Xml(XmlError),
    /// What came was no XML from the first byte on.
    #[error("not XML")]
    NoHeader,
    /// The stream header does not end.
    #[error("the stream header is too long")]
    HeaderTooLong,
}

/// Takes bytes in any pieces, gives back the bytes of whole stanzas that are within the limits.
pub(in crate::xmpp) struct Scanner {
    parser: RawParser,
    limits: StanzaLimits,
    names: Names,
    /// Open elements: 1 inside the stream header, 2 inside a stanza.
    depth: usize,
    /// The stream header has begun.
    began: bool,
    /// Bytes that belong to what is being read and have not been passed on.
    held: Vec<u8>,
    stanza: Option<OpenStanza>,
}

/// The stanza that is being read.
#[derive(Default)]
struct OpenStanza {
    head: RefusedStanza,
    nodes: usize,
    bytes: usize,
}

impl Scanner {
    pub(in crate::xmpp) fn new(limits: StanzaLimits) -> Self {
        let options = Options { max_token_length: TOKEN_LIMIT, ..Options::default() };
        Self {
            // The raw parser: the full one looks names up level by level, which deep nesting makes quadratic.
            parser: RawParser::with_options(options),
            limits,
            names: Names::default(),
            depth: 0,
            began: false,
            held: Vec::new(),
            stanza: None,
        }
    }

    /// Reads `chunk`: appends what may pass to `passed` and tells `refuse` what was kept back.
    pub(in crate::xmpp) fn scan(
        &mut self,
        mut chunk: &[u8],
        passed: &mut Vec<u8>,
        refuse: &mut impl FnMut(RefusedStanza),
    ) -> Result<(), ScanError> {
        loop {
            let before = chunk;
            // Text between stanzas need not be collected. Within one it must be, or the number of its pieces would
            // depend on how the bytes were cut.
            self.parser.set_text_buffering(self.stanza.is_some());
            let event = self.parser.parse(&mut chunk, false);
            self.hold(&before[..before.len() - chunk.len()]);
            match event {
                Ok(Some(event)) => self.handle(event, passed, refuse),
                Ok(None) | Err(EndOrError::NeedMoreData) => break,
                Err(EndOrError::Error(error)) => return Err(ScanError::Xml(error)),
            }
        }
        self.bound_held_bytes()
    }

    #[cfg(test)]
    pub(in crate::xmpp) fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    fn hold(&mut self, bytes: &[u8]) {
        match &mut self.stanza {
            None => self.held.extend_from_slice(bytes),
            Some(stanza) => {
                stanza.bytes += bytes.len();
                if stanza.bytes > self.limits.bytes {
                    stanza.refuse(RefusalReason::TooLarge);
                }
                if stanza.head.reason.is_none() {
                    self.held.extend_from_slice(bytes);
                } else {
                    self.held.clear();
                }
            }
        }
    }

    fn handle(&mut self, event: RawEvent, passed: &mut Vec<u8>, refuse: &mut impl FnMut(RefusedStanza)) {
        match event {
            RawEvent::XmlDeclaration(..) => {}
            RawEvent::ElementHeadOpen(_, name) => self.open(name),
            RawEvent::Attribute(_, name, value) => self.attribute(name, value),
            RawEvent::ElementHeadClose(_) => self.close_head(passed),
            RawEvent::ElementFoot(_) => self.close_element(passed, refuse),
            RawEvent::Text(..) => self.text(),
        }
    }

    fn open(&mut self, name: RawQName) {
        self.depth += 1;
        self.began = true;
        if self.depth == 2 {
            // A name holds no `<`, so the last one held is where the stanza begins.
            self.drop_before_last_tag();
            self.stanza = Some(OpenStanza { bytes: self.held.len(), ..OpenStanza::default() });
        }
        let depth = self.depth - 1;
        if let Some(stanza) = &mut self.stanza {
            stanza.count_node(&self.limits);
            if depth > self.limits.depth {
                stanza.refuse(RefusalReason::TooDeep);
            }
            stanza.check_name(&name);
            if stanza.is_skipped(self.depth) {
                return;
            }
        }
        self.names.open(name);
    }

    fn attribute(&mut self, name: RawQName, value: String) {
        if let Some(stanza) = &mut self.stanza {
            stanza.count_node(&self.limits);
            stanza.check_name(&name);
            if value.len() > self.limits.attribute.min(READER_LIMIT) {
                stanza.refuse(RefusalReason::LongAttribute);
                return;
            }
            if self.depth == 2 && name.0.is_none() {
                stanza.note_attribute(name.1.as_str(), &value);
            }
            if stanza.is_skipped(self.depth) {
                return;
            }
        }
        self.names.attribute(name, value);
    }

    fn close_head(&mut self, passed: &mut Vec<u8>) {
        let Some(stanza) = &mut self.stanza else {
            // A header with odd names is for the reader behind to judge.
            passed.append(&mut self.held);
            return;
        };
        if stanza.is_skipped(self.depth) {
            return;
        }
        if let Err(fault) = self.names.check_head() {
            stanza.refuse(fault.into());
        }
        if self.depth == 2 {
            let (namespace, name) = self.names.element().unwrap_or_default();
            stanza.head.is_iq = name == "iq" && matches!(namespace, COMPONENT | CLIENT);
            let known = match namespace {
                COMPONENT => matches!(name, "iq" | "message" | "presence" | "handshake"),
                STREAM => matches!(name, "error" | "features"),
                _ => false,
            };
            if !known {
                stanza.refuse(RefusalReason::Foreign);
            }
        }
    }

    fn close_element(&mut self, passed: &mut Vec<u8>, refuse: &mut impl FnMut(RefusedStanza)) {
        self.depth -= 1;
        match self.depth {
            0 => {
                self.drop_before_last_tag();
                passed.append(&mut self.held);
            }
            1 => {
                self.names.return_to(1);
                match self.stanza.take() {
                    Some(stanza) if stanza.head.reason.is_some() => {
                        self.held.clear();
                        refuse(stanza.head);
                    }
                    _ => passed.append(&mut self.held),
                }
            }
            _ => {
                if self.stanza.as_ref().is_some_and(|stanza| stanza.head.reason.is_none()) {
                    self.names.close_element();
                }
            }
        }
    }

    /// Text between stanzas is white space from an honest server, and nothing that the reader needs in any case.
    fn text(&mut self) {
        match &mut self.stanza {
            Some(stanza) => stanza.count_node(&self.limits),
            None => self.drop_before_last_tag(),
        }
    }

    fn drop_before_last_tag(&mut self) {
        let start = self.held.iter().rposition(|byte| *byte == b'<').unwrap_or(self.held.len());
        self.held.drain(..start);
    }

    fn bound_held_bytes(&mut self) -> Result<(), ScanError> {
        if let Some(stanza) = &self.stanza {
            if stanza.head.reason.is_some() {
                self.held.clear();
            }
        } else if self.depth == 1 && self.held.iter().all(u8::is_ascii_whitespace) {
            self.held.clear();
        } else if !self.began && self.held.trim_ascii_start().first().is_some_and(|first| *first != b'<') {
            // The parser would wait for a `<` that may never come.
            return Err(ScanError::NoHeader);
        } else if self.held.len() > self.limits.bytes.max(TOKEN_LIMIT) {
            return Err(ScanError::HeaderTooLong);
        }
        Ok(())
    }
}

impl OpenStanza {
    /// The first reason stands.
    fn refuse(&mut self, reason: RefusalReason) {
        self.head.reason.get_or_insert(reason);
    }

    fn count_node(&mut self, limits: &StanzaLimits) {
        self.nodes += 1;
        if self.nodes > limits.nodes {
            self.refuse(RefusalReason::TooManyNodes);
        }
    }

    fn check_name(&mut self, (prefix, local): &RawQName) {
        if prefix.as_ref().map_or(0, |prefix| prefix.as_str().len()) + local.len() > NAME_LIMIT {
            self.refuse(RefusalReason::LongName);
        }
    }

    fn note_attribute(&mut self, name: &str, value: &str) {
        let place = match name {
            "type" => &mut self.head.kind,
            "id" => &mut self.head.id,
            "from" => &mut self.head.from,
            "to" => &mut self.head.to,
            _ => return,
        };
        *place = Some(value.to_owned());
    }

    /// Below its own head, nobody looks at a stanza that is refused already.
    fn is_skipped(&self, depth: usize) -> bool {
        depth > 2 && self.head.reason.is_some()
    }
}

impl From<NameFault> for RefusalReason {
    fn from(fault: NameFault) -> Self {
        match fault {
            NameFault::TooMany => Self::TooManyNodes,
            NameFault::UndeclaredPrefix | NameFault::BadDeclaration | NameFault::DuplicateAttribute => {
                Self::BadNames
            }
        }
    }
}
