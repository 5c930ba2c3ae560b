//! A mistyped address of an account that waits for its proof. The password of the new account says who asks.

use futures::future::BoxFuture;

use super::{
    change_password::secret,
    code,
    command::{Call, Command, Form, Stage, Turn},
    verify::username_field,
};
use crate::{
    accounts::{ContactPolicy, form::Field},
    broker::Correction,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{FieldType, FormField},
    },
};

pub(super) struct CorrectEmail;

impl Command for CorrectEmail {
    fn node(&self) -> &'static str {
        "correct-email"
    }

    fn name(&self) -> &'static str {
        "adhoc-correct-email"
    }

    fn is_for(&self, context: &Context, _: &Asker) -> bool {
        context.policies().any(|policy| policy.email != ContactPolicy::Off)
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
            let (password, email) = (form.get(Field::Password.name()), form.get(Field::Email.name()));
            let broker = &call.context.broker;
            let correction = Correction { email: &email, ..Correction::default() };
            match broker.correct_contact(&call.asker.origin, &domain, &username, &password, correction).await
            {
                Ok(()) => code::ask(call, 1, &domain, &username),
                Err(failure) => call.refused(&failure, ask(call)),
            }
        })
    }
}

fn ask(call: Call<'_>) -> Turn {
    let form = call
        .form("adhoc-correct-email", &call.text("page-address-lead"))
        .field(username_field(call))
        .field(secret(call, Field::Password.name(), "label-password"))
        .field(
            FormField::new(Field::Email.name(), FieldType::TextSingle)
                .label(&call.text("page-label-new-email"))
                .required(true),
        );
    Turn::ask(form).then_more()
}
