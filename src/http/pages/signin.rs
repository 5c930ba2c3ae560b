//! `/signin` and `/signout`.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    Page, credentials_sent, domain_sent, form_page::FormPage, message, see_other, submission, widget::Widget,
};
use crate::{
    accounts::Refusal,
    broker::Failure,
    http::{refusal, signed_in, visitor::Visitor, web::Web},
};

/// Shows the form; whoever is signed in is there already.
pub async fn show(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Response> {
    let (head, _) = request.into_parts();
    if signed_in::current(&web, &visitor, &head.headers).await?.is_some() {
        return Ok(see_other(&web, "/account", None));
    }
    let known = visitor.account.as_ref().filter(|account| account.active);
    let name = known.map_or("", |known| known.username.as_str());
    Ok(page(&web, &visitor, name, known.map(|known| known.domain.as_str())).show())
}

/// Signs in. Names without account and wrong passwords get the same answer in the same time.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let sent = credentials_sent(&pairs);
    let (name, domain, password) = sent.map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match domain_sent(&web, domain) {
        Ok(domain) => {
            web.broker.log_in(&visitor.origin(), &domain, name.trim(), password, signed_in::LIFETIME).await
        }
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(token) => {
            let mut response = see_other(&web, "/account", None);
            signed_in::sign_in(&web, &mut response, &token);
            Ok(response)
        }
        Err(failure) => {
            let leaving = matches!(failure, Failure::Refused(Refusal::AccountLeaving { .. }));
            let told = refusal::told(&web, &visitor, failure)?;
            let mut page = page(&web, &visitor, name, domain);
            if leaving {
                page.links.insert(0, (page.page.words.get("page-keep"), "/account/keep"));
            }
            Ok(page.refused(told))
        }
    }
}

/// Signs out; the token ends at once, wherever else it may be.
pub async fn sign_out(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let headers = request.headers().clone();
    submission(&web, &visitor, request).await?;
    if let Some(bearer) = signed_in::current(&web, &visitor, &headers).await?
        && let Err(failure) = web.broker.log_out(&bearer).await
    {
        let told = refusal::told(&web, &visitor, failure)?;
        return Ok(page(&web, &visitor, "", None).refused(told));
    }
    let mut response = see_other(&web, "/signin", None);
    signed_in::forget(&web, &mut response);
    Ok(response)
}

fn page<'a>(web: &'a Web, visitor: &'a Visitor, name: &str, domain: Option<&str>) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-signin", "/signin");
    let widgets = vec![
        Widget::account_name(&page, name).with_domains(web.broker.domains(), domain),
        Widget::current_password(&page),
    ];
    let lead = Some(page.words.get("page-signin-lead"));
    let links = vec![
        (page.words.get("page-start-recover"), "/recover"),
        (page.words.get("page-link-have-code"), "/verify"),
        (page.words.get("page-register"), "/register"),
    ];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/signin", "page-signin-submit") }
}
