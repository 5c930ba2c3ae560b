//! The letter once more. The answer is the same whether or not there is an account that waits.

use futures::future::BoxFuture;

use super::{
    code,
    command::{Call, Command, Form, Stage, Turn},
    verify::username_field,
};
use crate::{
    accounts::form::Field,
    xmpp::{asker::Asker, context::Context},
};

pub(super) struct Resend;

impl Command for Resend {
    fn node(&self) -> &'static str {
        "resend"
    }

    fn name(&self) -> &'static str {
        "adhoc-resend"
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
            match call.context.broker.resend(&call.asker.origin, &domain, &username).await {
                Ok(()) => code::sent(call, 1, &domain, &username),
                Err(failure) => call.refused(&failure, ask(call)),
            }
        })
    }
}

fn ask(call: Call<'_>) -> Turn {
    let form = call.form("adhoc-resend", &call.text("adhoc-resend-instructions"));
    Turn::ask(form.field(username_field(call))).then_more()
}
