//! What a command is: a node, a name, who may use it, and stages that ask and take.

use std::future::ready;

use futures::future::BoxFuture;
use minidom::Element;

use super::NS;
use crate::{
    accounts::{Domain, Refusal},
    broker::Failure,
    text::Language,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FormKind, SentForm},
        refusal,
    },
};

/// One ad-hoc command. The protocol around it (lists, sessions, actions, errors) is the framework's; a command says what it asks
/// for and calls one use case.
pub trait Command: Send + Sync {
    /// The node, unique at the component (XEP-0050 §3.2).
    fn node(&self) -> &'static str;

    /// The key of its name in the texts.
    fn name(&self) -> &'static str;

    /// Whether `asker` sees it and may run it.
    fn is_for(&self, context: &Context, asker: &Asker) -> bool;

    /// Whether a later stage may lead back to the first one.
    fn goes_back(&self, context: &Context) -> bool {
        let _ = context;
        false
    }

    /// The first answer. Changes nothing: it is given again to whoever goes back.
    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn>;

    /// The answer to the form of a stage.
    fn take<'a>(&'a self, call: Call<'a>, stage: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        let _ = (stage, form);
        self.begin(call)
    }
}

/// Who runs a command, and what it works with.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Use cases and texts.
    pub context: &'a Context,
    /// Who runs it; the language is the one that the session began in.
    pub asker: &'a Asker,
}

/// Where a session stands. Kept by the client, sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stage {
    /// Which stage, by the command's own count; the first is 0.
    pub number: u8,
    /// What the command has to remember. Never a password.
    pub carried: Vec<String>,
}

/// A submitted form. Values count as secret.
#[derive(Debug)]
pub struct Form<'a>(pub(super) SentForm<'a>);

/// What comes next.
#[derive(Debug)]
pub enum Turn {
    /// A form to fill in.
    Ask(Ask),
    /// The end: it was done, or came to nothing.
    End(End),
}

/// A form to fill in. Payloads go out in this order: form, address, notes.
#[derive(Debug)]
pub struct Ask {
    pub(super) stage: Stage,
    pub(super) form: DataForm,
    pub(super) notes: Vec<Note>,
    /// A picture that the form shows (XEP-0231).
    pub(super) data: Option<Element>,
    /// Where the same can be done without a form.
    pub(super) url: Option<String>,
    pub(super) last: bool,
    pub(super) back: bool,
}

/// The end of a command. Payloads go out in this order: form, address, notes.
#[derive(Debug, Default)]
pub struct End {
    pub(super) form: Option<DataForm>,
    pub(super) url: Option<String>,
    pub(super) notes: Vec<Note>,
}

/// A remark for the person.
#[derive(Debug)]
pub struct Note {
    pub(super) kind: NoteKind,
    pub(super) text: String,
}

/// How serious a remark is (XEP-0050 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// For information.
    Info,
    /// Something to be careful about.
    Warn,
    /// It was not done.
    Error,
}

impl Call<'_> {
    /// A text in the language of the session.
    pub fn text(&self, key: &str) -> String {
        self.context.texts.get(self.asker.language, key)
    }

    /// A text with arguments.
    pub fn format(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.context.texts.format(self.asker.language, key, args)
    }

    /// What went wrong, in words.
    pub fn why(&self, failure: &Failure) -> String {
        refusal::words(self.context, self.asker.origin.front, self.asker.language, failure)
    }

    /// The answer to what was refused: the form again where another value can help, else the end.
    pub fn refused(&self, failure: &Failure, again: Turn) -> Turn {
        let text = self.why(failure);
        match failure {
            Failure::Refused(
                Refusal::Invalid(_)
                | Refusal::NameTaken
                | Refusal::AddressInUse
                | Refusal::InvitationRequired
                | Refusal::InvitationInvalid
                | Refusal::InvitationForName(_)
                | Refusal::WrongCode { .. }
                | Refusal::WrongPassword
                | Refusal::ProofNeeded
                | Refusal::CaptchaRequired
                | Refusal::CaptchaWrong
                | Refusal::CaptchaExpired,
            ) => again.note(NoteKind::Error, text),
            _ => Turn::failed(text),
        }
    }

    /// A form with this title and these instructions.
    pub fn form(&self, title: &str, instructions: &str) -> DataForm {
        DataForm::new(FormKind::Form, NS).title(&self.text(title)).instructions(instructions)
    }

    /// The language of the session.
    pub fn language(&self) -> Language {
        self.asker.language
    }

    /// Which account somebody means who typed a name or a whole address: a name belongs to the domain that the request is about.
    pub fn meant(&self, typed: &str) -> (Domain, String) {
        self.context.meant(&self.asker.domain, typed)
    }
}

impl Form<'_> {
    /// The value of a field, or the empty text.
    pub fn get(&self, var: &str) -> String {
        self.0.value(var).unwrap_or_default()
    }

    /// Whether a box was ticked (XEP-0004 §3.3).
    pub fn is_ticked(&self, var: &str) -> bool {
        matches!(self.get(var).as_str(), "1" | "true")
    }
}

impl Turn {
    /// The form of the last stage.
    pub fn ask(form: DataForm) -> Self {
        Self::Ask(Ask {
            stage: Stage::default(),
            form,
            notes: Vec::new(),
            data: None,
            url: None,
            last: true,
            back: false,
        })
    }

    /// It was done.
    pub fn done(text: String) -> Self {
        Self::End(End { notes: vec![Note { kind: NoteKind::Info, text }], ..End::default() })
    }

    /// It came to nothing.
    pub fn failed(text: String) -> Self {
        Self::End(End { notes: vec![Note { kind: NoteKind::Error, text }], ..End::default() })
    }

    /// Data to look at.
    pub fn data(form: DataForm) -> Self {
        Self::End(End { form: Some(form), ..End::default() })
    }

    /// The form belongs to this stage.
    #[must_use]
    pub fn at(mut self, stage: Stage) -> Self {
        if let Self::Ask(ask) = &mut self {
            ask.stage = stage;
        }
        self
    }

    /// The form shows this picture.
    #[must_use]
    pub fn with_data(mut self, picture: Option<Element>) -> Self {
        if let Self::Ask(Ask { data, .. }) = &mut self {
            *data = picture;
        }
        self
    }

    /// More stages follow.
    #[must_use]
    pub fn then_more(mut self) -> Self {
        if let Self::Ask(ask) = &mut self {
            ask.last = false;
        }
        self
    }

    /// The person may go back to the first stage.
    #[must_use]
    pub fn or_back(mut self) -> Self {
        if let Self::Ask(ask) = &mut self {
            ask.back = true;
        }
        self
    }

    /// Adds a remark.
    #[must_use]
    pub fn note(mut self, kind: NoteKind, text: String) -> Self {
        match &mut self {
            Self::Ask(Ask { notes, .. }) | Self::End(End { notes, .. }) => notes.push(Note { kind, text }),
        }
        self
    }

    /// Adds an address to open (XEP-0066).
    #[must_use]
    pub fn url(mut self, address: Option<String>) -> Self {
        match &mut self {
            Self::Ask(Ask { url, .. }) | Self::End(End { url, .. }) => *url = address,
        }
        self
    }

    /// As an answer that is there at once.
    pub fn now<'a>(self) -> BoxFuture<'a, Self> {
        Box::pin(ready(self))
    }
}

impl NoteKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}
