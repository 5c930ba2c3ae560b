//! Answers to requests.
//!
//! An answer is addressed with the strings that came in, not with parsed addresses: a sender whose address we
//! cannot parse can still read it.

use std::{collections::BTreeMap, fmt};

use minidom::Element;
use rxml::Namespace;
use xmpp_parsers::{
    ns,
    stanza_error::{DefinedCondition, ErrorType, StanzaError},
};

use super::{attributes, guard::RefusedStanza};

/// The answer to a [`Request`].
pub enum Reply {
    /// An IQ of type `result`, with or without a payload.
    Result(Option<Element>),
    /// An IQ of type `error`.
    Error {
        /// Condition, kind and texts. The numeric code of old clients is added when it is written.
        error: Box<StanzaError>,
        /// Goes before the error, such as a fresh form.
        payload: Option<Element>,
    },
}

impl Reply {
    /// An empty result.
    pub fn done() -> Self {
        Self::Result(None)
    }

    /// An error without a text.
    pub fn error(condition: DefinedCondition, kind: ErrorType) -> Self {
        Self::from_error(StanzaError {
            type_: kind,
            by: None,
            defined_condition: condition,
            texts: BTreeMap::new(),
            other: None,
        })
    }

    /// An error with a text for people, in the language `lang`.
    pub fn error_with_text(condition: DefinedCondition, kind: ErrorType, lang: &str, text: &str) -> Self {
        Self::from_error(StanzaError::new(kind, condition, lang, text))
    }

    /// The answer to what we do not offer (RFC 6120 §8.4).
    pub fn service_unavailable() -> Self {
        Self::error(DefinedCondition::ServiceUnavailable, ErrorType::Cancel)
    }

    /// The answer to a request that breaks the rules of its protocol.
    pub fn bad_request() -> Self {
        Self::error(DefinedCondition::BadRequest, ErrorType::Modify)
    }

    /// The answer when there is too much to do: try again later.
    pub fn busy() -> Self {
        Self::error(DefinedCondition::ResourceConstraint, ErrorType::Wait)
    }

    /// The answer when something on our side broke.
    pub fn internal_error() -> Self {
        Self::error(DefinedCondition::InternalServerError, ErrorType::Wait)
    }

    /// An error with something before it, such as a fresh form. A result stays as it is.
    #[must_use]
    pub fn with_payload(mut self, element: impl Into<Option<Element>>) -> Self {
        if let Self::Error { payload, .. } = &mut self {
            *payload = element.into();
        }
        self
    }

    /// An error with a condition of an application inside (RFC 6120 §8.3.4). A result stays as it is.
    #[must_use]
    pub fn with_detail(mut self, detail: Element) -> Self {
        if let Self::Error { error, .. } = &mut self {
            error.other = Some(detail);
        }
        self
    }

    /// Adds a last child to the payload, if there is one.
    pub fn add_to_payload(&mut self, child: Element) {
        let (Self::Result(payload) | Self::Error { payload, .. }) = self;
        if let Some(payload) = payload {
            payload.append_child(child);
        }
    }

    fn from_error(error: StanzaError) -> Self {
        Self::Error { error: Box::new(error), payload: None }
    }
}

/// Without the payload: it may hold credentials.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result(_) => f.write_str("Result"),
            Self::Error { error, .. } => write!(f, "Error({:?})", error.defined_condition),
        }
    }
}

impl From<Element> for Reply {
    fn from(payload: Element) -> Self {
        Self::Result(Some(payload))
    }
}

/// Where an answer goes: the addresses and the id of the request, as they came in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReturnAddress {
    pub(super) id: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl ReturnAddress {
    /// Whom the request was sent to.
    pub(super) fn asked(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// Makes the IQ that carries `reply`.
    pub(super) fn answer(self, reply: Reply) -> Element {
        let mut answer = iq_answer(ns::COMPONENT, self.id.as_deref(), reply);
        answer.set_attr(Namespace::NONE, attributes::FROM.to_owned(), self.to);
        answer.set_attr(Namespace::NONE, attributes::TO.to_owned(), self.from);
        answer
    }
}

/// The namespace of stanzas between a server and its clients (RFC 6120 §4.8.2).
pub(super) const NS_CLIENT: &str = "jabber:client";

/// The answer to a client's stanza that the server carried to us; the server adds the addresses.
pub(super) fn carried_answer(id: Option<&str>, reply: Reply) -> Element {
    iq_answer(NS_CLIENT, id, reply)
}

fn iq_answer(namespace: &str, id: Option<&str>, reply: Reply) -> Element {
    let (kind, payload, error) = match reply {
        Reply::Result(payload) => ("result", payload, None),
        Reply::Error { error, payload } => ("error", payload, Some(error_element(namespace, *error))),
    };
    Element::builder("iq", namespace)
        .attr(attributes::TYPE.to_owned(), kind)
        .attr(attributes::ID.to_owned(), id)
        .append_all(payload)
        .append_all(error)
        .build()
}

/// The answer to a stanza that the guard kept back.
pub(super) fn answer_refused(refused: RefusedStanza) -> Element {
    let address = ReturnAddress { id: refused.id, from: refused.from, to: refused.to };
    address.answer(Reply::error(DefinedCondition::PolicyViolation, ErrorType::Modify))
}

fn error_element(namespace: &str, error: StanzaError) -> Element {
    let code = legacy_code(&error.defined_condition);
    // `StanzaError` writes itself in the component's namespace; a carried answer is a client's stanza.
    let mut element = Element::from(error);
    let kind = element.attr("type").map(str::to_owned);
    Element::builder("error", namespace)
        .attr(attributes::TYPE.to_owned(), kind)
        .attr(attributes::CODE.to_owned(), code)
        .append_all(element.take_nodes())
        .build()
}

/// The number that clients from before RFC 3920 look for (XEP-0086 §3).
///
/// `policy-violation` is younger than that table, and comes nearest to `not-acceptable`.
fn legacy_code(condition: &DefinedCondition) -> &'static str {
    match condition {
        DefinedCondition::Gone { .. } | DefinedCondition::Redirect { .. } => "302",
        DefinedCondition::BadRequest
        | DefinedCondition::JidMalformed
        | DefinedCondition::UnexpectedRequest => "400",
        DefinedCondition::NotAuthorized => "401",
        DefinedCondition::Forbidden => "403",
        DefinedCondition::ItemNotFound
        | DefinedCondition::RecipientUnavailable
        | DefinedCondition::RemoteServerNotFound => "404",
        DefinedCondition::NotAllowed => "405",
        DefinedCondition::NotAcceptable | DefinedCondition::PolicyViolation => "406",
        DefinedCondition::RegistrationRequired | DefinedCondition::SubscriptionRequired => "407",
        DefinedCondition::Conflict => "409",
        DefinedCondition::InternalServerError
        | DefinedCondition::ResourceConstraint
        | DefinedCondition::UndefinedCondition => "500",
        DefinedCondition::FeatureNotImplemented => "501",
        DefinedCondition::ServiceUnavailable => "503",
        DefinedCondition::RemoteServerTimeout => "504",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> ReturnAddress {
        ReturnAddress { id: Some("1".into()), from: Some("@@/".into()), to: Some("broker.example".into()) }
    }

    #[test]
    fn the_condition_comes_before_the_text_and_the_code_of_xep_0086_is_there() {
        let reply = Reply::error_with_text(DefinedCondition::Conflict, ErrorType::Cancel, "de", "vergeben");
        let answer = address().answer(reply);
        let error = answer.children().next().unwrap();
        assert_eq!((error.attr("type"), error.attr("code")), (Some("cancel"), Some("409")));
        let parts: Vec<_> = error.children().map(Element::name).collect();
        assert_eq!(parts, ["conflict", "text"]);
        let text = error.children().nth(1).unwrap();
        assert_eq!((text.text().as_str(), text.attr_ns(Namespace::xml(), "lang")), ("vergeben", Some("de")));
    }

    #[test]
    fn a_payload_goes_before_the_error() {
        let Reply::Error { error, .. } = Reply::busy() else { panic!() };
        let answer = address().answer(Reply::Error { error, payload: Some(Element::bare("query", "urn:q")) });
        assert_eq!(answer.children().map(Element::name).collect::<Vec<_>>(), ["query", "error"]);
    }

    #[test]
    fn addresses_are_exchanged_as_they_are() {
        let answer = address().answer(Reply::done());
        let sent = ["type", "id", "from", "to"].map(|name| answer.attr(name).unwrap());
        assert_eq!(sent, ["result", "1", "broker.example", "@@/"]);
    }

    #[test]
    fn a_reply_tells_nothing_of_its_payload_when_debugged() {
        let payload = Element::builder("q", "urn:q").append("hunter2").build();
        assert_eq!(format!("{:?}", Reply::from(payload)), "Result");
    }
}
