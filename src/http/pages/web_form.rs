//! `/Agent/Account/CreateWebForm`, as a person sees it: what it is for, how it stands, and a form that works.

use axum::response::Response;

use super::{Page, captcha, form_page::FormPage, widget::Widget};
use crate::{
    accounts::{
        ApiKey, ContactPolicy, Domain, DomainPolicy, WebFormGate,
        form::{self, Field},
    },
    broker::{CaptchaOffer, Failure, WebForm},
    http::{refusal, visitor::Visitor, web::Web},
};

const PATH: &str = "/Agent/Account/CreateWebForm";

/// Shows it, with a form while it is open. `names` are those of the fields for name, address and password; `hidden` goes with them.
pub async fn show(
    web: &Web,
    visitor: &Visitor,
    domain: &Domain,
    names: [&'static str; 4],
    hidden: Option<(&'static str, String)>,
) -> Response {
    let stands = match web.broker.web_form(domain).await {
        Ok(stands) => stands,
        Err(failure) => return failed(web, visitor, failure),
    };
    let mut page = described(web, visitor, domain, &stands);
    let policy = web.broker.policy(domain);
    let Some(policy) = policy.filter(|_| stands.is_open()) else { return page.show() };
    let offer = match web.broker.web_form_challenge(&visitor.origin(), domain).await {
        Ok(offer) => offer,
        Err(failure) => return failed(web, visitor, failure),
    };
    fill(&mut page, policy, names, hidden);
    with_captcha(web, page, domain, &stands, offer).show()
}

fn failed(web: &Web, visitor: &Visitor, failure: Failure) -> Response {
    match refusal::told(web, visitor, failure) {
        Ok(told) => {
            FormPage::new(Page::new(web, visitor, "page-web-form", PATH), PATH, "page-web-form-submit")
                .refused(told)
        }
        Err(response) => response,
    }
}

/// What it does and how it stands.
fn described<'a>(web: &'a Web, visitor: &'a Visitor, domain: &Domain, stands: &WebForm) -> FormPage<'a> {
    let page = Page::new(web, visitor, "page-web-form", PATH);
    let words = &page.words;
    let truth = |truth: bool| words.get(if truth { "page-yes" } else { "page-no" });
    let count = |of: fn(&ApiKey) -> u64| {
        stands.key.as_ref().map_or_else(|| "–".to_owned(), |key| of(key).to_string())
    };
    let facts = vec![
        (words.get("page-web-form-key"), truth(stands.key.is_some())),
        (words.get("page-web-form-limit"), count(|key| key.limit.into())),
        (words.get("page-web-form-created"), count(|key| key.created)),
        (words.get("page-web-form-deleted"), count(|key| key.deleted)),
        (words.get("page-web-form-left"), count(ApiKey::left)),
        (words.get("page-web-form-captcha"), truth(stands.gate_stands)),
        (words.get("page-web-form-open"), truth(stands.is_open())),
    ];
    let lead = words.format("page-web-form-lead", &[("domain", domain.as_str())]);
    let form = FormPage::new(page, PATH, "page-web-form-submit");
    FormPage { lead: Some(lead), facts, sends_on: true, ..form }
}

fn fill(
    form: &mut FormPage<'_>,
    policy: &DomainPolicy,
    names: [&'static str; 4],
    hidden: Option<(&'static str, String)>,
) {
    let policies = [&DomainPolicy { email: ContactPolicy::Required, ..policy.clone() }];
    let asked = form::fields(policies[0]);
    let fields = [Field::Username, Field::Email, Field::Phone, Field::Password].into_iter().zip(names);
    let page = &form.page;
    form.widgets = fields
        .filter_map(|(field, name)| {
            let required = asked.iter().find(|asked| asked.field == field)?.required;
            Some(Widget { name, ..Widget::of_field(page, field, required, &policies) })
        })
        .collect();
    form.widgets[0].domains = Widget::default().with_domains(policies, None).domains;
    form.hidden.extend(hidden);
}

fn with_captcha<'a>(
    web: &Web,
    mut form: FormPage<'a>,
    domain: &Domain,
    stands: &WebForm,
    offer: Option<CaptchaOffer>,
) -> FormPage<'a> {
    match (stands.gate, offer) {
        (WebFormGate::OwnCaptcha, Some(offer)) => captcha::offered(web, form, domain, offer),
        (WebFormGate::OwnCaptcha, None) => form,
        (WebFormGate::Service, _) => {
            form.site.clone_from(&web.settings.captcha_site);
            form
        }
    }
}
