//! `/verify/address`: corrects address or phone number of a pending account; its password shows whose it is.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{DOMAIN, Page, domain_sent, form_page::FormPage, message, see_other, submission, widget::Widget};
use crate::{
    accounts::{ContactPolicy, Domain, DomainPolicy, Email, Phone, Username, form::Field},
    broker::{Correction, Failure},
    http::{cookies::KnownAccount, form::BadForm, refusal, visitor::Visitor, web::Web},
};

/// What somebody typed.
#[derive(Clone, Copy, Default)]
struct Typed<'a> {
    name: &'a str,
    domain: Option<&'a str>,
    correction: Correction<'a>,
}

/// Shows the form, with the name that this browser knows.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let known = visitor.account.as_ref().filter(|account| !account.active);
    let name = known.map_or("", |known| known.username.as_str());
    let domain = known.map(|known| known.domain.as_str());
    page(&web, &visitor, Typed { name, domain, ..Typed::default() }).show()
}

/// Corrects what was typed, and sends new codes there.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let text = |field: Field| pairs.text(field.name());
    let read = || -> Result<_, BadForm> {
        let correction = Correction { email: text(Field::Email)?, phone: text(Field::Phone)? };
        let typed = Typed { name: text(Field::Username)?, domain: pairs.one(DOMAIN)?, correction };
        Ok((typed, text(Field::Password)?))
    };
    let (typed, password) = read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match domain_sent(&web, typed.domain) {
        Ok(domain) => web
            .broker
            .correct_contact(&visitor.origin(), &domain, typed.name, password, typed.correction)
            .await
            .map(|()| known_account(&visitor, domain, typed)),
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(known) => Ok(see_other(&web, "/verify?sent", known.as_ref())),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, typed).refused(told))
        }
    }
}

/// What the browser knows from now on: what was corrected, and of the same account also the rest.
fn known_account(visitor: &Visitor, domain: Domain, typed: Typed<'_>) -> Option<KnownAccount> {
    let username = Username::prepare(typed.name).ok()?;
    let before = visitor.account.clone().filter(|known| known.username == username && known.domain == domain);
    let (email, phone) = before.map_or((None, None), |known| (known.email, known.phone));
    let email = Email::parse(typed.correction.email).ok().or(email);
    let phone = Phone::parse(typed.correction.phone).ok().or(phone);
    Some(KnownAccount { domain, username, email, phone, active: false })
}

fn page<'a>(web: &'a Web, visitor: &'a Visitor, typed: Typed<'_>) -> FormPage<'a> {
    let policies: Vec<_> = web.broker.domains().collect();
    let asked = |policy: fn(&DomainPolicy) -> ContactPolicy| {
        policies.iter().any(|domain| policy(domain) != ContactPolicy::Off)
    };
    let (email, phone) = (asked(|domain| domain.email), asked(|domain| domain.phone));
    let title = if phone { "page-address-or-number" } else { "page-address" };
    let page = Page::new(web, visitor, title, "/verify/address");
    let mut widgets = vec![
        Widget::account_name(&page, typed.name).with_domains(policies.iter().copied(), typed.domain),
        Widget::current_password(&page),
    ];
    // Of two, one alone may be wrong.
    let fields = [
        (email, Field::Email, "page-label-new-email", typed.correction.email),
        (phone, Field::Phone, "page-label-new-phone", typed.correction.phone),
    ];
    for (_, field, label, value) in fields.into_iter().filter(|(asked, ..)| *asked) {
        let widget = Widget::of_field(&page, field, !(email && phone), &policies);
        widgets.push(Widget { value: value.to_owned(), label: page.words.get(label), ..widget });
    }
    let lead = Some(page.words.get("page-address-lead"));
    let links = vec![(page.words.get("page-link-have-code"), "/verify")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/verify/address", "page-address-submit") }
}
