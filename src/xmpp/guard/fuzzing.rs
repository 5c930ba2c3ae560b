//! The byte guard under whatever bytes; see `xmpp/fuzzing.rs`.

use minidom::Element;
use rxml::{Parse, Parser, error::EndOrError};

use super::{StanzaLimits, scanner::Scanner};

const HEADER: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
                        xmlns='jabber:component:accept'>";

/// What passes can be read by the reader behind the guard, and how the bytes are cut into pieces changes nothing but, for bytes that are no
/// XML, when that is seen. The first byte says how they are cut.
pub fn byte_guard(data: &[u8]) {
    let Some((&piece, input)) = data.split_first() else { return };
    let whole = scan(input, usize::MAX);
    let mut rest = whole.passed.as_slice();
    let mut reader = Parser::new();
    let read = loop {
        match reader.parse(&mut rest, false) {
            Ok(Some(_)) => {}
            Ok(None) | Err(EndOrError::NeedMoreData) => break Ok(()),
            Err(EndOrError::Error(error)) => break Err(error),
        }
    };
    assert!(read.is_ok(), "passed, and cannot be read: {read:?}");
    assert!(agree(&whole, &scan(input, usize::from(piece).max(1))), "cut otherwise, read otherwise");
}

/// The stanza, if it is one, passes the guard and can be read.
pub fn stanza(input: &[u8]) -> Option<Element> {
    let scan = scan(input, usize::MAX);
    let passed = scan.passed.strip_prefix(HEADER)?;
    if scan.ended || scan.kept_back > 0 || passed.is_empty() {
        return None;
    }
    Element::from_reader_with_prefixes(passed, "jabber:component:accept".to_owned()).ok()
}

struct Scan {
    passed: Vec<u8>,
    kept_back: usize,
    ended: bool,
}

/// Whether two readings of the same bytes come to the same. What is no XML ends the stream at the latest when its token is whole: one reading may have
/// seen it already, and have stopped before what the other passed in the same piece.
fn agree(one: &Scan, other: &Scan) -> bool {
    match (one.ended, other.ended) {
        (true, true) => one.passed.starts_with(&other.passed) || other.passed.starts_with(&one.passed),
        _ => one.passed == other.passed && one.kept_back == other.kept_back,
    }
}

fn scan(input: &[u8], piece: usize) -> Scan {
    let mut scan = Scan { passed: Vec::new(), kept_back: 0, ended: false };
    let mut scanner = Scanner::new(StanzaLimits::default());
    for chunk in HEADER.chunks(HEADER.len()).chain(input.chunks(piece)) {
        let mut keep = |_| scan.kept_back += 1;
        if scanner.scan(chunk, &mut scan.passed, &mut keep).is_err() {
            scan.ended = true;
            break;
        }
    }
    scan
}
