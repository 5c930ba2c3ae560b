//! Just enough XML to tell answers apart: top-level elements are cut out of the bytes without reading what is in them.

use std::ops::Range;

/// Cuts whole `<iq/>` stanzas out of a stream of bytes.
#[derive(Debug, Default)]
pub struct Stanzas {
    bytes: Vec<u8>,
    /// Up to here everything has been handed out.
    taken: usize,
}

/// What the head of a stanza says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    pub kind: &'a str,
    pub id: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    /// The whole stanza, for its error.
    pub text: &'a str,
}

impl Stanzas {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole stanza; `None` until more has come. Everything else between stanzas is passed over.
    pub fn next(&mut self) -> Option<Head<'_>> {
        let range = self.next_range()?;
        self.taken = range.end;
        let text = std::str::from_utf8(&self.bytes[range]).expect("XML in UTF-8");
        let head = &text[..=text.find('>')?];
        let value = |name| attribute(head, name).unwrap_or_default();
        Some(Head { kind: value("type"), id: value("id"), from: value("from"), to: value("to"), text })
    }

    /// Whether the bytes so far hold this text; they are thrown away up to its end then.
    pub fn skip_past(&mut self, text: &str) -> bool {
        let found = find(&self.bytes[self.taken..], text.as_bytes());
        if let Some(at) = found {
            self.taken += at + text.len();
        }
        found.is_some()
    }

    fn next_range(&self) -> Option<Range<usize>> {
        let rest = &self.bytes[self.taken..];
        let start = find(rest, b"<iq ")?;
        let mut at = start;
        let mut depth = 0_usize;
        // An `<iq/>` may be carried in an `<iq/>`.
        loop {
            let open = rest[at..].iter().position(|&byte| byte == b'<')? + at;
            let end = rest[open..].iter().position(|&byte| byte == b'>')? + open;
            if rest[open..].starts_with(b"</iq>") {
                depth -= 1;
            } else if rest[open..].starts_with(b"<iq ") && rest[end - 1] != b'/' {
                depth += 1;
            }
            at = end + 1;
            if depth == 0 {
                return Some(self.taken + start..self.taken + at);
            }
        }
    }
}

/// The value of an attribute in a start tag.
pub fn attribute<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let at = head
        .match_indices(name)
        .find(|(at, _)| head[..*at].ends_with([' ', '\n']) && head[at + name.len()..].starts_with('='))?;
    let rest = &head[at.0 + name.len() + 1..];
    let quote = rest.chars().next()?;
    rest[1..].split(quote).next()
}

fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}
