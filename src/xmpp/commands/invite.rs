//! XEP-0401 (0.6): invitations made by operators, and by users where the operator lets them.

use futures::future::BoxFuture;

use super::command::{Call, Command, Form, Stage, Turn};
use crate::{
    accounts::InvitationKind,
    broker::{Failure, InvitationWish, Inviting},
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FieldType, FormField, FormKind},
    },
};

/// The form of the result (XEP-0401 §7.1).
const NS_INVITATION: &str = "urn:xmpp:invite#invitation";
/// The fields of the form for an account (XEP-0401 §4.4).
const USERNAME: &str = "username";
const SUBSCRIPTION: &str = "roster-subscription";

/// A link with which somebody becomes a contact, and gets an account if they have none (XEP-0401 §4.1).
pub(super) struct InviteUser;

/// A link with which somebody gets an account, with a name of the inviter's choice (XEP-0401 §4.4).
pub(super) struct CreateAccount;

impl Command for InviteUser {
    fn node(&self) -> &'static str {
        "urn:xmpp:invite#invite"
    }

    fn name(&self) -> &'static str {
        "adhoc-invite"
    }

    fn is_for(&self, context: &Context, asker: &Asker) -> bool {
        context.broker.invites(&asker.origin, &asker.domain).is_some()
    }

    /// Here the first answer is the invitation: the specification wants no question before it.
    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        let wish =
            InvitationWish { kind: InvitationKind::Contact, subscribe: true, ..InvitationWish::default() };
        Box::pin(
            async move { made(call, wish).await.unwrap_or_else(|failure| Turn::failed(call.why(&failure))) },
        )
    }
}

impl Command for CreateAccount {
    fn node(&self) -> &'static str {
        "urn:xmpp:invite#create-account"
    }

    fn name(&self) -> &'static str {
        "adhoc-create-account"
    }

    fn is_for(&self, context: &Context, asker: &Asker) -> bool {
        context.broker.invites(&asker.origin, &asker.domain) == Some(Inviting::WithoutLimit)
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        fill_in(call).now()
    }

    fn take<'a>(&'a self, call: Call<'a>, _: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        let username = Some(form.get(USERNAME)).filter(|name| !name.trim().is_empty());
        let subscribe = form.is_ticked(SUBSCRIPTION);
        let wish = InvitationWish { username, subscribe, ..InvitationWish::default() };
        Box::pin(async move {
            made(call, wish).await.unwrap_or_else(|failure| call.refused(&failure, fill_in(call)))
        })
    }
}

fn fill_in(call: Call<'_>) -> Turn {
    let instructions = call.format("adhoc-create-account-text", &[("domain", call.asker.domain.as_str())]);
    let label = call.text("adhoc-roster-subscription");
    let form = call
        .form("adhoc-create-account", &instructions)
        .field(FormField::new(USERNAME, FieldType::TextSingle).label(&call.text("label-username")))
        .field(FormField::new(SUBSCRIPTION, FieldType::Boolean).label(&label).value("0"));
    Turn::ask(form)
}

async fn made(call: Call<'_>, wish: InvitationWish) -> Result<Turn, Failure> {
    let Asker { origin, domain, .. } = call.asker;
    let made = call.context.broker.invite_as_user(origin, domain, wish).await?;
    let expire = made.invitation.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let fields = [
        ("uri", "adhoc-invitation-uri", Some(made.invitation.uri(&made.token))),
        ("landing-url", "adhoc-invitation-page", call.context.help.invitation(&made.token)),
        ("expire", "adhoc-invitation-expire", Some(expire)),
    ];
    let mut form = DataForm::new(FormKind::Result, NS_INVITATION);
    for (var, label, value) in fields {
        if let Some(value) = value {
            let field = FormField::new(var, FieldType::TextSingle).label(&call.text(label)).value(&value);
            form = form.field(field);
        }
    }
    Ok(Turn::data(form))
}
