//! A new password for the account of whoever asks.

use futures::future::BoxFuture;

use super::command::{Call, Command, Form, NoteKind, Stage, Turn};
use crate::{
    accounts::form::Field,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{FieldType, FormField},
    },
};

/// The field for the password that counts until then, where the operator wants it.
const OLD: &str = "old-password";
/// The field for the new password once more: nobody sees what is typed.
const AGAIN: &str = "password-again";

pub(super) struct ChangePassword;

impl Command for ChangePassword {
    fn node(&self) -> &'static str {
        "change-password"
    }

    fn name(&self) -> &'static str {
        "adhoc-change-password"
    }

    fn is_for(&self, context: &Context, asker: &Asker) -> bool {
        helps_itself(context, asker)
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        ask(call).now()
    }

    fn take<'a>(&'a self, call: Call<'a>, _: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            let Asker { origin, domain, username: Some(username), .. } = call.asker else {
                return Turn::failed(call.text("refusal-not-allowed"));
            };
            let password = form.get(Field::Password.name());
            if password != form.get(AGAIN) {
                return ask(call).note(NoteKind::Error, call.text("adhoc-password-differs"));
            }
            let (old, broker) = (form.get(OLD), &call.context.broker);
            let proof = Some(old.as_str()).filter(|old| !old.is_empty());
            match broker.change_password(origin, domain, username, &password, proof).await {
                Ok(()) => Turn::done(call.text("adhoc-password-changed")),
                Err(failure) => call.refused(&failure, ask(call)),
            }
        })
    }
}

/// Whether `asker` has an account here and may change it.
pub(super) fn helps_itself(context: &Context, asker: &Asker) -> bool {
    asker.username.is_some() && context.broker.policy(&asker.domain).is_some_and(|policy| policy.self_service)
}

fn ask(call: Call<'_>) -> Turn {
    let mut form = call.form("adhoc-change-password", &call.text("adhoc-change-password-instructions"));
    if call.context.broker.policy(&call.asker.domain).is_some_and(|policy| policy.proof.password_change) {
        form = form.field(secret(call, OLD, "label-old-password"));
    }
    Turn::ask(form.field(secret(call, Field::Password.name(), "label-new-password")).field(secret(
        call,
        AGAIN,
        "adhoc-label-password-again",
    )))
}

/// A field for a password.
pub(super) fn secret(call: Call<'_>, var: &str, label: &str) -> FormField {
    FormField::new(var, FieldType::TextPrivate).label(&call.text(label)).required(true)
}
