//! `/verify`: proves the address by the code or the link of the letter, and the phone number by the code of the text message; `/verify/resend` sends
//! them once more.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    CODE, DOMAIN, Page, TOKEN, domain_sent, form_page::FormPage, message, query, see_other, submission,
    widget::Widget,
};
use crate::{
    accounts::{ContactPolicy, Domain, LinkToken, Refusal, Username, form::Field},
    broker::{Failure, ProofInput},
    http::{
        cookies::KnownAccount,
        form::{BadForm, Pairs},
        refusal,
        visitor::Visitor,
        web::Web,
    },
};

/// Shows the form for the code, or the button of a link. Changes nothing: programs open links in letters, too.
pub async fn show(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Response> {
    let query = query(&web, &visitor, &request)?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    if let Some(token) = query.one(TOKEN).map_err(bad)? {
        return show_link(&web, &visitor, token).await;
    }
    let known = visitor.account.as_ref().filter(|account| !account.active);
    let about = match (query.one("other").map_err(bad)?, known) {
        (None, Some(known)) => About::Known(known.clone()),
        _ => About::Typed(String::new(), None),
    };
    let mut page = page(&web, &visitor, &about);
    for (word, text) in [("sent", "page-verify-sent"), ("further", "page-verify-further")] {
        if query.one(word).map_err(bad)?.is_some() {
            page.notice = Some(page.page.words.get(text));
        }
    }
    Ok(page.show())
}

/// Proves the address: by the token of a link if there is one, else by the code.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    let about = About::sent(&visitor, &pairs).map_err(bad)?;
    let proof = proof(&web, &about, &pairs).map_err(bad)?;
    let outcome = match proof {
        Ok(proof) => web.broker.verify(&visitor.origin(), proof).await,
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(account) => {
            let known = KnownAccount::of(account);
            let next = if known.active { "/welcome" } else { "/verify?further" };
            Ok(see_other(&web, next, Some(&known)))
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, &about).refused(told))
        }
    }
}

/// Sends another letter; the answer is the same whether or not there is such an account.
pub async fn resend(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let about = About::sent(&visitor, &pairs).map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let outcome = match about.domain(&web) {
        Ok(domain) => match web.broker.resend(&visitor.origin(), &domain, about.name()).await {
            Ok(()) => Ok(about.to_known(domain)),
            Err(failure) => Err(failure),
        },
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    match outcome {
        Ok(known) => Ok(see_other(&web, "/verify?sent", known.as_ref())),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, &about).refused(told))
        }
    }
}

/// Which account a form is about.
enum About {
    /// The one that this browser is busy with.
    Known(KnownAccount),
    /// A name as typed, and the domain chosen.
    Typed(String, Option<String>),
}

impl About {
    fn sent(visitor: &Visitor, pairs: &Pairs) -> Result<Self, BadForm> {
        let name = pairs.text(Field::Username.name())?;
        let domain = pairs.one(DOMAIN)?;
        let is_sent = |known: &&KnownAccount| {
            known.username.as_str() == name && domain == Some(known.domain.as_str()) && !known.active
        };
        Ok(match visitor.account.as_ref().filter(is_sent) {
            Some(known) => Self::Known(known.clone()),
            None => Self::Typed(name.to_owned(), domain.map(str::to_owned)),
        })
    }

    fn name(&self) -> &str {
        match self {
            Self::Known(known) => known.username.as_str(),
            Self::Typed(name, _) => name,
        }
    }

    fn domain(&self, web: &Web) -> Result<Domain, Refusal> {
        match self {
            Self::Known(known) => Ok(known.domain.clone()),
            Self::Typed(_, domain) => domain_sent(web, domain.as_deref()),
        }
    }

    fn to_known(&self, domain: Domain) -> Option<KnownAccount> {
        match self {
            Self::Known(known) => Some(known.clone()),
            Self::Typed(name, _) => {
                let username = Username::prepare(name).ok()?;
                Some(KnownAccount { domain, username, email: None, phone: None, active: false })
            }
        }
    }
}

fn proof(web: &Web, about: &About, pairs: &Pairs) -> Result<Result<ProofInput, Refusal>, BadForm> {
    if let Some(token) = pairs.one(TOKEN)? {
        return Ok(read_token(token).map(ProofInput::Link));
    }
    let (username, code) = (about.name().to_owned(), pairs.text(CODE)?.to_owned());
    Ok(about.domain(web).map(|domain| ProofInput::Code { domain, username, code }))
}

fn read_token(token: &str) -> Result<LinkToken, Refusal> {
    LinkToken::parse(token).ok_or(Refusal::WrongCode { tries_left: None })
}

async fn show_link(web: &Web, visitor: &Visitor, token: &str) -> Result<Response, Response> {
    let outcome = match read_token(token) {
        Ok(token) => web.broker.look_at_link(&visitor.origin(), &token).await.map(|account| (token, account)),
        Err(refusal) => Err(Failure::Refused(refusal)),
    };
    let (token, account) = match outcome {
        Ok(found) => found,
        Err(failure) => {
            let told = refusal::told(web, visitor, failure)?;
            return Ok(page(web, visitor, &About::Typed(String::new(), None)).refused(told));
        }
    };
    let page = Page::new(web, visitor, "page-link", &format!("/verify?token={}", token.expose()));
    let lead = page.words.format("page-link-lead", &[("address", &account.address())]);
    let hidden = vec![(TOKEN, token.expose().to_owned())];
    let form = FormPage::new(page, "/verify", "page-link-submit");
    Ok(FormPage { lead: Some(lead), hidden, ..form }.show())
}

fn page<'a>(web: &'a Web, visitor: &'a Visitor, about: &About) -> FormPage<'a> {
    let (title, wrong) = if web.broker.domains().any(|domain| domain.phone != ContactPolicy::Off) {
        ("page-verify-account", "page-link-wrong-address-or-number")
    } else {
        ("page-verify", "page-link-wrong-address")
    };
    let page = Page::new(web, visitor, title, "/verify");
    let code = Widget::code(&page);
    let mut links = vec![(page.words.get(wrong), "/verify/address")];
    let (lead, hidden, widgets) = match about {
        About::Known(known) => {
            links.push((page.words.get("page-link-other-account"), "/verify?other"));
            let address = known.address();
            let address = ("address", address.as_str());
            let lead = match (&known.email, &known.phone) {
                (Some(email), None) => {
                    page.words.format("page-verify-lead", &[address, ("email", email.as_str())])
                }
                (None, Some(phone)) => {
                    page.words.format("page-verify-lead-phone", &[address, ("phone", phone.as_str())])
                }
                (Some(email), Some(phone)) => page.words.format(
                    "page-verify-lead-both",
                    &[address, ("email", email.as_str()), ("phone", phone.as_str())],
                ),
                (None, None) => page.words.format("page-verify-lead-no-email", &[address]),
            };
            let hidden = vec![
                (Field::Username.name(), known.username.to_string()),
                (DOMAIN, known.domain.to_string()),
            ];
            (lead, hidden, vec![code])
        }
        About::Typed(name, domain) => {
            let name =
                Widget::account_name(&page, name).with_domains(web.broker.domains(), domain.as_deref());
            (page.words.get("page-verify-lead-unknown"), Vec::new(), vec![name, code])
        }
    };
    let second = Some((page.words.get("page-verify-resend"), "/verify/resend"));
    let form = FormPage::new(page, "/verify", "page-verify-submit");
    FormPage { lead: Some(lead), hidden, widgets, second, links, ..form }
}
