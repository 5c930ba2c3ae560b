//! The code of a letter, for an account that waits for it. Its owner cannot log in yet, so anybody may ask; the code is the proof.

use futures::future::BoxFuture;

use super::{
    code,
    command::{Call, Command, Form, Stage, Turn},
};
use crate::{
    accounts::form::Field,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{FieldType, FormField},
    },
};

pub(super) struct Verify;

impl Command for Verify {
    fn node(&self) -> &'static str {
        "verify"
    }

    fn name(&self) -> &'static str {
        "adhoc-verify"
    }

    fn is_for(&self, _: &Context, _: &Asker) -> bool {
        true
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        ask(call).now()
    }

    fn take<'a>(&'a self, call: Call<'a>, stage: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            if stage.number > 0 {
                return code::take(call, stage, &form).await;
            }
            let (domain, username) = call.meant(&form.get(Field::Username.name()));
            match code::prove(call, &domain, &username, &form.get(code::CODE)).await {
                Ok(account) => code::proven(call, 1, &account),
                Err(failure) => call.refused(&failure, ask(call)),
            }
        })
    }
}

fn ask(call: Call<'_>) -> Turn {
    let form = call.form("adhoc-verify", &call.text("page-verify-lead-unknown"));
    Turn::ask(form.field(username_field(call)).field(code::field(call)))
}

/// The field for the account.
pub(super) fn username_field(call: Call<'_>) -> FormField {
    FormField::new(Field::Username.name(), FieldType::TextSingle)
        .label(&call.context.texts.label(call.language(), Field::Username))
        .required(true)
}
