//! Registration in stages at the node `jabber:iq:register`, as clients expect it that know commands (the convention of
//! Cheogram): the form, then the code of the letter. The page on the web is named beside the form, for those that cannot show it.

use futures::future::BoxFuture;

use super::{
    code,
    command::{Call, Command, Form, Stage, Turn},
};
use crate::{
    accounts::{AccountState, Domain, DomainPolicy, Refusal},
    broker::Failure,
    xmpp::{
        asker::Asker,
        context::Context,
        data_form::{FieldType, FormField},
        register::NS as NS_REGISTER,
        registration,
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
        registration::open_domains(context).nth(1).is_some()
    }

    fn begin<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            let mut domains = registration::open_domains(call.context);
            match (domains.next(), domains.next()) {
                (None, _) => elsewhere(call),
                (Some(policy), None) => fill_in(call, policy).await,
                (Some(_), Some(_)) => choose(call),
            }
        })
    }

    fn take<'a>(&'a self, call: Call<'a>, stage: &'a Stage, form: Form<'a>) -> BoxFuture<'a, Turn> {
        Box::pin(async move {
            if stage.number == CODE {
                return code::take(call, stage, &form).await;
            }
            let chosen = stage.carried.first().cloned().unwrap_or_else(|| form.get(DOMAIN));
            let policy =
                registration::open_domains(call.context).find(|policy| policy.domain.as_str() == chosen);
            match policy {
                None => self.begin(call).await,
                Some(policy) if stage.number == FORM => register(call, policy, &form).await,
                Some(policy) => fill_in(call, policy).await,
            }
        })
    }
}

/// Nobody registers in-band: the way to the web page, where there is one.
fn elsewhere(call: Call<'_>) -> Turn {
    let mut pages = call.context.policies().map(|policy| &policy.domain);
    match pages.find_map(|domain| Some((domain, call.context.page(domain)?))) {
        None => Turn::failed(call.why(&Failure::Refused(Refusal::RegistrationClosed))),
        Some((domain, url)) => {
            let args = [("domain", domain.as_str()), ("url", url)];
            Turn::done(call.format("xmpp-instructions-web", &args)).url(Some(url.to_owned()))
        }
    }
}

fn choose(call: Call<'_>) -> Turn {
    let field = FormField::new(DOMAIN, FieldType::ListSingle).label(&call.text("page-domain")).required(true);
    let field = registration::open_domains(call.context)
        .fold(field, |field, policy| field.option(policy.domain.as_str(), policy.domain.as_str()));
    Turn::ask(call.form("adhoc-register", &call.text("adhoc-choose-domain")).field(field)).then_more()
}

async fn fill_in(call: Call<'_>, policy: &DomainPolicy) -> Turn {
    let blank = registration::blank(call.context, call.asker, policy, NS_REGISTER, None).await;
    let turn = Turn::ask(blank.form)
        .with_data(blank.data)
        .at(Stage { number: FORM, carried: vec![policy.domain.to_string()] })
        .then_more()
        .url(call.context.page(&policy.domain).map(str::to_owned));
    if registration::open_domains(call.context).nth(1).is_some() { turn.or_back() } else { turn }
}

async fn register(call: Call<'_>, policy: &DomainPolicy, form: &Form<'_>) -> Turn {
    let domain: &Domain = &policy.domain;
    let registered = match registration::filled(call.context, call.asker, &form.0) {
        Ok(submitted) => call.context.broker.register(&call.asker.origin, domain, submitted).await,
        Err(refusal) => Err(refusal.into()),
    };
    match registered {
        Ok(made) if made.state == AccountState::Active => {
            code::done(call, &format!("{}@{domain}", made.username))
        }
        Ok(made) => code::ask(call, CODE, domain, made.username.as_str()),
        Err(failure) => call.refused(&failure, fill_in(call, policy).await),
    }
}
