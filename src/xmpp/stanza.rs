//! Stanzas as they come in, and requests of our own.

use jid::BareJid;
use minidom::{Element, Node};
use rxml::Namespace;
use xmpp_parsers::{
    ns,
    stanza_error::{DefinedCondition, ErrorType, StanzaError},
};

use super::{attributes, reply::ReturnAddress};

/// XEP-0380.
const NS_ENCRYPTION: &str = "urn:xmpp:eme:0";
/// Bytes of a thread's name that we repeat.
const LONGEST_THREAD: usize = 256;

/// Whether a request asks or changes something (RFC 6120 §8.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// It asks.
    Get,
    /// It changes something.
    Set,
}

impl RequestKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
        }
    }
}

/// An IQ of type `get` or `set` that keeps the rules of RFC 6120 §8.2.3. Its payload may hold a password: never log it.
pub struct Request {
    /// Whether it asks or changes something.
    pub kind: RequestKind,
    /// Who asks.
    pub from: Requester,
    /// Its id.
    pub id: String,
    /// The language of the stanza (`xml:lang`, RFC 6120 §8.1.5), as sent.
    pub lang: Option<String>,
    /// The one child of the IQ.
    pub payload: Element,
}

/// A message for us to answer: somebody's words, in a chat or by themselves (RFC 6121 §5.2.2).
pub struct Message {
    /// Who wrote it.
    pub from: Requester,
    /// The language of the stanza, as sent.
    pub lang: Option<String>,
    /// Whether it belongs to a chat.
    pub chat: bool,
    /// The words.
    pub body: String,
    /// The thread that they belong to.
    pub thread: Option<String>,
    /// Whether the words only stand in for encrypted ones.
    pub encrypted: bool,
}

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    raw: String,
    bare: BareJid,
}

impl Requester {
    /// Reads an address. A resource is not looked at, so one that our tables do not know does no harm.
    pub fn parse(raw: &str) -> Option<Self> {
        let bare = raw.split_once('/').map_or(raw, |(bare, _)| bare);
        Some(Self { raw: raw.to_owned(), bare: BareJid::new(bare).ok()? })
    }

    /// The address as it was sent.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// The account or domain, prepared, without the resource.
    pub fn bare(&self) -> &BareJid {
        &self.bare
    }

    /// The domain, when the sender is exactly that: no user, no resource. No user and no remote server can send
    /// from the domain of our own server, so this is how the server's own requests are known.
    pub fn as_domain(&self) -> Option<&str> {
        (self.bare.node().is_none() && self.raw == self.bare.as_str()).then_some(self.raw.as_str())
    }
}

/// A request of our own.
pub(super) fn own_request(kind: RequestKind, id: &str, from: &str, to: &str, payload: Element) -> Element {
    Element::builder("iq", ns::COMPONENT)
        .attr(attributes::TYPE.to_owned(), kind.as_str())
        .attr(attributes::ID.to_owned(), id)
        .attr(attributes::FROM.to_owned(), from)
        .attr(attributes::TO.to_owned(), to)
        .append(payload)
        .build()
}

/// What a stanza is to us.
pub(super) enum Incoming {
    /// A request that keeps the rules.
    Request(ReturnAddress, Request),
    /// A request that does not: it is answered with `bad-request`.
    BadRequest(ReturnAddress),
    /// The answer to a request of ours.
    Answer { id: String, from: Option<String>, outcome: Result<Option<Element>, Box<StanzaError>> },
    /// A message that may be answered, and whom it was sent to.
    Message { to: Option<String>, message: Message },
    /// Nothing for us: presence, and messages that nobody expects an answer to.
    Ignored,
}

impl Incoming {
    /// Takes a stanza apart.
    pub(super) fn from_stanza(mut stanza: Element) -> Self {
        if stanza.is("message", ns::COMPONENT) {
            return read_message(&stanza).unwrap_or(Self::Ignored);
        }
        if !stanza.is("iq", ns::COMPONENT) {
            return Self::Ignored;
        }
        let mut take = |name: &str| stanza.attrs_mut().remove(Namespace::none(), name);
        let (kind, id, from, to) = (take("type"), take("id"), take("from"), take("to"));
        let from = from.filter(|from| !from.is_empty());
        let kind = match kind.as_deref() {
            Some("get") => RequestKind::Get,
            Some("set") => RequestKind::Set,
            Some("result" | "error") => {
                let Some(id) = id else { return Self::Ignored };
                return Self::Answer { id, from, outcome: read_outcome(&mut stanza, kind.as_deref()) };
            }
            // RFC 6120 §8.2.3: any other value gets `bad-request`.
            _ => return Self::bad_request(ReturnAddress { id, from, to }),
        };
        let requester = from.as_deref().and_then(Requester::parse);
        let lang = stanza.attrs_mut().remove(Namespace::xml(), "lang");
        let address = ReturnAddress { id: id.clone(), from, to };
        match (requester, only_child(&mut stanza), id) {
            (Some(from), Some(payload), Some(id)) => {
                Self::Request(address, Request { kind, from, id, lang, payload })
            }
            _ => Self::bad_request(address),
        }
    }

    /// An answer needs somebody to go to.
    fn bad_request(address: ReturnAddress) -> Self {
        if address.from.is_some() { Self::BadRequest(address) } else { Self::Ignored }
    }
}

/// A message with words, of a type that is answered: not an error, not from a room, not a headline (RFC 6121 §5.2.2).
fn read_message(stanza: &Element) -> Option<Incoming> {
    let chat = match stanza.attr("type") {
        None | Some("normal") => false,
        Some("chat") => true,
        Some(_) => return None,
    };
    let body = stanza.get_child("body", ns::COMPONENT)?.text();
    if body.trim().is_empty() {
        return None;
    }
    let thread = stanza.get_child("thread", ns::COMPONENT).map(Element::text);
    let message = Message {
        from: Requester::parse(stanza.attr("from")?)?,
        lang: stanza.attr_ns(Namespace::xml(), "lang").map(str::to_owned),
        chat,
        body,
        thread: thread.filter(|thread| thread.len() <= LONGEST_THREAD),
        encrypted: stanza.children().any(|child| child.is("encryption", NS_ENCRYPTION)),
    };
    Some(Incoming::Message { to: stanza.attr("to").map(str::to_owned), message })
}

/// The one child element; `None` if there are none, several, or text between them.
fn only_child(stanza: &mut Element) -> Option<Element> {
    let mut child = None;
    for node in stanza.take_nodes() {
        match node {
            Node::Element(element) if child.is_none() => child = Some(element),
            Node::Text(text) if xso::is_xml_whitespace(&text) => {}
            _ => return None,
        }
    }
    child
}

fn read_outcome(stanza: &mut Element, kind: Option<&str>) -> Result<Option<Element>, Box<StanzaError>> {
    let mut children = stanza.take_nodes().into_iter().filter_map(Node::into_element);
    if kind == Some("result") {
        return Ok(children.next());
    }
    let error = children.find(|child| child.is("error", ns::COMPONENT));
    // An error that we cannot read is an error all the same.
    Err(Box::new(error.and_then(|error| StanzaError::try_from(error).ok()).unwrap_or_else(|| {
        StanzaError::new(ErrorType::Cancel, DefinedCondition::UndefinedCondition, "en", "unreadable error")
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::Reply;

    fn incoming(xml: &str) -> Incoming {
        Incoming::from_stanza(xml.replace("<iq", "<iq xmlns='jabber:component:accept'").parse().unwrap())
    }

    fn refused(xml: &str) -> String {
        match incoming(xml) {
            Incoming::Request(address, _) | Incoming::BadRequest(address) => {
                String::from(&address.answer(Reply::bad_request()))
            }
            _ => panic!("not a request"),
        }
    }

    #[test]
    fn only_the_bare_domain_itself_counts_as_the_server() {
        assert_eq!(Requester::parse("chat.example").unwrap().as_domain(), Some("chat.example"));
        for other in
            ["a@chat.example", "chat.example/r", "chat.example/\u{1F600}", "a@chat.example/chat.example"]
        {
            assert_eq!(Requester::parse(other).unwrap().as_domain(), None, "{other}");
        }
        assert_eq!(Requester::parse("@@/"), None);
    }

    #[test]
    fn a_resource_that_cannot_be_prepared_does_no_harm() {
        let requester = Requester::parse("u@chat.example/\u{1F600}").unwrap();
        assert_eq!(requester.bare().as_str(), "u@chat.example");
        assert_eq!(requester.as_str(), "u@chat.example/\u{1F600}");
    }

    #[test]
    fn an_answer_goes_to_the_address_as_it_was_sent() {
        let xml = refused("<iq type='get' id='1' from='@@/' to='d'><q xmlns='urn:q'/></iq>");
        assert!(xml.contains("to=\"@@/\"") || xml.contains("to='@@/'"), "{xml}");
    }

    #[test]
    fn what_breaks_the_rules_of_requests_is_a_bad_request() {
        for xml in [
            "<iq type='get' from='a@b' to='d'><q xmlns='urn:q'/></iq>",
            "<iq type='get' id='1' from='a@b' to='d'/>",
            "<iq type='get' id='1' from='a@b' to='d'><q xmlns='urn:q'/><q xmlns='urn:q'/></iq>",
            "<iq type='get' id='1' from='a@b' to='d'>text<q xmlns='urn:q'/></iq>",
            "<iq type='zonk' id='1' from='a@b' to='d'><q xmlns='urn:q'/></iq>",
            "<iq id='1' from='a@b' to='d'><q xmlns='urn:q'/></iq>",
        ] {
            assert!(matches!(incoming(xml), Incoming::BadRequest(_)), "{xml}");
        }
    }

    #[test]
    fn only_words_that_expect_an_answer_are_a_message_for_us() {
        let read = |xml: &str| {
            let whole = xml.replacen(" from=", " xmlns='jabber:component:accept' from=", 1);
            let whole =
                whole.replacen("type='chat' to=", "xmlns='jabber:component:accept' type='chat' to=", 1);
            Incoming::from_stanza(whole.parse().unwrap())
        };
        for kind in ["", "type='chat'", "type='normal'"] {
            let xml = format!("<message {kind} from='a@b/c' to='d'><body>help</body></message>");
            assert!(matches!(read(&xml), Incoming::Message { .. }), "{kind}");
        }
        for xml in [
            "<message type='error' from='a@b' to='d'><body>help</body></message>",
            "<message type='groupchat' from='a@b' to='d'><body>help</body></message>",
            "<message type='headline' from='a@b' to='d'><body>help</body></message>",
            "<message type='chat' from='a@b' to='d'><body> </body></message>",
            "<message type='chat' from='a@b' to='d'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
            "<message type='chat' from='a@b' to='d'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='a@b'><body>help</body></message></forwarded></sent></message>",
            "<message type='chat' to='d'><body>help</body></message>",
            "<presence from='a@b' to='d'/>",
        ] {
            assert!(matches!(read(xml), Incoming::Ignored), "{xml}");
        }
    }

    #[test]
    fn errors_are_never_answered() {
        for xml in [
            "<iq type='error' id='1' from='a@b'/>",
            "<iq type='error' from='a@b'/>",
            "<iq type='result' from='a@b'/>",
        ] {
            assert!(matches!(incoming(xml), Incoming::Ignored | Incoming::Answer { .. }), "{xml}");
        }
    }
}
