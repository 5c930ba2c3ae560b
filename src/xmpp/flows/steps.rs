//! The steps of the flows: each asks by a form, and its answer leads to the next.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{NS, STEP_FIELD};
use crate::{
    accounts::{AccountState, Domain, form::Field},
    broker::{Failure, ProofInput, Registered},
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FieldType, FormField, FormKind, SentForm},
        refusal,
        registration::{self, Blank},
    },
};

/// How long a step waits: longer than the code of any letter.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2);
const CODE: &str = "code";
/// The name of an account to be recovered. Not `username`, which is a name in a registration for the server's module
/// (`docs/link.md` §2).
const ACCOUNT: &str = "account";

/// Where a flow stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Step {
    /// The registration form.
    Register { domain: String },
    /// The code of the letter to a new account.
    Verify { domain: String, username: String },
    /// The name of the account whose password is forgotten.
    AskRecovery { domain: String },
    /// The code of the letter to its address, and the new password.
    Recover { domain: String, username: String },
}

/// A step and its form.
pub(super) type Asked = (Step, Blank);

/// What comes after a step.
pub(super) enum Next {
    Ask(Asked),
    Success(Domain, String),
    Cancel,
}

/// The step as the hidden field of its form. It holds no secret and is not bound to a stream, so that a client that was cut off can
/// go on; one that writes to the component is known by its address.
pub(super) fn seal(context: &Context, asker: &Asker, step: &Step) -> String {
    context.sealed.seal(&place(asker), step)
}

/// The step that a form belongs to; `None` for one that is not ours, or too old.
pub(super) fn open(context: &Context, asker: &Asker, form: &SentForm<'_>) -> Option<Step> {
    context.sealed.open(&place(asker), &form.value(STEP_FIELD)?, LIFETIME).ok()
}

fn place(asker: &Asker) -> [&str; 3] {
    let jid = if asker.at_component { asker.origin.jid.as_deref() } else { None };
    ["flow", asker.domain.as_str(), jid.unwrap_or_default()]
}

/// The form of a step; `problem` is what was wrong with the last one. `None` when the step makes no sense any more.
pub(super) async fn ask(
    context: &Context,
    asker: &Asker,
    step: &Step,
    problem: Option<&str>,
) -> Option<Asked> {
    let text = |key: &str| context.texts.get(asker.language, key);
    let label = |field| context.texts.label(asker.language, field);
    let form = |title: &str, instructions: String| {
        let form = DataForm::new(FormKind::Form, NS).title(&text(title));
        let form = match problem {
            Some(problem) => form.instructions(problem),
            None => form,
        };
        form.instructions(&instructions)
    };
    let field = |var, kind, label: &str| FormField::new(var, kind).label(label).required(true);
    let code = field(CODE, FieldType::TextSingle, &text("page-label-code"));
    let form = match step {
        Step::Register { domain } => {
            let policy = context.broker.policy(&context.served(domain)?)?;
            return Some((step.clone(), registration::blank(context, asker, policy, NS, problem).await));
        }
        Step::Verify { domain, username } => {
            let address = format!("{username}@{domain}");
            let instructions =
                context.texts.format(asker.language, "adhoc-code-instructions", &[("address", &address)]);
            form("adhoc-verify", instructions).field(code)
        }
        Step::AskRecovery { .. } => form("page-recover", text("page-recover-lead")).field(field(
            ACCOUNT,
            FieldType::TextSingle,
            &label(Field::Username),
        )),
        Step::Recover { .. } => {
            let instructions = format!("{} {}", text("page-recover-sent"), text("page-recover-code-lead"));
            let password = field(Field::Password.name(), FieldType::TextPrivate, &text("label-new-password"));
            form("page-recover", instructions).field(code).field(password)
        }
    };
    Some((step.clone(), Blank { form, data: None }))
}

/// Takes the answer to a step; also gives the account that it made.
pub(super) async fn take(
    context: &Context,
    asker: &Asker,
    step: Step,
    form: &SentForm<'_>,
) -> (Next, Option<Registered>) {
    let next = match &step {
        Step::Register { domain } => return register(context, asker, domain, &step, form).await,
        Step::Verify { domain, username } => verify(context, asker, (domain, username), form).await,
        Step::AskRecovery { domain } => ask_recovery(context, asker, domain, form).await,
        Step::Recover { domain, username } => recover(context, asker, (domain, username), form).await,
    };
    let next = match next {
        Ok(next) => next,
        Err(failure) => again(context, asker, &step, failure.as_ref()).await,
    };
    (next, None)
}

/// The step once more, with what was wrong in front of its instructions: a challenge is the only thing that can carry a text.
async fn again(context: &Context, asker: &Asker, step: &Step, failure: Option<&Failure>) -> Next {
    let problem = failure.map(|failure| refusal::words(context, asker.origin.front, asker.language, failure));
    ask(context, asker, step, problem.as_deref()).await.map_or(Next::Cancel, Next::Ask)
}

async fn register(
    context: &Context,
    asker: &Asker,
    domain: &str,
    step: &Step,
    form: &SentForm<'_>,
) -> (Next, Option<Registered>) {
    let Some(domain) = context.served(domain) else { return (Next::Cancel, None) };
    let registered = match registration::filled(context, asker, form) {
        Ok(submitted) => context.broker.register(&asker.origin, &domain, submitted).await,
        Err(refusal) => Err(refusal.into()),
    };
    match registered {
        Err(failure) => (again(context, asker, step, Some(&failure)).await, None),
        Ok(made) => {
            let username = made.username.to_string();
            let next = if made.state == AccountState::Active {
                Next::Success(domain, username)
            } else {
                let step = Step::Verify { domain: domain.to_string(), username };
                again(context, asker, &step, None).await
            };
            (next, Some(made))
        }
    }
}

/// What comes next, or why the step has to be taken again; `None` when the domain is gone.
type Stepped = Result<Next, Option<Failure>>;

async fn verify(
    context: &Context,
    asker: &Asker,
    (domain, username): (&str, &str),
    form: &SentForm<'_>,
) -> Stepped {
    let proof = proof(context, domain, username, form)?;
    let account = context.broker.verify(&asker.origin, proof).await?;
    if account.state == AccountState::Pending {
        let step = Step::Verify { domain: domain.to_owned(), username: username.to_owned() };
        let further = context.texts.get(asker.language, "page-verify-further");
        return Ok(ask(context, asker, &step, Some(&further)).await.map_or(Next::Cancel, Next::Ask));
    }
    Ok(Next::Success(account.domain, account.username.to_string()))
}

async fn ask_recovery(context: &Context, asker: &Asker, domain: &str, form: &SentForm<'_>) -> Stepped {
    let domain = context.served(domain).ok_or(None)?;
    // People know their whole address, too.
    let (domain, username) = context.meant(&domain, &form.value(ACCOUNT).unwrap_or_default());
    context.broker.ask_recovery(&asker.origin, &domain, &username).await?;
    let step = Step::Recover { domain: domain.to_string(), username };
    Ok(again(context, asker, &step, None).await)
}

async fn recover(
    context: &Context,
    asker: &Asker,
    (domain, username): (&str, &str),
    form: &SentForm<'_>,
) -> Stepped {
    let proof = proof(context, domain, username, form)?;
    let password = form.value(Field::Password.name()).unwrap_or_default();
    let account = context.broker.recover(&asker.origin, proof, &password).await?;
    Ok(Next::Success(account.domain, account.username.to_string()))
}

/// The code of a form, for an account.
fn proof(
    context: &Context,
    domain: &str,
    username: &str,
    form: &SentForm<'_>,
) -> Result<ProofInput, Option<Failure>> {
    let domain = context.served(domain).ok_or(None)?;
    let code = form.value(CODE).unwrap_or_default();
    Ok(ProofInput::Code { domain, username: username.to_owned(), code })
}
