//! `/invite`: has an invitation sent to an address, which proves it.
//!
//! `/invite/TOKEN`: the landing page of an invitation (XEP-0379 §3.3, XEP-0401 §4.2).
//!
//! The token is in the path, since it has to be in a link that people send each other. No page of ours tells its address to others
//! (`Referrer-Policy`), none is kept by a cache, and paths are not logged.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{
    DOMAIN, Page, captcha, domain_sent,
    form_page::FormPage,
    html, message, query, register, see_other, submission,
    welcome::{CLIENTS, Client, INVITABLE},
    widget::Widget,
};
use crate::{
    accounts::{DomainPolicy, Invitation, InvitationToken, Refusal, form::Field},
    broker::Failure,
    http::{qr::Qr, refusal, visitor::Visitor, web::Web},
};

/// See [`show`].
#[derive(Template)]
#[template(path = "web/invite.html")]
struct InvitePage<'a> {
    page: Page<'a>,
    /// Who invites.
    by: Option<String>,
    lead: String,
    /// The link for programs.
    uri: String,
    /// The address of this page, for another device.
    qr: Option<Qr>,
    /// How long the invitation works.
    until: String,
    /// The form on the web.
    register: String,
    clients: &'static [Client],
}

/// Shows what an open invitation is for, and the ways to take it. Changes nothing.
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Response> {
    let found = match InvitationToken::parse(&token) {
        Some(token) => {
            let found = web.broker.look_at_invitation(&visitor.origin(), &token).await;
            found.map(|invitation| (invitation, token))
        }
        None => Err(Failure::Refused(Refusal::InvitationInvalid)),
    };
    let mut response = match found {
        Ok((invitation, token)) => {
            let page = page(&web, &visitor, &invitation, &token);
            html(StatusCode::OK, &page)
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            register::empty(&web, &visitor).refused(told)
        }
    };
    // Whoever finds the address of an invitation somewhere must not make it known further.
    let robots = HeaderName::from_static("x-robots-tag");
    response.headers_mut().insert(robots, HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}

fn page<'a>(
    web: &'a Web,
    visitor: &'a Visitor,
    invitation: &Invitation,
    token: &InvitationToken,
) -> InvitePage<'a> {
    let here = format!("/invite/{}", token.expose());
    let mut page = Page::new(web, visitor, "page-invite", &here);
    let domain = invitation.domain.as_str();
    page.heading = page.words.format("page-invite", &[("service", page.service())]);
    let by = invitation.inviter.as_ref();
    let by = by.map(|inviter| page.words.format("page-invite-by", &[("inviter", inviter)]));
    let lead = match (&invitation.username, &invitation.email) {
        (Some(name), _) => {
            page.words.format("page-invite-lead-name", &[("address", &format!("{name}@{domain}"))])
        }
        (None, Some(_)) => page.words.format("page-invite-lead-proven", &[("domain", domain)]),
        (None, None) => page.words.format("page-invite-lead", &[("domain", domain)]),
    };
    let until = page.words.moment(invitation.expires_at);
    let address = format!("{}{here}", web.settings.base_url.as_str().trim_end_matches('/'));
    InvitePage {
        by,
        lead,
        uri: invitation.uri(token),
        qr: Qr::of(&address),
        until: page.words.format("page-invite-until", &[("time", &until)]),
        register: page.link(&format!("/register?invitation={}", token.expose())),
        clients: &CLIENTS[..INVITABLE],
        page,
    }
}

/// Shows the form for the address that an invitation is to go to.
pub async fn ask(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Response> {
    let query = query(&web, &visitor, &request)?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    let sent = query.one("sent").map_err(bad)?.is_some();
    let mut page = ask_page(&web, &visitor, query.one(DOMAIN).map_err(bad)?, "");
    if page.widgets.is_empty() {
        return Ok(page.refused(refusal::tell(&web, &visitor, &Refusal::NotAllowed)));
    }
    page.notice = sent.then(|| page.page.words.get("page-invite-sent"));
    Ok(with_captcha(&web, &visitor, page, query.one(DOMAIN).map_err(bad)?).await?.show())
}

/// The form with a CAPTCHA, where people who register there solve one.
async fn with_captcha<'a>(
    web: &'a Web,
    visitor: &'a Visitor,
    form: FormPage<'a>,
    domain: Option<&str>,
) -> Result<FormPage<'a>, Response> {
    let policy = by_letter(web, domain);
    match captcha::added(web, visitor, form, policy.map(|policy| &policy.domain)).await {
        Ok(form) => Ok(form),
        Err((form, failure)) => Err(form.refused(refusal::told(web, visitor, failure)?)),
    }
}

/// Sends it; the answer is the same whether or not the address has an account.
pub async fn send(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    let (domain, email) = (pairs.one(DOMAIN).map_err(bad)?, pairs.text(Field::Email.name()).map_err(bad)?);
    let answers = captcha::answers(&pairs).map_err(bad)?;
    let outcome = match domain_sent(&web, domain) {
        Ok(domain) => web.broker.invite_address(&visitor.origin(), &domain, email, answers.as_ref()).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(_) => Ok(see_other(&web, "/invite?sent", None)),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            let page = with_captcha(&web, &visitor, ask_page(&web, &visitor, domain, email), domain).await?;
            Ok(page.refused(told))
        }
    }
}

/// The domains that send invitations; the one asked for, else the first.
pub fn by_letter<'a>(web: &'a Web, domain: Option<&str>) -> Option<&'a DomainPolicy> {
    let mut sending = web.broker.domains().filter(|policy| policy.invites_by_letter());
    match domain {
        Some(domain) => sending.find(|policy| policy.domain.as_str() == domain),
        None => sending.next(),
    }
}

fn ask_page<'a>(web: &'a Web, visitor: &'a Visitor, domain: Option<&str>, typed: &str) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-invite-ask", "/invite");
    let Some(policy) = by_letter(web, domain) else {
        return FormPage::new(page, "/invite", "page-invite-ask-submit");
    };
    let domain = policy.domain.to_string();
    let lead = Some(page.words.format("page-invite-ask-lead", &[("domain", &domain)]));
    let email = Widget::of_field(&page, Field::Email, true, &[policy]);
    let widgets = vec![Widget { value: typed.to_owned(), hint: None, ..email }];
    let links = vec![(page.words.get("page-register"), "/register")];
    let hidden = vec![(DOMAIN, domain)];
    let form = FormPage::new(page, "/invite", "page-invite-ask-submit");
    FormPage { lead, hidden, widgets, links, ..form }
}
