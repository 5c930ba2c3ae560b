//! XEP-0050 Ad-Hoc Commands (1.3): the list, the sessions, the actions and the errors. The commands are one file each
//! (`docs/commands.md`).
//!
//! Nothing of a session is held here. Its id is sealed and says which command, whose, since when, in which language; the stage is a
//! sealed hidden field of the form, since a session keeps its id to the end (§4.1). Both go on after a restart, and at another
//! broker with the same keys.

mod change_password;
mod code;
mod command;
mod correct_email;
mod delete;
mod invite;
mod my_data;
mod register;
mod resend;
mod verify;
mod wire;

use std::sync::Arc;

use jiff::SignedDuration;
use minidom::Element;
use xmpp_parsers::{
    disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item},
    stanza_error::{DefinedCondition as Condition, ErrorType},
};

use self::{
    command::{Call, Command, Form, Stage, Turn},
    wire::{Action, Asked, Frame, STAGE_FIELD, Wrong},
};
use super::{
    asker::Asker,
    context::Context,
    data_form::{self, SentForm},
    reply::Reply,
    router::Nodes,
    sealed::SealedProblem,
    stanza::{Request, RequestKind},
};
use crate::accounts::LanguageTag;

/// Namespace, feature, and the node of the list.
pub const NS: &str = "http://jabber.org/protocol/commands";

/// How long a session lasts: longer than the code that is waited for in the longest of them.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// Every command, in the order of the list.
fn all() -> Vec<Box<dyn Command>> {
    vec![
        Box::new(register::Register),
        Box::new(verify::Verify),
        Box::new(resend::Resend),
        Box::new(correct_email::CorrectEmail),
        Box::new(my_data::MyData),
        Box::new(change_password::ChangePassword),
        Box::new(delete::Delete),
        Box::new(invite::InviteUser),
        Box::new(invite::CreateAccount),
    ]
}

/// The commands of the component.
#[derive(Clone)]
pub struct Commands {
    context: Context,
    list: Arc<Vec<Box<dyn Command>>>,
}

impl Commands {
    /// All of them.
    pub fn new(context: &Context) -> Self {
        Self::of(context, all())
    }

    fn of(context: &Context, list: Vec<Box<dyn Command>>) -> Self {
        Self { context: context.clone(), list: Arc::new(list) }
    }

    /// Answers a `<command/>` that was sent to the component's own address.
    pub async fn answer(self, request: Request) -> Reply {
        let Self { context, list } = self;
        context.named(|context| Self { context, list }.answer_named(request)).await
    }

    async fn answer_named(self, request: Request) -> Reply {
        let Some(asker) = Asker::at_component(&self.context, &request) else {
            return Wrong::Forbidden.into();
        };
        if request.kind != RequestKind::Set || request.payload.name() != "command" {
            return Reply::bad_request();
        }
        match self.run(asker, &request.payload).await {
            Ok(answer) => answer.into(),
            Err(reply) => reply,
        }
    }

    async fn run(&self, mut asker: Asker, payload: &Element) -> Result<Element, Reply> {
        let request = Asked::read(payload).ok_or_else(Reply::bad_request)?;
        let command = self.find(request.node).ok_or(Wrong::NotFound)?;
        if !command.is_for(&self.context, &asker) {
            return Err(Wrong::Forbidden.into());
        }
        let action = request.action.ok_or(Wrong::MalformedAction)?;
        let jid = asker.origin.jid.clone().unwrap_or_default();
        let place = [request.node, jid.as_str()];
        let sealed = &self.context.sealed;
        let session = match request.session {
            Some(session) => {
                // The first language counts for the whole session (§3.7).
                let tag: String =
                    sealed.open(&place, session, LIFETIME).map_err(|problem| match problem {
                        SealedProblem::Foreign => Wrong::BadSessionId,
                        SealedProblem::Expired => Wrong::SessionExpired,
                    })?;
                speak(&self.context, &mut asker, &tag)?;
                session.to_owned()
            }
            None if action != Action::Execute => return Err(Wrong::BadSessionId.into()),
            None => {
                if let Some(lang) = request.lang {
                    speak(&self.context, &mut asker, lang)?;
                }
                sealed.seal(&place, &asker.origin.language.as_str())
            }
        };
        let frame = Frame { node: request.node, session: &session, language: asker.language };
        let call = Call { context: &self.context, asker: &asker };
        let turn = match (request.session, action) {
            (_, Action::Cancel) => return Ok(frame.canceled()),
            (None, _) => command.begin(call).await,
            (Some(_), Action::Prev) => {
                // A form need not come along (§2.4.2), and then nothing says which stage it is.
                let kept = self.submitted(payload, &session).ok();
                if !kept.map_or_else(|| command.goes_back(&self.context), |(kept, _)| kept.back) {
                    return Err(Wrong::BadAction.into());
                }
                command.begin(call).await
            }
            (Some(_), _) => {
                let (kept, form) = self.submitted(payload, &session)?;
                if action != Action::Execute && (action == Action::Complete) != kept.last {
                    return Err(Wrong::BadAction.into());
                }
                command.take(call, &kept.stage, form).await
            }
        };
        Ok(match turn {
            Turn::End(end) => frame.end(end),
            Turn::Ask(ask) => {
                let kept = Kept { last: ask.last, back: ask.back, stage: ask.stage.clone() };
                let stage = sealed.seal(&[&session], &kept);
                frame.ask(ask, &stage)
            }
        })
    }

    /// The stage and what was filled in. A form of type `cancel` counts as a submission (§3.5.1).
    fn submitted<'a>(&self, payload: &'a Element, session: &str) -> Result<(Kept, Form<'a>), Wrong> {
        let form = SentForm::find(payload).ok().flatten().ok_or(Wrong::BadPayload)?;
        let stage = form.value(STAGE_FIELD).ok_or(Wrong::BadPayload)?;
        let kept =
            self.context.sealed.open(&[session], &stage, LIFETIME).map_err(|problem| match problem {
                SealedProblem::Foreign => Wrong::BadPayload,
                SealedProblem::Expired => Wrong::SessionExpired,
            })?;
        Ok((kept, Form(form)))
    }

    fn find(&self, node: &str) -> Option<&dyn Command> {
        self.list.iter().find(|command| command.node() == node).map(|command| &**command)
    }

    fn title(&self, asker: &Asker, command: &dyn Command) -> String {
        self.context.texts.get(asker.language, command.name())
    }
}

/// What a form's hidden field keeps.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Kept {
    last: bool,
    back: bool,
    stage: Stage,
}

/// Sets the language of the session. Some programs write `de_DE`.
fn speak(context: &Context, asker: &mut Asker, lang: &str) -> Result<(), Wrong> {
    let tag = LanguageTag::parse(&lang.replace('_', "-")).ok_or(Wrong::BadLocale)?;
    asker.language = context.texts.choose(&tag);
    asker.origin.language = tag;
    Ok(())
}

impl Nodes for Commands {
    /// The list (XEP-0050 §2.2): everybody sees what they may run.
    fn items(&self, node: &str, request: &Request) -> Option<Element> {
        let asker = Asker::at_component(&self.context, request)?;
        if node != NS {
            // A command has nothing below it.
            return self.find(node).map(|_| items(node, Vec::new()));
        }
        let list = self.list.iter().filter(|command| command.is_for(&self.context, &asker));
        let list = list.map(|command| Item {
            jid: self.context.component.clone().into(),
            node: Some(command.node().to_owned()),
            name: Some(self.title(&asker, &**command)),
        });
        Some(items(node, list.collect()))
    }

    fn info(&self, node: &str, request: &Request) -> Option<Reply> {
        let asker = Asker::at_component(&self.context, request)?;
        let (kind, name) = if node == NS {
            ("command-list", self.context.texts.get(asker.language, "adhoc-list"))
        } else {
            let command = self.find(node)?;
            if !command.is_for(&self.context, &asker) {
                return Some(Reply::error(Condition::Forbidden, ErrorType::Cancel));
            }
            ("command-node", self.title(&asker, command))
        };
        let result = DiscoInfoResult {
            node: Some(node.to_owned()),
            identities: vec![Identity {
                category: "automation".to_owned(),
                type_: kind.to_owned(),
                lang: Some(asker.language.tag().to_owned()),
                name: Some(name),
            }],
            features: [NS, data_form::NS].map(str::to_owned).into(),
            extensions: Vec::new(),
        };
        Some(Element::from(result).into())
    }
}

fn items(node: &str, items: Vec<Item>) -> Element {
    DiscoItemsResult { node: Some(node.to_owned()), items, rsm: None }.into()
}
