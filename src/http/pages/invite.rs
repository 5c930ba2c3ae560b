//! `/invite/TOKEN`: the landing page of an invitation (XEP-0379 §3.3, XEP-0401 §4.2).
//!
//! The token is in the path, since it has to be in a link that people send each other. No page of ours tells its address to others
//! (`Referrer-Policy`), none is kept by a cache, and paths are not logged.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{
    Page, html, register,
    welcome::{CLIENTS, Client},
};
use crate::{
    accounts::{Invitation, InvitationToken, Refusal},
    broker::Failure,
    http::{qr::Qr, refusal, visitor::Visitor, web::Web},
};

/// See [`show`].
#[derive(Template)]
#[template(path = "web/invite.html")]
struct InvitePage<'a> {
    page: Page<'a>,
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
            html(&web, StatusCode::OK, &page)
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
    page.heading = match &invitation.inviter {
        Some(inviter) => page.words.format("page-invite-by", &[("inviter", inviter)]),
        None => page.words.format("page-invite", &[("service", &web.settings.service_name)]),
    };
    let lead = match (&invitation.username, &invitation.email) {
        (Some(name), _) => {
            page.words.format("page-invite-lead-name", &[("address", &format!("{name}@{domain}"))])
        }
        (None, Some(_)) => page.words.format("page-invite-lead-proven", &[("domain", domain)]),
        (None, None) => page.words.format("page-invite-lead", &[("domain", domain)]),
    };
    let until = invitation.expires_at.strftime("%Y-%m-%d %H:%M").to_string();
    let address = format!("{}{here}", web.settings.base_url.as_str().trim_end_matches('/'));
    InvitePage {
        lead,
        uri: invitation.uri(token),
        qr: Qr::of(&address),
        until: page.words.format("page-invite-until", &[("time", &until)]),
        register: page.link(&format!("/register?invitation={}", token.expose())),
        clients: &CLIENTS,
        page,
    }
}
