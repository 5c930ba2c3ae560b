//! Registration in stages at the node `jabber:iq:register`, as clients expect it that know commands (the convention of
//! Cheogram): the form, then the code of the letter. The page on the web is named beside the form, for those that cannot show it.

use futures::future::BoxFuture;

use super::{
    code,
    command::{Call, Command, Form, Stage, Turn},
};
use crate::{
    accounts::{
        AccountState, Domain, DomainPolicy, Refusal, RegistrationMode,
        form::{self, Field, RawForm},
    },
    broker::Failure,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FieldType, FormField, FormKind},
        register::NS as NS_REGISTER,
    },
};

/// The field for the domain, where there is more than one.
const DOMAIN: &str = "domain";

/// The stages after the choice of a domain.
const FORM: u8 = 1;
const CODE: u8 = 2;

pub(super) struct Register;

impl Command for Register {
    fn node(&self) -> &'static str {
        NS_REGISTER
    }

    fn name(&self) -> &'static str {
        "adhoc-register"
    }

    fn is_for(&self, _: &Context, asker: &Asker) -> bool {
        asker.username.is_none()
    }

    fn goes_back(&self, context: &Context) -> bool {
        open(context).nth(1).is_some()
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        let mut domains = open(call.context);
        match (domains.next(), domains.next()) {
            (None, _) => Turn::failed(call.why(&Failure::Refused(Refusal::RegistrationClosed))),
            (Some(policy), None) => fill_in(call, policy),
            (Some(_), Some(_)) => choose(call),
        }
        .now()
    }

    fn take<'a>(&'a self, call: Call<'a>, stage: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            if stage.number == CODE {
                return code::take(call, stage, &form).await;
            }
            let chosen = stage.carried.first().cloned().unwrap_or_else(|| form.get(DOMAIN));
            let policy = open(call.context).find(|policy| policy.domain.as_str() == chosen);
            match policy {
                None => self.begin(call).await,
                Some(policy) if stage.number == FORM => register(call, policy, &form).await,
                Some(policy) => fill_in(call, policy),
            }
        })
    }
}

/// The domains that take registrations.
fn open(context: &Context) -> impl Iterator<Item = &DomainPolicy> {
    context.broker.domains().filter(|policy| policy.registration != RegistrationMode::Closed)
}

fn choose(call: Call<'_>) -> Turn {
    let field = FormField::new(DOMAIN, FieldType::ListSingle).label(&call.text("page-domain")).required(true);
    let field = open(call.context)
        .fold(field, |field, policy| field.option(policy.domain.as_str(), policy.domain.as_str()));
    Turn::ask(call.form("adhoc-register", &call.text("adhoc-choose-domain")).field(field)).then_more()
}

fn fill_in(call: Call<'_>, policy: &DomainPolicy) -> Turn {
    let domain = [("domain", policy.domain.as_str())];
    let mut form = DataForm::new(FormKind::Form, NS_REGISTER)
        .title(&call.format("xmpp-form-title", &domain))
        .instructions(&call.format("xmpp-instructions", &domain));
    for field in form::fields(policy) {
        let kind = match field.field {
            Field::Password => FieldType::TextPrivate,
            Field::Username | Field::Email => FieldType::TextSingle,
        };
        let label = call.context.texts.label(call.language(), field.field);
        form = form.field(FormField::new(field.field.name(), kind).label(&label).required(field.required));
    }
    let turn = Turn::ask(form)
        .at(Stage { number: FORM, carried: vec![policy.domain.to_string()] })
        .then_more()
        .url(call.context.help.register_url.clone());
    if open(call.context).nth(1).is_some() { turn.or_back() } else { turn }
}

async fn register(call: Call<'_>, policy: &DomainPolicy, form: &Form<'_>) -> Turn {
    let mut raw = RawForm::default();
    for field in form::fields(policy) {
        raw.set(field.field, form.get(field.field.name()));
    }
    let domain: &Domain = &policy.domain;
    match call.context.broker.register(&call.asker.origin, domain, raw.into()).await {
        Ok(made) if made.state == AccountState::Active => {
            code::done(call, &format!("{}@{domain}", made.username))
        }
        Ok(made) => code::ask(call, CODE, domain, made.username.as_str()),
        Err(failure) => call.refused(&failure, fill_in(call, policy)),
    }
}
