//! `/account/keep`: takes back that an account is to be deleted. Its sessions have ended, so name and password are asked for.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{Page, credentials_sent, domain_sent, form_page::FormPage, message, submission, widget::Widget};
use crate::{
    broker::Failure,
    http::{refusal, visitor::Visitor, web::Web},
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
    let sent = credentials_sent(&pairs);
    let (name, domain, password) = sent.map_err(|bad| message::bad_form(&web, &visitor, bad))?;
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
