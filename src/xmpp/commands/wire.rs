//! `<command/>` as it is read and written (XEP-0050 §4).

use minidom::Element;
use rxml::Namespace;
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use super::{
    NS,
    command::{Ask, End, Note},
};
use crate::{
    text::Language,
    xmpp::{attributes, data_form::FormField, reply::Reply},
};

/// XEP-0066.
const NS_OOB: &str = "jabber:x:oob";
/// Characters of a node or session id at most; ours have a few hundred.
const LONGEST: usize = 1024;
/// The hidden field that holds the stage. A session keeps its id (§4.1), so the stage cannot be in there.
pub(super) const STAGE_FIELD: &str = "ostiary#stage";

/// What the requester wants (§4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Execute,
    Cancel,
    Prev,
    Next,
    Complete,
}

/// A request.
pub(super) struct Asked<'a> {
    pub(super) node: &'a str,
    pub(super) session: Option<&'a str>,
    /// `None` for a word that is no action.
    pub(super) action: Option<Action>,
    pub(super) lang: Option<&'a str>,
}

/// What is wrong with a request (§4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    MalformedAction,
    BadAction,
    BadLocale,
    BadPayload,
    BadSessionId,
    SessionExpired,
    Forbidden,
    NotFound,
}

/// How an answer stands (§4.1).
#[derive(Debug, Clone, Copy)]
pub(super) enum Status {
    Executing,
    Completed,
    Canceled,
}

impl<'a> Asked<'a> {
    /// Reads a request; `None` if it is not one. An empty session id counts as none.
    pub(super) fn read(command: &'a Element) -> Option<Self> {
        let node = command.attr("node").filter(|node| !node.is_empty() && node.len() <= LONGEST)?;
        Some(Self {
            node,
            session: command.attr("sessionid").filter(|id| !id.is_empty()),
            action: match command.attr("action").unwrap_or("execute") {
                "execute" => Some(Action::Execute),
                "cancel" => Some(Action::Cancel),
                "prev" => Some(Action::Prev),
                "next" => Some(Action::Next),
                "complete" => Some(Action::Complete),
                _ => None,
            },
            lang: command.attr_ns(Namespace::xml(), "lang"),
        })
    }
}

impl From<Wrong> for Reply {
    fn from(wrong: Wrong) -> Self {
        let (kind, condition, specific) = match wrong {
            Wrong::MalformedAction => (ErrorType::Modify, Condition::BadRequest, Some("malformed-action")),
            Wrong::BadAction => (ErrorType::Modify, Condition::BadRequest, Some("bad-action")),
            Wrong::BadLocale => (ErrorType::Modify, Condition::BadRequest, Some("bad-locale")),
            Wrong::BadPayload => (ErrorType::Modify, Condition::BadRequest, Some("bad-payload")),
            Wrong::BadSessionId => (ErrorType::Modify, Condition::BadRequest, Some("bad-sessionid")),
            Wrong::SessionExpired => (ErrorType::Cancel, Condition::NotAllowed, Some("session-expired")),
            Wrong::Forbidden => (ErrorType::Cancel, Condition::Forbidden, None),
            Wrong::NotFound => (ErrorType::Cancel, Condition::ItemNotFound, None),
        };
        let mut reply = Self::error(condition, kind);
        if let Self::Error { error, .. } = &mut reply {
            error.other = specific.map(|name| Element::bare(name, NS));
        }
        reply
    }
}

/// The part of every answer that is the same.
pub(super) struct Frame<'a> {
    pub(super) node: &'a str,
    pub(super) session: &'a str,
    pub(super) language: Language,
}

impl Frame<'_> {
    pub(super) fn canceled(&self) -> Element {
        self.command(Status::Canceled, Vec::new())
    }

    /// A form, with the actions that lead on from here (§3.4).
    pub(super) fn ask(&self, ask: Ask, stage: &str) -> Element {
        let action = if ask.last { "complete" } else { "next" };
        let actions = Element::builder("actions", NS)
            .attr(attributes::EXECUTE.to_owned(), action)
            .append_all(ask.back.then(|| Element::bare("prev", NS)))
            .append(Element::bare(action, NS))
            .build();
        let form = ask.form.field(FormField::hidden(STAGE_FIELD, stage));
        let mut payloads = vec![actions, form.into()];
        payloads.extend(ask.data);
        payloads.extend(ask.url.map(oob));
        payloads.extend(ask.notes.iter().map(note));
        self.command(Status::Executing, payloads)
    }

    pub(super) fn end(&self, end: End) -> Element {
        let mut payloads: Vec<Element> = end.form.map(Into::into).into_iter().collect();
        payloads.extend(end.url.map(oob));
        payloads.extend(end.notes.iter().map(note));
        self.command(Status::Completed, payloads)
    }

    fn command(&self, status: Status, payloads: Vec<Element>) -> Element {
        let status = match status {
            Status::Executing => "executing",
            Status::Completed => "completed",
            Status::Canceled => "canceled",
        };
        let mut command = Element::builder("command", NS)
            .attr(attributes::NODE.to_owned(), self.node)
            .attr(attributes::SESSIONID.to_owned(), self.session)
            .attr(attributes::STATUS.to_owned(), status)
            .append_all(payloads)
            .build();
        command.set_attr(Namespace::XML, attributes::LANG.to_owned(), self.language.tag());
        command
    }
}

fn note(note: &Note) -> Element {
    Element::builder("note", NS)
        .attr(attributes::TYPE.to_owned(), note.kind.as_str())
        .append(note.text.as_str())
        .build()
}

fn oob(address: String) -> Element {
    let url = Element::builder("url", NS_OOB).append(address).build();
    Element::builder("x", NS_OOB).append(url).build()
}
