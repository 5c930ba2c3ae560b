//! What is on file about the account of whoever asks: the account, its contacts, and what happened to it.

use futures::future::BoxFuture;

use super::{
    NS,
    command::{Call, Command, Turn},
};
use crate::{
    accounts::{Email, Phone},
    broker::OnFile,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FieldType, FormField, FormKind},
    },
};

pub(super) struct MyData;

impl Command for MyData {
    fn node(&self) -> &'static str {
        "my-data"
    }

    fn name(&self) -> &'static str {
        "adhoc-my-data"
    }

    fn is_for(&self, _: &Context, asker: &Asker) -> bool {
        asker.username.is_some()
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            let Asker { domain, username: Some(username), .. } = call.asker else {
                return Turn::failed(call.text("refusal-not-registered"));
            };
            match call.context.broker.on_file(domain, username).await {
                Ok(file) => Turn::data(rendered(call, &file)),
                Err(failure) => Turn::failed(call.why(&failure)),
            }
        })
    }
}

fn rendered(call: Call<'_>, file: &OnFile) -> DataForm {
    let account = &file.account;
    let time = |at| call.context.texts.moment(call.asker.language, at);
    let state = call.format("adhoc-data-state-word", &[("state", account.state.as_str())]);
    let mut form = DataForm::new(FormKind::Result, NS).title(&call.text("adhoc-my-data"));
    for (var, label, value) in [
        ("account", "adhoc-data-account", Some(account.address())),
        ("state", "adhoc-data-state", Some(state)),
        ("email", "label-email", account.email.as_ref().map(Email::to_string)),
        ("email-verified", "adhoc-data-email-verified", account.email_verified_at.map(time)),
        ("phone", "label-phone", account.phone.as_ref().map(Phone::to_string)),
        ("phone-verified", "adhoc-data-phone-verified", account.phone_verified_at.map(time)),
        ("language", "page-languages", Some(account.language.to_string())),
        ("created", "adhoc-data-created", Some(time(account.created_at))),
        ("activated", "adhoc-data-activated", account.activated_at.map(time)),
    ] {
        if let Some(value) = value {
            form =
                form.field(FormField::new(var, FieldType::TextSingle).label(&call.text(label)).value(&value));
        }
    }
    let events = FormField::new("events", FieldType::TextMulti).label(&call.text("adhoc-data-events"));
    let events = file.events.iter().fold(events, |field, event| {
        let what = call.format("adhoc-data-event", &[("action", &event.action)]);
        let by = event.client.as_deref().unwrap_or(&event.front);
        field.value(&format!("{} – {what} ({by})", time(event.at)))
    });
    form.field(events)
}
