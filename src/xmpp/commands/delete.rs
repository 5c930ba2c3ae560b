//! The end of the account of whoever asks, after a confirmation.

use futures::future::BoxFuture;

use super::{
    change_password::{helps_itself, secret},
    command::{Call, Command, Form, NoteKind, Stage, Turn},
};
use crate::{
    accounts::form::Field,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{FieldType, FormField},
    },
};

/// The box to tick.
const CONFIRM: &str = "confirm";

pub(super) struct Delete;

impl Command for Delete {
    fn node(&self) -> &'static str {
        "delete-account"
    }

    fn name(&self) -> &'static str {
        "adhoc-delete"
    }

    fn is_for(&self, context: &Context, asker: &Asker) -> bool {
        helps_itself(context, asker)
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        ask(call).note(NoteKind::Warn, call.text("adhoc-delete-warning")).now()
    }

    fn take<'a>(&'a self, call: Call<'a>, _: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            let Asker { origin, domain, username: Some(username), .. } = call.asker else {
                return Turn::failed(call.text("refusal-not-allowed"));
            };
            if !form.is_ticked(CONFIRM) {
                return ask(call).note(NoteKind::Error, call.text("adhoc-delete-unconfirmed"));
            }
            let password = form.get(Field::Password.name());
            let proof = Some(password.as_str()).filter(|password| !password.is_empty());
            match call.context.broker.remove(origin, domain, username, proof).await {
                Ok(account) => Turn::done(call.format("adhoc-deleted", &[("address", &account.address())])),
                Err(failure) => call.refused(&failure, ask(call)),
            }
        })
    }
}

fn ask(call: Call<'_>) -> Turn {
    let account = call.asker.username.as_deref().unwrap_or_default();
    let address = format!("{account}@{}", call.asker.domain);
    let mut form = call.form("adhoc-delete", &call.text("adhoc-delete-warning")).field(
        FormField::new(CONFIRM, FieldType::Boolean)
            .label(&call.format("adhoc-label-confirm-delete", &[("address", &address)]))
            .required(true)
            .value("0"),
    );
    if call.context.broker.policy(&call.asker.domain).is_some_and(|policy| policy.proof.removal) {
        form = form.field(secret(call, Field::Password.name(), "label-password"));
    }
    Turn::ask(form)
}
