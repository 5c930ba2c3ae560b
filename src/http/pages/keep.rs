//! `/account/keep`: takes back that an account is to be deleted. Its sessions have ended, so name and password are asked for.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{DOMAIN, Page, domain_sent, form_page::FormPage, message, submission, widget::Widget};
use crate::{
    accounts::form::Field,
    broker::Failure,
    http::{form::BadForm, refusal, visitor::Visitor, web::Web},
};

/// Shows the form.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    page(&web, &visitor, "", None).show()
}

/// Keeps the account.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let read = || -> Result<_, BadForm> {
        let text = |field: Field| pairs.text(field.name());
        Ok((text(Field::Username)?, pairs.one(DOMAIN)?, text(Field::Password)?))
    };
    let (name, domain, password) = read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match domain_sent(&web, domain) {
        Ok(domain) => web.broker.stay(&visitor.origin(), &domain, name, password).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(_) => Ok(message::kept(&web, &visitor)),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, name, domain).refused(told))
        }
    }
}

fn page<'a>(web: &'a Web, visitor: &'a Visitor, name: &str, domain: Option<&str>) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-keep", "/account/keep");
    let widgets = vec![
        Widget::account_name(&page, name).with_domains(web.broker.domains(), domain),
        Widget::current_password(&page),
    ];
    let lead = Some(page.words.get("page-keep-lead"));
    FormPage { lead, widgets, ..FormPage::new(page, "/account/keep", "page-keep-submit") }
}
