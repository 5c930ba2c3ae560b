//! XEP-0389 Extensible In-Band Registration (0.6.0): registration and recovery in flows of challenges, at the component's own address
//! and, carried by the server's module, on a client's stream before login. What the XEP leaves open: `docs/xep-0389.md`.
//!
//! Nothing is held between two challenges. A form keeps its step in a sealed hidden field, so a flow goes on after a restart, at another
//! broker, and on another stream.

mod catalogue;
mod steps;

use std::time::Duration;

use minidom::Element;
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType};

use self::{
    catalogue::{Challenge, Process},
    steps::Next,
};
use super::{
    asker::Asker,
    context::Context,
    data_form::{self, FormField, SentForm},
    register::Answered,
    reply::Reply,
    stanza::{Request, RequestKind},
};
use crate::{accounts::Domain, text::Language};

pub use self::catalogue::offered;

/// Namespace, feature, and `FORM_TYPE` of the forms.
pub const NS: &str = "urn:xmpp:register:0";
/// XEP-0066.
const NS_OOB: &str = "jabber:x:oob";
/// The hidden field that holds the step.
const STEP_FIELD: &str = "ostiary#step";
/// How long the success waits for the answer before it, and for the client to take it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers an element of this namespace that was sent to the component's own address.
pub async fn at_component(context: Context, request: Request) -> Reply {
    let Some(asker) = Asker::at_component(&context, &request) else { return Reply::service_unavailable() };
    let (reply, success) = act(&context, &asker, request.kind, &request.payload).await;
    let Some(success) = success else { return reply.reply };
    // Success is a request of our own, after the (empty) answer (§6.5).
    let (link, user, to) = (context.link, request.from.bare().clone(), request.from.as_str().to_owned());
    tokio::spawn(async move {
        link.under_way().answered(&user, PATIENCE).await;
        // Whether the client takes it changes nothing: the account is there.
        let _ = link.request(RequestKind::Set, &to, success, PATIENCE).await;
    });
    Reply::done()
}

/// Answers an element that the server's module has carried (`docs/link.md` §2): from a stream before login, or from somebody who is
/// logged in and so has no use for it (§6.2: an empty list).
pub async fn carried(context: &Context, asker: &Asker, kind: RequestKind, payload: &Element) -> Answered {
    let (mut answered, success) = act(context, asker, kind, payload).await;
    if let Some(success) = success {
        answered.reply = success.into();
    }
    answered
}

/// The answer, and the success if this was the last step.
async fn act(
    context: &Context,
    asker: &Asker,
    kind: RequestKind,
    payload: &Element,
) -> (Answered, Option<Element>) {
    let reply = match (kind, payload.name()) {
        (RequestKind::Get, name) => match Process::of_name(name) {
            Some(process) => catalogue::list(context, asker, process).into(),
            None => Reply::bad_request(),
        },
        (RequestKind::Set, "cancel") => Reply::done(),
        (RequestKind::Set, "response") => return respond(context, asker, payload).await,
        (RequestKind::Set, name) => match Process::of_name(name) {
            Some(process) => select(context, asker, process, payload).await,
            None => Reply::bad_request(),
        },
    };
    (Answered { reply, registered: None }, None)
}

/// §6.3: the first challenge of a flow.
async fn select(context: &Context, asker: &Asker, process: Process, payload: &Element) -> Reply {
    let chosen = payload.get_child("flow", NS).and_then(|flow| flow.attr("id"));
    let flow =
        catalogue::flows(context, asker, process).into_iter().find(|flow| Some(flow.id.as_str()) == chosen);
    match flow.map(|flow| flow.challenge) {
        // The module makes the stream error `invalid-flow` of it.
        None => Reply::error(Condition::ItemNotFound, ErrorType::Cancel),
        Some(Challenge::Form(step)) => steps::ask(context, asker, &step, None)
            .await
            .map_or_else(cancel, |form| challenge(context, asker, form))
            .into(),
        Some(Challenge::Page(address)) => out_of_band(address).into(),
    }
}

/// §6.4: what comes after a challenge.
async fn respond(context: &Context, asker: &Asker, payload: &Element) -> (Answered, Option<Element>) {
    let done = |reply: Element| (Answered { reply: reply.into(), registered: None }, None);
    // §7.2: who comes back from a page says nothing, and the page has done everything.
    let Ok(Some(form)) = SentForm::find(payload) else { return done(cancel()) };
    // §6.5: a cancelled form is the same as `<cancel/>`.
    if form.is_cancelled() {
        return (Answered { reply: Reply::done(), registered: None }, None);
    }
    let Some(step) = steps::open(context, asker, &form) else { return done(cancel()) };
    let (next, registered) = steps::take(context, asker, step, &form).await;
    match next {
        Next::Ask(form) => (Answered { reply: challenge(context, asker, form).into(), registered }, None),
        Next::Cancel => (Answered { reply: cancel().into(), registered }, None),
        Next::Success(domain, username) => {
            (Answered { reply: Reply::done(), registered }, Some(success(&domain, &username)))
        }
    }
}

/// §7.1.
fn challenge(context: &Context, asker: &Asker, (step, blank): steps::Asked) -> Element {
    let form = blank.form.field(FormField::hidden(STEP_FIELD, &steps::seal(context, asker, &step)));
    let mut challenge = element_of_type(data_form::NS, form.into());
    blank.data.map(|picture| challenge.append_child(picture));
    challenge
}

/// §7.2.
fn out_of_band(address: String) -> Element {
    let url = Element::builder("url", NS_OOB).append(address).build();
    element_of_type(NS_OOB, Element::builder("x", NS_OOB).append(url).build())
}

fn element_of_type(kind: &str, payload: Element) -> Element {
    Element::builder("challenge", NS).attr(super::attributes::TYPE.to_owned(), kind).append(payload).build()
}

fn cancel() -> Element {
    Element::bare("cancel", NS)
}

/// §6.5: the bare JID, and the name to log in with.
fn success(domain: &Domain, username: &str) -> Element {
    let text = |name: &str, text: String| Element::builder(name, NS).append(text).build();
    Element::builder("success", NS)
        .append(text("jid", format!("{username}@{domain}")))
        .append(text("username", username.to_owned()))
        .build()
}

/// A name in one language, or in all of them for an announcement that everybody gets.
#[derive(Debug, Clone, Copy)]
enum Speech {
    In(Language),
    Everything,
}
