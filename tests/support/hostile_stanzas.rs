//! Stanzas that a server might hand to the component, most of them odd, huge or wrong.
//!
//! The component must answer the next ping on the same stream after every one of them, unless its `outcome` is
//! [`Outcome::NewStream`]. `addresses` are the attributes `from` and `to` of the stanzas; a client that sends them through
//! a real server leaves `from` out.

/// What must come of a stanza.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An IQ of type `result`.
    Result,
    /// An IQ of type `error` with this condition.
    Error(&'static str),
    /// No answer.
    Nothing,
    /// The stream ends, and the component connects again.
    NewStream,
}
use Outcome::{Error, NewStream, Nothing, Result};

/// One stanza, or what comes instead.
pub struct Hostile {
    pub name: &'static str,
    pub xml: String,
    pub outcome: Outcome,
}

fn case(name: &'static str, outcome: Outcome, xml: impl Into<String>) -> Hostile {
    Hostile { name, xml: xml.into(), outcome }
}

const PING: &str = "<ping xmlns='urn:xmpp:ping'/>";
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

/// An IQ of type `get` with this payload.
fn get(addresses: &str, payload: &str) -> String {
    format!("<iq type='get' id='1' {addresses}>{payload}</iq>")
}

fn nested(addresses: &str, levels: usize) -> String {
    get(addresses, &("<a>".repeat(levels) + &"</a>".repeat(levels)))
}

fn x(times: usize) -> String {
    "x".repeat(times)
}

/// What a server could send if it were broken, and what some of its users can make it send.
pub fn from_a_server(addresses: &str, to: &str) -> Vec<Hostile> {
    let a = addresses;
    let not_ours = Error("service-unavailable");
    let too_much = Error("policy-violation");
    let bad = Error("bad-request");
    let error = |content: &str| format!("<iq id='1' type='error' {a}><error {content}</error></iq>");
    let from = |from: &str| format!("<iq id='1' type='get' from='{from}' to='{to}'>{PING}</iq>");
    vec![
        case("good iq", Result, get(a, PING)),
        case("iq unknown payload", not_ours, get(a, "<x xmlns='urn:nope' z='1'><y/></x>")),
        case("iq unknown extra attribute", Result, format!("<iq type='get' id='1' q='1' {a}>{PING}</iq>")),
        case(
            "iq unknown namespace with children",
            not_ours,
            format!(
                "<iq type='set' id='1' {a}><query xmlns='urn:x'><foo/><username>a</username></query></iq>"
            ),
        ),
        case("iq without id", bad, format!("<iq type='get' {a}>{PING}</iq>")),
        case("iq without type", bad, format!("<iq id='1' {a}>{PING}</iq>")),
        case("iq bad type", bad, format!("<iq id='1' type='zonk' {a}>{PING}</iq>")),
        case("iq get without payload", bad, format!("<iq id='1' type='get' {a}/>")),
        case("iq get two payloads", bad, get(a, &PING.repeat(2))),
        case("iq with text", bad, get(a, &format!("hello{PING}"))),
        case("iq with whitespace", Result, get(a, &format!("\n  {PING}\n"))),
        case("iq invalid from", bad, from("@@/")),
        case("iq from with odd unicode resource", Result, from("u@h/\u{200e}\u{1F600}\u{e000}")),
        case("iq from with unassigned code point", Result, from("u@h/\u{0378}")),
        case("iq from domain with underscore", Result, from("u@a_b.example/r")),
        case("iq error without error", Nothing, format!("<iq id='1' type='error' {a}/>")),
        case(
            "iq error unknown condition",
            Nothing,
            error(&format!("type='cancel'><zonk xmlns='{STANZAS}'/>")),
        ),
        case("iq error without condition", Nothing, error("type='cancel'>")),
        case("iq error legacy code", Nothing, error("code='404'>")),
        case(
            "iq error with application's child",
            Nothing,
            error(&format!("type='cancel'><not-allowed xmlns='{STANZAS}'/><foo xmlns='urn:x'/>")),
        ),
        case(
            "iq error with two application's children",
            Nothing,
            error(&format!(
                "type='cancel'><not-allowed xmlns='{STANZAS}'/><foo xmlns='urn:x'/><bar xmlns='urn:y'/>"
            )),
        ),
        case("message", Nothing, format!("<message {a} type='chat'><body>hi</body></message>")),
        case("message bad type", Nothing, format!("<message {a} type='zonk'><body>hi</body></message>")),
        case("message two bodies", Nothing, format!("<message {a}><body>hi</body><body>ho</body></message>")),
        case(
            "message invalid from",
            Nothing,
            format!("<message from='@@/' to='{to}'><body>x</body></message>"),
        ),
        case("presence bad show", Nothing, format!("<presence {a}><show>zonk</show></presence>")),
        case("presence bad priority", Nothing, format!("<presence {a}><priority>9999</priority></presence>")),
        case("presence bad type", Nothing, format!("<presence {a} type='zonk'/>")),
        case(
            "presence two statuses",
            Nothing,
            format!("<presence {a}><status>a</status><status>b</status></presence>"),
        ),
        case("whitespace keepalive", Nothing, " \n "),
        case("unknown element", Nothing, "<foo xmlns='urn:bar'/>"),
        case(
            "iq in jabber:client",
            too_much,
            format!("<iq xmlns='jabber:client' type='get' id='1' {a}>{PING}</iq>"),
        ),
        case("second handshake", Nothing, "<handshake/>"),
        case("text between stanzas", Nothing, "garbage"),
        case("comment", NewStream, "<!-- c -->"),
        case("processing instruction", NewStream, "<?php foo?>"),
        case("undeclared prefix", too_much, get(a, "<z:p/>")),
        case("not well-formed", NewStream, "<iq></message>"),
        case("invalid character reference", NewStream, format!("<message {a}><body>&#1;</body></message>")),
        case("id of 8000 bytes", Result, format!("<iq type='get' id='{}' {a}>{PING}</iq>", x(8000))),
        case("id of 9000 bytes", too_much, format!("<iq type='get' id='{}' {a}>{PING}</iq>", x(9000))),
        case(
            "payload attribute of 9000 bytes",
            too_much,
            get(a, &format!("<q xmlns='urn:x' a='{}'/>", x(9000))),
        ),
        case("text of 200 kB", not_ours, get(a, &format!("<q xmlns='urn:x'>{}</q>", x(200_000)))),
        case("text of 10 MB", too_much, get(a, &format!("<q xmlns='urn:x'>{}</q>", x(10_000_000)))),
        case("50,000 children", too_much, get(a, &format!("<q xmlns='urn:x'>{}</q>", "<a/>".repeat(50_000)))),
        case("100 levels", too_much, nested(a, 100)),
        case("1,000 levels", too_much, nested(a, 1000)),
        case("3,000 levels", too_much, nested(a, 3000)),
        case(
            "stream error",
            NewStream,
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        ),
        case("stream footer", NewStream, "</stream:stream>"),
    ]
}

/// What an ordinary user can send through a server. Outcomes are those without a server between; a real one
/// answers some of them itself.
pub fn from_a_user(addresses: &str) -> Vec<Hostile> {
    let a = addresses;
    let too_much = Error("policy-violation");
    let bad = Error("bad-request");
    let attribute = |size| get(a, &format!("<q xmlns='urn:x' a='{}'/>", x(size)));
    vec![
        case("good", Result, get(a, PING)),
        case("iq no id", bad, format!("<iq type='get' {a}>{PING}</iq>")),
        case("iq no payload", bad, format!("<iq type='get' id='1' {a}/>")),
        case("iq bad type", bad, format!("<iq type='zonk' id='1' {a}>{PING}</iq>")),
        case("iq text content", bad, get(a, &format!("hello{PING}"))),
        case("iq error without error", Nothing, format!("<iq type='error' id='1' {a}/>")),
        case(
            "iq error without condition",
            Nothing,
            format!("<iq type='error' id='1' {a}><error type='cancel'/></iq>"),
        ),
        case(
            "iq error unknown condition",
            Nothing,
            format!(
                "<iq type='error' id='1' {a}><error type='cancel'><zonk xmlns='{STANZAS}'/></error></iq>"
            ),
        ),
        case("message bad type", Nothing, format!("<message type='zonk' {a}><body>x</body></message>")),
        case("message error without error", Nothing, format!("<message type='error' {a}/>")),
        case("presence bad priority", Nothing, format!("<presence {a}><priority>9999</priority></presence>")),
        case("presence bad show", Nothing, format!("<presence {a}><show>zonk</show></presence>")),
        case("presence bad type", Nothing, format!("<presence type='zonk' {a}/>")),
        case("attribute of 8.3 kB", too_much, attribute(8300)),
        case("message id of 8.3 kB", Nothing, format!("<message {a} id='{}'/>", x(8300))),
        case("prefixed payload", Error("service-unavailable"), get(a, "<z:q xmlns:z='urn:x' z:a='1'/>")),
        case("xml:lang", Result, format!("<iq type='get' id='1' xml:lang='de' {a}>{PING}</iq>")),
        case(
            "forwarded message",
            Error("service-unavailable"),
            get(a, "<f xmlns='urn:x'><message xmlns='jabber:client' to='a@b'><body>x</body></message></f>"),
        ),
        case("1,000 levels", too_much, nested(a, 1000)),
        case("5,000 levels", too_much, nested(a, 5000)),
        case("20,000 levels", too_much, nested(a, 20_000)),
        case("attribute of 60 kB", too_much, attribute(60_000)),
        case("attribute of 180 kB", too_much, attribute(180_000)),
        case("50,000 children", too_much, get(a, &format!("<q xmlns='urn:x'>{}</q>", "<a/>".repeat(50_000)))),
    ]
}

/// What else an attacker may think of.
pub fn from_an_attacker(addresses: &str, from: &str) -> Vec<Hostile> {
    let mut cases = odd_names(addresses);
    cases.extend(odd_text(addresses));
    cases.extend(odd_business(addresses, from));
    cases
}

fn odd_names(addresses: &str) -> Vec<Hostile> {
    let a = addresses;
    let (not_ours, too_much) = (Error("service-unavailable"), Error("policy-violation"));
    let attributes = |count: usize| (0..count).map(|n| format!(" a{n}='1'")).collect::<Vec<_>>().concat();
    let attribute = |attributes: &str| format!("<iq type='get' id='1' {a} {attributes}>{PING}</iq>");
    vec![
        case(
            "prefixed iq",
            Result,
            format!("<x:iq xmlns:x='jabber:component:accept' type='get' id='1' {a}>{PING}</x:iq>"),
        ),
        case(
            "prefixed iq of another kind",
            Nothing,
            format!("<x:iq xmlns:x='urn:x' type='get' id='1' {a}>{PING}</x:iq>"),
        ),
        case(
            "namespace after many attributes",
            too_much,
            attribute(&format!("{} xmlns='jabber:client'", attributes(50))),
        ),
        case(
            "stanza within a payload",
            Result,
            get(
                a,
                "<ping xmlns='urn:xmpp:ping'><iq xmlns='jabber:component:accept' type='get' id='2'/></ping>",
            ),
        ),
        case("1,000 attributes", too_much, attribute(&attributes(1000))),
        case(
            "65 attributes in the payload",
            too_much,
            get(a, &format!("<q xmlns='urn:x'{}/>", attributes(65))),
        ),
        case("element name of 9 kB", too_much, get(a, &format!("<{} xmlns='urn:x'/>", x(9000)))),
        case("stanza name of 9 kB", Nothing, format!("<{} {a}/>", x(9000))),
        case("attribute name of 9 kB", too_much, attribute(&format!("{}='1'", x(9000)))),
        case("prefix of 9 kB", too_much, attribute(&format!("xmlns:{}='urn:x'", x(9000)))),
        case("namespace of 9 kB", too_much, get(a, &format!("<q xmlns='{}'/>", x(9000)))),
        case("from of 9 kB", Nothing, format!("<iq type='get' id='1' from='{}' to='c'>{PING}</iq>", x(9000))),
        case("duplicate attribute", too_much, attribute("q='1' q='2'")),
        case("duplicate id", too_much, attribute("id='2'")),
        case(
            "duplicate by two prefixes",
            too_much,
            attribute("xmlns:p='urn:x' xmlns:q='urn:x' p:a='1' q:a='2'"),
        ),
        case("undeclared attribute prefix", too_much, attribute("p:a='1'")),
        case("1,000 declarations", too_much, {
            let levels = (0..60)
                .map(|n| format!("<a xmlns:p{n}='urn:{n}' xmlns:q{n}='urn:{n}'>"))
                .collect::<Vec<_>>()
                .concat();
            get(a, &(levels + &"</a>".repeat(60)))
        }),
        case("prefix taken back", NewStream, attribute("xmlns:a=''")),
        case("prefix xml bound anew", NewStream, attribute("xmlns:xml='urn:x'")),
        case(
            "declaration of the xmlns namespace",
            too_much,
            attribute("xmlns:p='http://www.w3.org/2000/xmlns/'"),
        ),
        case("no namespace at all", Nothing, format!("<iq xmlns='' type='get' id='1' {a}>{PING}</iq>")),
        case("payload without namespace", not_ours, get(a, "<ping xmlns=''/>")),
    ]
}

fn odd_text(addresses: &str) -> Vec<Hostile> {
    let a = addresses;
    let (not_ours, too_much) = (Error("service-unavailable"), Error("policy-violation"));
    let text = |text: &str| get(a, &format!("<q xmlns='urn:x'>{text}</q>"));
    let attribute = |value: &str| format!("<iq type='get' id='1' {a} q='{value}'>{PING}</iq>");
    vec![
        case("undeclared entity", NewStream, text("&lol;")),
        case("document type", NewStream, "<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;'>]>"),
        case("second XML declaration", NewStream, "<?xml version='1.0'?>"),
        case("null byte", NewStream, text("\0")),
        case("end of CDATA outside of it", NewStream, text("]]>")),
        case("code point beyond Unicode", NewStream, text("&#x110000;")),
        case("surrogate by reference", NewStream, text("&#xD800;")),
        case("reference without end", NewStream, text("&#99999999999999999999;")),
        case("markup within CDATA", not_ours, text("<![CDATA[</q></iq><iq type='get'>]]>")),
        case("stanza within CDATA between stanzas", Nothing, format!("<![CDATA[{}]]>", get(a, PING))),
        case("empty CDATA between stanzas", Nothing, "<![CDATA[]]>"),
        case("10,000 CDATA sections", too_much, text(&"<![CDATA[a]]>".repeat(10_000))),
        case("3,000 references", not_ours, text(&"&#65;".repeat(3000))),
        case("attribute of 1,600 entities", Result, attribute(&"&amp;".repeat(1600))),
        case("attribute of 1,700 references", Result, attribute(&"&#x41;".repeat(1700))),
        case(
            "control and private characters",
            not_ours,
            text("\u{7f}\u{85}\u{fdd0}\u{1fffd}\u{10fffd}\u{feff}\u{202e}"),
        ),
        case("byte order mark between stanzas", Nothing, "\u{feff}"),
        case("2 MB of white space", Nothing, " \r\n\t".repeat(500_000)),
        case("2 MB of text between stanzas", Nothing, x(2_000_000)),
        case("as deep as it may be", not_ours, nested(a, 63)),
        case("one level too deep", too_much, nested(a, 64)),
        case("as large as it may be", not_ours, {
            let rest = text("").len();
            text(&x(256 * 1024 - rest))
        }),
        case("one byte too large", too_much, {
            let rest = text("").len();
            text(&x(256 * 1024 - rest + 1))
        }),
        case("60,000 levels", too_much, nested(a, 60_000)),
    ]
}

fn odd_business(addresses: &str, from: &str) -> Vec<Hostile> {
    let a = addresses;
    let (not_ours, bad) = (Error("service-unavailable"), Error("bad-request"));
    let attribute = |attributes: &str| format!("<iq type='get' id='1' {a} {attributes}>{PING}</iq>");
    let to = |to: &str| format!("<iq type='get' id='1' from='{from}' to='{to}'>{PING}</iq>");
    vec![
        case(
            "space in end tags",
            Result,
            format!("<iq type='get' id='1' {a} ><ping xmlns='urn:xmpp:ping' ></ping  ></iq\n>"),
        ),
        case("answer that nobody waits for", Nothing, format!("<iq type='result' id='1' {a}/>")),
        case("answer without id", Nothing, format!("<iq type='result' {a}/>")),
        case("to somebody below us", not_ours, to("x@broker.example")),
        case("to a resource of ours", not_ours, to("broker.example/x")),
        case("to nobody", not_ours, to("")),
        case("without from", Nothing, format!("<iq type='get' id='1' to='broker.example'>{PING}</iq>")),
        case("empty from", Nothing, format!("<iq type='get' id='1' from='' to='broker.example'>{PING}</iq>")),
        case("stream within the stream", Nothing, "<stream:stream/>"),
        case("features within the stream", Nothing, "<stream:features/>"),
        case(
            "stream error by another prefix",
            NewStream,
            "<e:error xmlns:e='http://etherx.jabber.org/streams'><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></e:error>",
        ),
        case("error that is no stream error", Nothing, "<stream:error xmlns:stream='urn:x'/>"),
        case("presence subscribe", Nothing, format!("<presence type='subscribe' {a}/>")),
        case("ping that sets", bad, format!("<iq type='set' id='1' {a}>{PING}</iq>")),
        case("another element of the ping namespace", bad, get(a, "<pong xmlns='urn:xmpp:ping'/>")),
        case("unknown disco node", Error("item-not-found"), {
            get(a, "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>")
        }),
        case("xml:lang that is none", Result, attribute("xml:lang='\u{1F600}'")),
        case("xml:space", Result, attribute("xml:space='zonk' xml:id='1'")),
    ]
}
