//! Tests of the guard: what passes is unchanged and can be read, what is kept back is told.

use proptest::{collection::vec, prelude::*};
use rxml::{Parse, Parser, error::EndOrError};

use super::{
    scanner::{RefusalReason, RefusedStanza, ScanError, Scanner},
    *,
};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
                      xmlns='jabber:component:accept' id='abc' from='broker.example'>";

/// Small limits, so that tests need little input to reach them.
const LIMITS: StanzaLimits = StanzaLimits { depth: 8, nodes: 64, bytes: 2000, attribute: 100 };

struct Scan {
    passed: String,
    refused: Vec<RefusedStanza>,
    end: Result<(), ScanError>,
}

/// Scans header and `input`, cut at every length that `pieces` tells in turn.
fn scan(input: &[u8], pieces: &[usize], limits: StanzaLimits) -> Scan {
    let mut all = HEADER.as_bytes().to_vec();
    all.extend_from_slice(input);
    let (mut rest, mut passed, mut refused, mut end) = (&all[..], Vec::new(), Vec::new(), Ok(()));
    let mut scanner = Scanner::new(limits);
    for piece in pieces.iter().cycle() {
        let (chunk, later) = rest.split_at((*piece).clamp(1, rest.len()));
        end = scanner.scan(chunk, &mut passed, &mut |stanza| refused.push(stanza));
        rest = later;
        if end.is_err() || rest.is_empty() {
            break;
        }
    }
    Scan { passed: String::from_utf8(passed).unwrap(), refused, end }
}

fn reason_for(stanza: &str) -> Option<RefusalReason> {
    let scan = scan(stanza.as_bytes(), &[usize::MAX], LIMITS);
    assert_eq!(scan.end, Ok(()), "{stanza}");
    if scan.refused.is_empty() {
        assert_eq!(scan.passed, format!("{HEADER}{stanza}"));
        return None;
    }
    assert_eq!((scan.refused.len(), scan.passed.as_str()), (1, HEADER), "{stanza}");
    scan.refused[0].reason
}

/// Whether the reader behind the guard can read all of it.
fn readable(mut bytes: &[u8]) -> bool {
    let mut parser = Parser::new();
    loop {
        match parser.parse(&mut bytes, false) {
            Ok(Some(_)) => {}
            Ok(None) | Err(EndOrError::NeedMoreData) => return true,
            Err(EndOrError::Error(_)) => return false,
        }
    }
}

fn nested(levels: usize) -> String {
    format!("<iq>{}{}</iq>", "<a>".repeat(levels - 1), "</a>".repeat(levels - 1))
}

#[test]
fn every_limit_is_kept_to_the_last_unit() {
    assert_eq!(reason_for(&nested(8)), None);
    assert_eq!(reason_for(&nested(9)), Some(RefusalReason::TooDeep));
    assert_eq!(reason_for(&format!("<iq>{}</iq>", "<a/>".repeat(63))), None);
    assert_eq!(reason_for(&format!("<iq>{}</iq>", "<a/>".repeat(64))), Some(RefusalReason::TooManyNodes));
    assert_eq!(reason_for(&format!("<iq>{}</iq>", "x".repeat(2000 - 9))), None);
    assert_eq!(reason_for(&format!("<iq>{}</iq>", "x".repeat(2001 - 9))), Some(RefusalReason::TooLarge));
    assert_eq!(reason_for(&format!("<iq a='{}'/>", "x".repeat(100))), None);
    assert_eq!(reason_for(&format!("<iq a='{}'/>", "x".repeat(101))), Some(RefusalReason::LongAttribute));
    let name = "n".repeat(1024);
    assert_eq!(reason_for(&format!("<iq><{name}/></iq>")), None);
    assert_eq!(reason_for(&format!("<iq><{name}n/></iq>")), Some(RefusalReason::LongName));
    assert_eq!(reason_for(&format!("<iq {name}n=''/>")), Some(RefusalReason::LongName));
}

#[test]
fn only_the_resolved_name_decides_what_is_a_stanza() {
    let many = (0..40).map(|n| format!("a{n}='' ")).collect::<Vec<_>>().concat();
    for stanza in [
        "<iq/>",
        "<x:iq xmlns:x='jabber:component:accept'/>",
        "<x:error xmlns:x='http://etherx.jabber.org/streams'/>",
        "<stream:error/>",
        "<message/>",
        "<handshake/>",
    ] {
        assert_eq!(reason_for(stanza), None, "{stanza}");
    }
    for stanza in [
        "<iq xmlns='jabber:client'/>",
        "<iq xmlns=''/>",
        "<x:iq xmlns:x='urn:x'/>",
        "<stream:iq/>",
        "<stream:stream/>",
        "<stream:error xmlns:stream='urn:x'/>",
        &format!("<iq {many} xmlns='urn:x'/>"),
        "<foo/>",
    ] {
        assert_eq!(reason_for(stanza), Some(RefusalReason::Foreign), "{stanza}");
    }
}

#[test]
fn names_that_break_the_namespace_rules_are_kept_back() {
    for stanza in [
        "<iq><z:p/></iq>",
        "<iq z:a=''/>",
        "<iq a='' a=''/>",
        "<iq xmlns:a='urn:x' xmlns:b='urn:x' a:c='' b:c=''/>",
        "<iq xmlns:a='urn:x' xmlns:a='urn:y'/>",
        "<iq><p xmlns='urn:a' xmlns='urn:b'/></iq>",
        "<iq><a xmlns='http://www.w3.org/2000/xmlns/'/></iq>",
        "<xmlns:iq/>",
        // In scope on one element only.
        "<iq><a xmlns:z='urn:x'><z:b/></a><z:b/></iq>",
    ] {
        assert_eq!(reason_for(stanza), Some(RefusalReason::BadNames), "{stanza}");
    }
    assert_eq!(
        reason_for("<iq xmlns:a='urn:x' xmlns:b='urn:y' a:c='' b:c='' c='' xml:lang=''><a:d/></iq>"),
        None
    );
    let attributes = (0..65).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
    assert!(matches!(reason_for(&format!("<iq{attributes}/>")), Some(RefusalReason::TooManyNodes)));
}

#[test]
fn declarations_of_one_stanza_are_gone_in_the_next() {
    let scan = scan(b"<iq xmlns:z='urn:x'><foo/><bar></iq>", &[3], LIMITS);
    assert!(scan.end.is_err());
    for first in ["<iq xmlns:z='urn:x'/>", "<iq xmlns:z='urn:x'><a xmlns:y='urn:y'><q:q/></a></iq>"] {
        let input = format!("{first}<iq><z:a/></iq><iq id='last'/>");
        let scan = super::tests::scan(input.as_bytes(), &[5], LIMITS);
        assert_eq!(scan.refused.last().unwrap().reason, Some(RefusalReason::BadNames), "{first}");
        assert!(scan.passed.ends_with("<iq id='last'/>"), "{first}");
    }
}

#[test]
fn the_head_of_what_is_kept_back_is_told() {
    let stanza = format!(
        "<iq type='get' id='7' from='a@b/c' to='d' xml:id='no'>{}</iq>",
        "<a>".repeat(9) + &"</a>".repeat(9)
    );
    let scan = scan(stanza.as_bytes(), &[7], LIMITS);
    let expected = RefusedStanza {
        is_iq: true,
        kind: Some("get".into()),
        id: Some("7".into()),
        from: Some("a@b/c".into()),
        to: Some("d".into()),
        reason: Some(RefusalReason::TooDeep),
    };
    assert_eq!(scan.refused, [expected]);
}

#[test]
fn text_between_stanzas_does_not_pass() {
    let input =
        b"  garbage <![CDATA[<iq id='fake'/>]]>&amp;<iq/>\n\t<![CDATA[]]><iq/> \xEF\xBB\xBF</stream:stream>";
    for piece in [1, 2, 1000] {
        let scan = scan(input, &[piece], LIMITS);
        assert_eq!((scan.passed, scan.end), (format!("{HEADER}<iq/><iq/></stream:stream>"), Ok(())));
    }
}

#[test]
fn what_is_not_well_formed_ends_the_stream_after_what_was_good() {
    for bad in [
        "<iq></message>",
        "<!-- c -->",
        "<?php x?>",
        "<iq>&lol;</iq>",
        "<iq>&#1;</iq>",
        "<!DOCTYPE a>",
        "<iq>]]></iq>",
        "<iq xmlns:a=''/>",
        "<iq xmlns:xml='urn:x'/>",
        "<iq xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    ] {
        let scan = scan(format!("<iq id='good'/>{bad}<iq id='later'/>").as_bytes(), &[4], LIMITS);
        assert!(scan.end.is_err(), "{bad}");
        assert_eq!(scan.passed, format!("{HEADER}<iq id='good'/>"), "{bad}");
    }
}

#[test]
fn memory_is_bounded_whatever_comes() {
    for endless in [" ", "<iq>x", "<message><a b='c'/>", "x", "<![CDATA[<", "<aaaaaaaa", "<iq aaaaaaa"] {
        let mut scanner = Scanner::new(LIMITS);
        let mut passed = Vec::new();
        scanner.scan(HEADER.as_bytes(), &mut passed, &mut |_| {}).unwrap();
        let mut end = scanner.scan(endless.as_bytes(), &mut passed, &mut |_| {});
        let last = endless.chars().last().unwrap().to_string().replace(['<', '>'], "y");
        let chunk = last.repeat(64 * 1024);
        for _ in 0..40 {
            if end.is_err() {
                break;
            }
            end = scanner.scan(chunk.as_bytes(), &mut passed, &mut |_| {});
        }
        assert_eq!(passed, HEADER.as_bytes(), "{endless}");
        assert!(scanner.held_bytes() <= 2 * 1024 * 1024, "{endless}: {}", scanner.held_bytes());
    }
}

#[test]
fn a_header_that_does_not_end_is_given_up() {
    let mut scanner = Scanner::new(LIMITS);
    let attribute = |n: usize| format!(" a{n}='{}'", "x".repeat(1000));
    let mut end = scanner.scan(b"<stream:stream", &mut Vec::new(), &mut |_| {});
    for n in 0..3000 {
        if end.is_err() {
            break;
        }
        end = scanner.scan(attribute(n).as_bytes(), &mut Vec::new(), &mut |_| {});
    }
    assert_eq!(end, Err(ScanError::HeaderTooLong));
}

/// Stanzas within the limits and beyond them, and what may stand between them.
fn stanza() -> impl Strategy<Value = (String, bool)> {
    let good = prop_oneof![
        Just("<iq type='get' id='\u{1F600}&amp;' from='u@h/r'><ping xmlns='urn:xmpp:ping'/></iq>".to_owned()),
        Just("<message><body><![CDATA[<iq>]]> ä &lt;</body></message >".to_owned()),
        Just("<x:presence xmlns:x='jabber:component:accept'\n/>".to_owned()),
        "[a-z\u{e4}\u{20ac}]{0,300}".prop_map(|text| format!("<iq><a b='{text:.40}'>{text}</a></iq>")),
    ];
    let bad = prop_oneof![
        (9_usize..40).prop_map(nested),
        (65_usize..90).prop_map(|n| format!("<iq>{}</iq>", "<a/>".repeat(n))),
        (2000_usize..5000).prop_map(|n| format!("<iq>{}</iq>", "x".repeat(n))),
        (101_usize..3000).prop_map(|n| format!("<iq><q a='{}'><b/></q></iq>", "x".repeat(n))),
        Just("<foo xmlns='urn:x'><iq xmlns='jabber:component:accept'/></foo>".to_owned()),
        Just("<iq><z:a/></iq>".to_owned()),
    ];
    prop_oneof![good.prop_map(|xml| (xml, true)), bad.prop_map(|xml| (xml, false))]
}

/// Pieces of XML, most of them put together wrongly.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<iq>".to_owned()),
        Just("</iq>".to_owned()),
        Just("<iq/>".to_owned()),
        Just("<a>".to_owned()),
        Just("</a>".to_owned()),
        Just("<z:a xmlns:z='urn:z'>".to_owned()),
        Just("</z:a>".to_owned()),
        Just("<a xmlns='' b='1' z:b='2'/>".to_owned()),
        Just("<iq xmlns:z='jabber:component:accept' xmlns='urn:x'>".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("]]>".to_owned()),
        Just("&lt;".to_owned()),
        Just("</stream:stream>".to_owned()),
        Just("\r\n".to_owned()),
        Just("<stream:error".to_owned()),
        Just(">".to_owned()),
        Just("='\"'".to_owned()),
        "[ a-z:='/<>&;]{0,6}",
    ]
}

proptest! {
    #[test]
    fn accepted_stanzas_pass_unchanged_whatever_the_chunking(
        stanzas in vec((stanza(), "[ \n]{0,3}"), 0..12),
        pieces in vec(1_usize..200, 1..20),
    ) {
        let input = stanzas.iter().flat_map(|((xml, _), space)| [space.as_str(), xml]).collect::<Vec<_>>().concat();
        let good: String = stanzas.iter().filter(|((_, good), _)| *good).map(|((xml, _), _)| xml.as_str()).collect();
        let scan = scan(input.as_bytes(), &pieces, LIMITS);
        prop_assert_eq!(scan.end, Ok(()));
        prop_assert_eq!(scan.passed, format!("{HEADER}{good}"));
        prop_assert_eq!(scan.refused.len(), stanzas.iter().filter(|((_, good), _)| !good).count());
    }

    #[test]
    fn what_passes_can_be_read_and_does_not_depend_on_the_chunking(
        fragments in vec(fragment(), 0..30),
        pieces in vec(1_usize..9, 1..20),
    ) {
        let input = fragments.concat();
        let whole = scan(input.as_bytes(), &[usize::MAX], LIMITS);
        let pieced = scan(input.as_bytes(), &pieces, LIMITS);
        prop_assert!(readable(whole.passed.as_bytes()), "{}", whole.passed);
        prop_assert_eq!(whole.passed, pieced.passed);
        prop_assert_eq!(whole.refused, pieced.refused);
        // What exactly is wrong with bad XML may be told differently, depending on how much of it was there at once.
        prop_assert_eq!(whole.end.is_ok(), pieced.end.is_ok());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..400), pieces in vec(1_usize..50, 1..5)) {
        let _ = scan_bytes(&bytes, &pieces);
    }
}

fn scan_bytes(bytes: &[u8], pieces: &[usize]) -> Result<(), ScanError> {
    let mut scanner = Scanner::new(LIMITS);
    let mut rest = bytes;
    for piece in pieces.iter().cycle().take(400) {
        let (chunk, later) = rest.split_at((*piece).min(rest.len()));
        scanner.scan(chunk, &mut Vec::new(), &mut |_| {})?;
        rest = later;
    }
    Ok(())
}
