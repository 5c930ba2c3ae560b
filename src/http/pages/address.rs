//! `/verify/address`: corrects the address of a pending account; its password shows whose it is.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{DOMAIN, Page, domain_sent, form_page::FormPage, message, see_other, submission, widget::Widget};
use crate::{
    accounts::{Domain, Email, Username, form::Field},
    broker::Failure,
    http::{cookies::KnownAccount, form::BadForm, refusal, visitor::Visitor, web::Web},
};

/// Shows the form, with the name that this browser knows.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let known = visitor.account.as_ref().filter(|account| !account.active);
    let name = known.map_or("", |known| known.username.as_str());
    page(&web, &visitor, name, known.map(|known| known.domain.as_str()), "").show()
}

/// Corrects the address and sends a letter there.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let read = || -> Result<_, BadForm> {
        let text = |field: Field| pairs.text(field.name());
        Ok((text(Field::Username)?, pairs.one(DOMAIN)?, text(Field::Password)?, text(Field::Email)?))
    };
    let (name, domain_text, password, email) =
        read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match domain_sent(&web, domain_text) {
        Ok(domain) => web
            .broker
            .correct_email(&visitor.origin(), &domain, name, password, email)
            .await
            .map(|()| known_account(domain, name, email)),
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(known) => Ok(see_other(&web, "/verify?sent", known.as_ref())),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, name, domain_text, email).refused(told))
        }
    }
}

fn known_account(domain: Domain, name: &str, email: &str) -> Option<KnownAccount> {
    let username = Username::prepare(name).ok()?;
    Some(KnownAccount { domain, username, email: Email::parse(email).ok(), active: false })
}

fn page<'a>(
    web: &'a Web,
    visitor: &'a Visitor,
    name: &str,
    domain: Option<&str>,
    email: &str,
) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-address", "/verify/address");
    let policies: Vec<_> = web.broker.domains().collect();
    let email_field = Widget::of_field(&page, Field::Email, true, &policies);
    let widgets = vec![
        Widget::account_name(&page, name).with_domains(policies, domain),
        Widget::current_password(&page),
        Widget { value: email.to_owned(), label: page.words.get("page-label-new-email"), ..email_field },
    ];
    let lead = Some(page.words.get("page-address-lead"));
    let links = vec![(page.words.get("page-link-have-code"), "/verify")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/verify/address", "page-address-submit") }
}
