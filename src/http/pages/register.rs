//! `/register`: the one registration form, in HTML.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{DOMAIN, Page, domain_sent, form_page::FormPage, see_other, submission, widget::Widget};
use crate::{
    accounts::{
        AccountState, DomainPolicy, Refusal, RegistrationMode,
        form::{self, Field, RawForm},
    },
    broker::Failure,
    http::{cookies::KnownAccount, refusal, visitor::Visitor, web::Web},
};

/// Shows the empty form.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let policies = open_domains(&web);
    let page = page(&web, &visitor, &policies, &RawForm::default(), None);
    if policies.is_empty() {
        page.refused(refusal::tell(&web, &visitor, &Refusal::RegistrationClosed))
    } else {
        page.show()
    }
}

/// Registers.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let sent = pairs.one(DOMAIN).map_err(|bad| super::message::bad_form(&web, &visitor, bad))?;
    let form = pairs.raw_form();
    let outcome = match domain_sent(&web, sent) {
        Ok(domain) => web.broker.register(&visitor.origin(), &domain, form.clone().into()).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(registered) => {
            let active = registered.state == AccountState::Active;
            let account = KnownAccount {
                domain: registered.domain,
                username: registered.username,
                email: registered.email,
                active,
            };
            Ok(see_other(&web, if active { "/welcome" } else { "/verify" }, Some(&account)))
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, &open_domains(&web), &form, sent).refused(told))
        }
    }
}

/// The domains that people may register on.
pub fn open_domains(web: &Web) -> Vec<&DomainPolicy> {
    web.broker.domains().filter(|policy| policy.registration == RegistrationMode::Open).collect()
}

fn page<'a>(
    web: &'a Web,
    visitor: &'a Visitor,
    policies: &[&DomainPolicy],
    typed: &RawForm,
    domain: Option<&str>,
) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-register", "/register");
    let widgets =
        Field::ALL.into_iter().filter_map(|field| widget(&page, field, policies, typed, domain)).collect();
    let lead = Some(page.words.get("page-register-lead"));
    let links = vec![(page.words.get("page-link-have-code"), "/verify")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/register", "page-register-submit") }
}

/// A field, if any of the domains asks for it; required if all of them do. What the chosen domain wants is told by the one form.
fn widget(
    page: &Page<'_>,
    field: Field,
    policies: &[&DomainPolicy],
    typed: &RawForm,
    domain: Option<&str>,
) -> Option<Widget> {
    let asked: Vec<Option<bool>> = policies
        .iter()
        .map(|policy| form::fields(policy).into_iter().find(|f| f.field == field).map(|f| f.required))
        .collect();
    if asked.iter().all(Option::is_none) {
        return None;
    }
    let required = asked.iter().all(|required| *required == Some(true));
    let widget = Widget::of_field(page, field, required, policies);
    Some(match field {
        Field::Username => {
            let widget = widget.with_domains(policies.iter().copied(), domain);
            Widget { value: typed.get(field).to_owned(), ..widget }
        }
        Field::Password => widget,
        Field::Email => Widget { value: typed.get(field).to_owned(), ..widget },
    })
}
