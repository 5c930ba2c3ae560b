//! `/recover`: a forgotten password. The first page sends a letter; `/recover/code` takes its code or link and the new password.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    CODE, DOMAIN, Page, TOKEN, domain_sent, form_page::FormPage, message, query, see_other, submission,
    widget::Widget,
};
use crate::{
    accounts::{DomainPolicy, LinkToken, Refusal, form::Field},
    broker::{Failure, ProofInput},
    http::{
        form::{BadForm, Pairs},
        refusal,
        visitor::Visitor,
        web::Web,
    },
};

/// Asks for the name of the account.
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let known = visitor.account.as_ref().filter(|account| account.active);
    let name = known.map_or("", |known| known.username.as_str());
    name_page(&web, &visitor, name, known.map(|known| known.domain.as_str())).show()
}

/// Sends the letter; the answer is the same whether or not there is such an account.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let (name, domain_text) = name_sent(&pairs).map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match domain_sent(&web, domain_text) {
        Ok(domain) => web.broker.ask_recovery(&visitor.origin(), &domain, name).await.map(|()| domain),
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(domain) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("sent", "")
                .append_pair(Field::Username.name(), name)
                .append_pair(DOMAIN, domain.as_str())
                .finish();
            Ok(see_other(&web, &format!("/recover/code?{query}"), None))
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(name_page(&web, &visitor, name, domain_text).refused(told))
        }
    }
}

/// Asks for code and new password; with the token of a link for the password alone. Changes nothing: programs open links in
/// letters, too.
pub async fn show_code(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let query = query(&web, &visitor, &request)?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    let Some(token) = query.one(TOKEN).map_err(bad)? else {
        let (name, domain) = name_sent(&query).map_err(bad)?;
        let mut page = code_page(&web, &visitor, name, domain);
        page.notice = query.one("sent").map_err(bad)?.map(|_| page.page.words.get("page-recover-sent"));
        return Ok(page.show());
    };
    let outcome = match read_token(token) {
        Ok(token) => {
            web.broker.look_at_recovery(&visitor.origin(), &token).await.map(|account| (token, account))
        }
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok((token, account)) => {
            let lead = ("page-recover-link-lead", account.address());
            Ok(link_page(&web, &visitor, &token, Some(lead)).show())
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(name_page(&web, &visitor, "", None).refused(told))
        }
    }
}

/// Sets the new password.
pub async fn submit_code(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let sent = Sent::read(&pairs).map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match sent.proof(&web) {
        Ok(proof) => web.broker.recover(&visitor.origin(), proof, sent.password).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(_) => Ok(see_other(&web, "/recover/done", None)),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            let page = match sent.token.map(read_token) {
                Some(Ok(token)) => link_page(&web, &visitor, &token, None),
                Some(Err(_)) => name_page(&web, &visitor, "", None),
                None => code_page(&web, &visitor, sent.name, sent.domain),
            };
            Ok(page.refused(told))
        }
    }
}

/// Says that the new password works.
pub async fn done(State(web): State<Web>, visitor: Visitor) -> Response {
    message::recovered(&web, &visitor)
}

/// What the second form brought.
struct Sent<'a> {
    token: Option<&'a str>,
    name: &'a str,
    domain: Option<&'a str>,
    code: &'a str,
    password: &'a str,
}

impl<'a> Sent<'a> {
    fn read(pairs: &'a Pairs) -> Result<Self, BadForm> {
        let (name, domain) = name_sent(pairs)?;
        let (code, password) = (pairs.text(CODE)?, pairs.text(Field::Password.name())?);
        Ok(Self { token: pairs.one(TOKEN)?, name, domain, code, password })
    }

    fn proof(&self, web: &Web) -> Result<ProofInput, Refusal> {
        match self.token {
            Some(token) => read_token(token).map(ProofInput::Link),
            None => Ok(ProofInput::Code {
                domain: domain_sent(web, self.domain)?,
                username: self.name.to_owned(),
                code: self.code.to_owned(),
            }),
        }
    }
}

fn name_sent(pairs: &Pairs) -> Result<(&str, Option<&str>), BadForm> {
    Ok((pairs.text(Field::Username.name())?, pairs.one(DOMAIN)?))
}

fn read_token(token: &str) -> Result<LinkToken, Refusal> {
    LinkToken::parse(token).ok_or(Refusal::WrongCode { tries_left: None })
}

fn name_page<'a>(web: &'a Web, visitor: &'a Visitor, name: &str, domain: Option<&str>) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-recover", "/recover");
    let widgets = vec![Widget::account_name(&page, name).with_domains(web.broker.domains(), domain)];
    let lead = Some(page.words.get("page-recover-lead"));
    let links = vec![(page.words.get("page-link-have-code"), "/recover/code")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/recover", "page-recover-submit") }
}

fn code_page<'a>(web: &'a Web, visitor: &'a Visitor, name: &str, domain: Option<&str>) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-recover", "/recover/code");
    let name = Widget::account_name(&page, name).with_domains(web.broker.domains(), domain);
    let widgets = vec![name, Widget::code(&page), new_password(&page)];
    let lead = Some(page.words.get("page-recover-code-lead"));
    let links = vec![(page.words.get("page-recover-again"), "/recover")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/recover/code", "page-recover-code-submit") }
}

fn link_page<'a>(
    web: &'a Web,
    visitor: &'a Visitor,
    token: &LinkToken,
    lead: Option<(&str, String)>,
) -> FormPage<'a> {
    let here = format!("/recover/code?token={}", token.expose());
    let page = Page::new(web, visitor, "page-recover", &here);
    let lead = lead.map(|(key, address)| page.words.format(key, &[("address", &address)]));
    let widgets = vec![new_password(&page)];
    let links = vec![(page.words.get("page-recover-again"), "/recover")];
    let hidden = vec![(TOKEN, token.expose().to_owned())];
    let form = FormPage::new(page, "/recover/code", "page-recover-code-submit");
    FormPage { lead, hidden, widgets, links, ..form }
}

fn new_password(page: &Page<'_>) -> Widget {
    let policies: Vec<&DomainPolicy> = page.web.broker.domains().collect();
    let label = page.words.get("label-new-password");
    Widget { label, ..Widget::of_field(page, Field::Password, true, &policies) }
}
