//! `/account`: what somebody who is signed in sees of the own account, and can do with it.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use minidom::Element;

use super::{CODE, Page, form_page::FormPage, message, see_other, submission, widget::Widget};
use crate::{
    accounts::{Account, Email, Phone, Refusal, form::Field},
    broker::{Bearer, Failure, OnFile},
    http::{
        form::BadForm,
        refusal,
        signed_in::{self, SignedIn},
        visitor::Visitor,
        web::Web,
    },
};

/// The name of the field for a new password.
const NEW_PASSWORD: &str = "new-password";

/// XEP-0227.
const NS_PORTABLE: &str = "urn:xmpp:pie:0";

/// Shows what is on file.
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(Bearer { account, .. }): SignedIn,
    uri: Uri,
) -> Response {
    let changed = uri.query().is_some_and(|query| query == "changed");
    let mut page = Page::new(&web, &visitor, "page-account", "/account");
    page.heading = account.address();
    let notice = changed.then(|| page.words.get("page-account-password-changed"));
    let facts = facts(&page, &account);
    let links = vec![
        (page.words.get("page-account-password"), "/account/password"),
        (page.words.get("page-account-email"), "/account/email"),
        (page.words.get("page-account-data"), "/account/data.json"),
        (page.words.get("page-account-data-xml"), "/account/data.xml"),
        (page.words.get("page-account-delete"), "/account/delete"),
    ];
    let form = FormPage::new(page, "/signout", "page-account-signout");
    let lead = Some(form.page.words.get("page-account-lead"));
    FormPage { lead, notice, facts, links, always: true, ..form }.show()
}

fn facts(page: &Page<'_>, account: &Account) -> Vec<(String, String)> {
    let words = &page.words;
    let state = words.format("adhoc-data-state-word", &[("state", account.state.as_str())]);
    [
        ("adhoc-data-state", Some(state)),
        ("label-email", account.email.as_ref().map(Email::to_string)),
        ("adhoc-data-email-verified", account.email_verified_at.map(|at| words.moment(at))),
        ("label-phone", account.phone.as_ref().map(Phone::to_string)),
        ("adhoc-data-phone-verified", account.phone_verified_at.map(|at| words.moment(at))),
        ("adhoc-data-created", Some(words.moment(account.created_at))),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((words.get(key), value?)))
    .collect()
}

/// Shows the form for another password.
pub async fn ask_password(State(web): State<Web>, visitor: Visitor, SignedIn(bearer): SignedIn) -> Response {
    password_page(&web, &visitor, &bearer).show()
}

/// Sets it.
pub async fn set_password(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let read =
        || -> Result<_, BadForm> { Ok((pairs.text(Field::Password.name())?, pairs.text(NEW_PASSWORD)?)) };
    let (old, new) = read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    let origin = visitor.origin();
    match web.broker.change_own_password(&origin, &bearer, old, new, signed_in::LIFETIME).await {
        Ok(token) => {
            let mut response = see_other(&web, "/account?changed", None);
            signed_in::sign_in(&web, &mut response, &token);
            Ok(response)
        }
        Err(failure) => {
            let is_about_the_new_one = matches!(&failure, Failure::Refused(Refusal::Invalid(_)));
            let mut told = refusal::told(&web, &visitor, failure)?;
            for problem in told.problems.iter_mut().filter(|_| is_about_the_new_one) {
                problem.field = Some(NEW_PASSWORD);
            }
            Ok(password_page(&web, &visitor, &bearer).refused(told))
        }
    }
}

fn password_page<'a>(web: &'a Web, visitor: &'a Visitor, bearer: &Bearer) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-account-password", "/account/password");
    let policies: Vec<_> = web.broker.policy(&bearer.account.domain).into_iter().collect();
    let new = Widget::of_field(&page, Field::Password, true, &policies);
    let new = Widget { name: NEW_PASSWORD, label: page.words.get("label-new-password"), ..new };
    let widgets = vec![Widget::current_password(&page), new];
    let lead = Some(page.words.get("page-account-password-lead"));
    let links = vec![(page.words.get("page-account-back"), "/account")];
    let form = FormPage::new(page, "/account/password", "page-account-password-submit");
    FormPage { lead, widgets, links, ..form }
}

/// Shows the form for another address.
pub async fn ask_email(State(web): State<Web>, visitor: Visitor, _: SignedIn) -> Response {
    email_page(&web, &visitor, "").show()
}

/// Sends a code there.
pub async fn send_code(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let read = || -> Result<_, BadForm> {
        Ok((pairs.text(Field::Password.name())?, pairs.text(Field::Email.name())?))
    };
    let (password, email) = read().map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    match web.broker.ask_email_change(&visitor.origin(), &bearer, password, email).await {
        Ok(()) => Ok(see_other(&web, "/account/email/code", None)),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(email_page(&web, &visitor, email).refused(told))
        }
    }
}

fn email_page<'a>(web: &'a Web, visitor: &'a Visitor, typed: &str) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-account-email", "/account/email");
    let email = Widget::of_field(&page, Field::Email, true, &[]);
    let label = page.words.get("page-label-new-email");
    let widgets =
        vec![Widget::current_password(&page), Widget { value: typed.to_owned(), label, hint: None, ..email }];
    let lead = Some(page.words.get("page-account-email-lead"));
    let links = vec![(page.words.get("page-account-back"), "/account")];
    FormPage { lead, widgets, links, ..FormPage::new(page, "/account/email", "page-account-email-submit") }
}

/// Shows the form for that code.
pub async fn ask_code(State(web): State<Web>, visitor: Visitor, _: SignedIn) -> Response {
    code_page(&web, &visitor).show()
}

/// Takes it.
pub async fn take_code(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let code = pairs.text(CODE).map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    match web.broker.finish_email_change(&visitor.origin(), &bearer, code).await {
        Ok(_) => Ok(see_other(&web, "/account", None)),
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(code_page(&web, &visitor).refused(told))
        }
    }
}

fn code_page<'a>(web: &'a Web, visitor: &'a Visitor) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-account-email", "/account/email/code");
    let widgets = vec![Widget::code(&page)];
    let lead = Some(page.words.get("page-account-email-sent"));
    let links = vec![(page.words.get("page-account-back"), "/account")];
    let form = FormPage::new(page, "/account/email/code", "page-account-email-confirm");
    FormPage { lead, widgets, links, ..form }
}

/// Asks whether the account is to go.
pub async fn ask_delete(State(web): State<Web>, visitor: Visitor, SignedIn(bearer): SignedIn) -> Response {
    delete_page(&web, &visitor, &bearer).show()
}

/// Deletes it.
pub async fn delete(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let password =
        pairs.text(Field::Password.name()).map_err(|bad| message::bad_form(&web, &visitor, bad))?;
    match web.broker.remove_own_account(&visitor.origin(), &bearer, password).await {
        Ok(account) => {
            let mut response = match account.delete_at {
                Some(at) => message::leaving(&web, &visitor, at),
                None => message::deleted(&web, &visitor),
            };
            signed_in::forget(&web, &mut response);
            Ok(response)
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(delete_page(&web, &visitor, &bearer).refused(told))
        }
    }
}

fn delete_page<'a>(web: &'a Web, visitor: &'a Visitor, bearer: &Bearer) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-account-delete", "/account/delete");
    let widgets = vec![Widget::current_password(&page)];
    let address = bearer.account.address();
    let grace = web.broker.policy(&bearer.account.domain).map(|policy| policy.deletion_grace);
    let lead = match grace.filter(|grace| !grace.is_zero()) {
        None => page.words.format("page-account-delete-lead", &[("address", &address)]),
        Some(grace) => {
            let time = page.words.moment(web.broker.now() + grace);
            page.words.format("page-account-delete-lead-later", &[("address", &address), ("time", &time)])
        }
    };
    let lead = Some(lead);
    let links = vec![(page.words.get("page-account-back"), "/account")];
    let form = FormPage::new(page, "/account/delete", "page-account-delete-submit");
    FormPage { lead, widgets, links, ..form }
}

/// Everything that is kept about the person, in JSON; nothing that proves a password.
pub async fn data_json(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
) -> Result<Response, Response> {
    let OnFile { account, events } = on_file(&web, &visitor, &bearer).await?;
    let body = serde_json::json!({ "account": account, "events": events });
    let mut text = serde_json::to_string_pretty(&body).unwrap_or_default();
    text.push('\n');
    Ok(download("application/json; charset=utf-8", &format!("{}.json", account.username), text.into_bytes()))
}

/// The account in the form that servers exchange (XEP-0227), without its secrets.
pub async fn data_xml(
    State(web): State<Web>,
    visitor: Visitor,
    SignedIn(bearer): SignedIn,
) -> Result<Response, Response> {
    let OnFile { account, .. } = on_file(&web, &visitor, &bearer).await?;
    let name = |name: &'static str| rxml::NcName::try_from(name).ok();
    let mut user = Element::bare("user", NS_PORTABLE);
    let mut host = Element::bare("host", NS_PORTABLE);
    if let Some((user_name, host_name)) = name("name").zip(name("jid")) {
        user.set_attr(rxml::Namespace::NONE, user_name, account.username.as_str());
        host.set_attr(rxml::Namespace::NONE, host_name, account.domain.as_str());
    }
    host.append_child(user);
    let data = Element::builder("server-data", NS_PORTABLE).append(host).build();
    let mut bytes = b"<?xml version='1.0' encoding='UTF-8'?>\n".to_vec();
    bytes.extend(String::from(&data).into_bytes());
    bytes.push(b'\n');
    Ok(download("application/xml; charset=utf-8", &format!("{}.xml", account.username), bytes))
}

async fn on_file(web: &Web, visitor: &Visitor, bearer: &Bearer) -> Result<OnFile, Response> {
    let Account { domain, username, .. } = &bearer.account;
    match web.broker.on_file(domain, username.as_str()).await {
        Ok(file) => Ok(file),
        Err(failure) => {
            let told = refusal::told(web, visitor, failure)?;
            let page = Page::new(web, visitor, "page-account", "/account");
            Err(FormPage::new(page, "/signout", "page-account-signout").refused(told))
        }
    }
}

/// A file to be kept (RFC 6266). Its name is ASCII: what is not is left out.
fn download(kind: &'static str, name: &str, body: Vec<u8>) -> Response {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c)).collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"account-{plain}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}
