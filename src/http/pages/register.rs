//! `/register`: the one registration form, in HTML; with the conditions of an invitation, where somebody brings one.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    DOMAIN, INVITATION, Page, captcha, domain_sent, form_page::FormPage, invite, message, see_other,
    submission, widget::Widget,
};
use crate::{
    accounts::{
        AccountState, Domain, DomainPolicy, InvitationMode, InvitationToken, Refusal, RegistrationMode,
        challenge::CaptchaAnswers,
        form::{self, Field, RawForm},
    },
    broker::{Failure, Presented, Registered, Submitted},
    http::{cookies::KnownAccount, form::Pairs, refusal, visitor::Visitor, web::Web},
};

/// What somebody has filled in so far.
#[derive(Default)]
struct Typed<'a> {
    form: RawForm,
    domain: Option<&'a str>,
    invitation: &'a str,
}

/// Shows the empty form.
pub async fn show(State(web): State<Web>, visitor: Visitor, request: Request) -> Result<Response, Response> {
    // Whatever else stands behind the `?` is nothing to us.
    let query = Pairs::parse(request.uri().query().unwrap_or_default().as_bytes()).ok();
    let invitation = query.as_ref().and_then(|query| query.text(INVITATION).ok()).unwrap_or_default();
    let typed = Typed { invitation, ..Typed::default() };
    match invited(&web, &visitor, invitation).await {
        Ok(guest) if guest.is_none() && open_domains(&web).is_empty() => {
            let told = refusal::tell(&web, &visitor, &Refusal::RegistrationClosed);
            Ok(page(&web, &visitor, &typed, None).refused(told))
        }
        Ok(guest) => {
            let form = page(&web, &visitor, &typed, guest.as_ref());
            match captcha::added(&web, &visitor, form, demanding(&web, &typed, guest.as_ref()).as_ref()).await
            {
                Ok(form) => Ok(form.show()),
                Err((form, failure)) => Ok(form.refused(refusal::told(&web, &visitor, failure)?)),
            }
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            Ok(page(&web, &visitor, &typed, None).refused(told))
        }
    }
}

/// The form without an invitation, for a page that has something to say about one.
pub fn empty<'a>(web: &'a Web, visitor: &'a Visitor) -> FormPage<'a> {
    page(web, visitor, &Typed::default(), None)
}

/// Registers.
pub async fn submit(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Response> {
    let pairs = submission(&web, &visitor, request).await?;
    let bad = |bad| message::bad_form(&web, &visitor, bad);
    let typed = Typed {
        form: pairs.raw_form(),
        domain: pairs.one(DOMAIN).map_err(bad)?,
        invitation: pairs.text(INVITATION).map_err(bad)?,
    };
    let answers = captcha::answers(&pairs).map_err(bad)?;
    match register(&web, &visitor, &typed, answers).await {
        Ok(registered) => {
            let active = registered.state == AccountState::Active;
            let account = KnownAccount {
                domain: registered.domain,
                username: registered.username,
                email: registered.email,
                phone: registered.phone,
                active,
            };
            Ok(see_other(&web, if active { "/welcome" } else { "/verify" }, Some(&account)))
        }
        Err(failure) => {
            let told = refusal::told(&web, &visitor, failure)?;
            let guest = invited(&web, &visitor, typed.invitation).await.ok().flatten();
            let form = page(&web, &visitor, &typed, guest.as_ref());
            let domain = demanding(&web, &typed, guest.as_ref());
            // Where no challenge can be had at the moment, what was wrong is told all the same.
            match captcha::added(&web, &visitor, form, domain.as_ref()).await {
                Ok(form) | Err((form, _)) => Ok(form.refused(told)),
            }
        }
    }
}

/// The domain that may demand a CAPTCHA: the one chosen, else the first to choose. Of those with an invitation none does.
fn demanding(web: &Web, typed: &Typed<'_>, guest: Option<&Guest>) -> Option<Domain> {
    let open = open_domains(web);
    let chosen = typed.domain.and_then(|domain| Domain::parse(domain).ok());
    let chosen = chosen.filter(|domain| open.iter().any(|policy| policy.domain == *domain));
    let first = || open.first().map(|policy| policy.domain.clone());
    guest.map_or_else(|| chosen.or_else(first), |_| None)
}

async fn register(
    web: &Web,
    visitor: &Visitor,
    typed: &Typed<'_>,
    captcha: Option<CaptchaAnswers>,
) -> Result<Registered, Failure> {
    let domain = domain_sent(web, typed.domain)?;
    let invitation = token(typed.invitation)?.map(Presented::Token);
    let submitted = Submitted { form: typed.form.clone(), invitation, captcha, ..Submitted::default() };
    web.broker.register(&visitor.origin(), &domain, submitted).await
}

/// The domains that people may register on.
pub fn open_domains(web: &Web) -> Vec<&DomainPolicy> {
    web.broker.domains().filter(|policy| policy.registration == RegistrationMode::Open).collect()
}

/// Somebody with an open invitation, and what it asks for.
struct Guest {
    token: InvitationToken,
    domain: Domain,
    fields: Vec<(Field, bool)>,
    /// The one name.
    username: Option<String>,
}

/// What was typed or pasted as an invitation; nothing is none.
fn token(typed: &str) -> Result<Option<InvitationToken>, Refusal> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    InvitationToken::parse_pasted(typed).map(Some).ok_or(Refusal::InvitationInvalid)
}

async fn invited(web: &Web, visitor: &Visitor, typed: &str) -> Result<Option<Guest>, Failure> {
    let Some(token) = token(typed)? else { return Ok(None) };
    let origin = visitor.origin();
    let domain = web.broker.look_at_invitation(&origin, &token).await?.domain;
    let offer = web.broker.offer(&origin, &domain, Some(&Presented::Token(token.clone()))).await?;
    let fields = offer.fields.iter().map(|field| (field.field, field.required)).collect();
    Ok(Some(Guest { token, domain, fields, username: offer.username.map(|name| name.to_string()) }))
}

fn page<'a>(web: &'a Web, visitor: &'a Visitor, typed: &Typed<'_>, guest: Option<&Guest>) -> FormPage<'a> {
    let here = guest.map_or_else(
        || "/register".to_owned(),
        |guest| format!("/register?invitation={}", guest.token.expose()),
    );
    let page = Page::new(web, visitor, "page-register", &here);
    let (policies, fields, hidden) = if let Some(guest) = guest {
        let hidden = vec![(INVITATION, guest.token.expose().to_owned()), (DOMAIN, guest.domain.to_string())];
        (web.broker.policy(&guest.domain).into_iter().collect(), guest.fields.clone(), hidden)
    } else {
        let open = open_domains(web);
        let fields = fields_of(&open);
        (open, fields, Vec::new())
    };
    let name = guest.and_then(|guest| guest.username.as_deref());
    let mut widgets: Vec<Widget> = fields
        .into_iter()
        .map(|(field, required)| widget(&page, field, required, &policies, typed, name))
        .collect();
    if guest.is_none() {
        widgets.extend(invitation_widget(&page, &policies, typed));
    }
    let lead = Some(page.words.get("page-register-lead"));
    let mut links = vec![(page.words.get("page-link-have-code"), "/verify")];
    if guest.is_none() && invite::by_letter(web, None).is_some() {
        links.push((page.words.get("page-link-invite-ask"), "/invite"));
    }
    FormPage { lead, hidden, widgets, links, ..FormPage::new(page, "/register", "page-register-submit") }
}

/// The fields that any of the domains asks for; required if all of them do. What the chosen domain wants is told by the one form.
fn fields_of(policies: &[&DomainPolicy]) -> Vec<(Field, bool)> {
    let asked = |field| -> Option<(Field, bool)> {
        let asked: Vec<Option<bool>> = policies
            .iter()
            .map(|policy| form::fields(policy).into_iter().find(|f| f.field == field).map(|f| f.required))
            .collect();
        let is_asked = asked.iter().any(Option::is_some);
        is_asked.then(|| (field, asked.iter().all(|required| *required == Some(true))))
    };
    Field::ALL.into_iter().filter_map(asked).collect()
}

fn widget(
    page: &Page<'_>,
    field: Field,
    required: bool,
    policies: &[&DomainPolicy],
    typed: &Typed<'_>,
    name: Option<&str>,
) -> Widget {
    let widget = Widget::of_field(page, field, required, policies);
    let value = typed.form.get(field).to_owned();
    match field {
        Field::Username => {
            let chosen = typed.domain.or(page.visitor.domain.as_ref().map(Domain::as_str));
            let widget = widget.with_domains(policies.iter().copied(), chosen);
            let value = name.filter(|_| value.is_empty()).map_or(value.clone(), str::to_owned);
            Widget { value, ..widget }
        }
        Field::Password => widget,
        Field::Email | Field::Phone => Widget { value, ..widget },
    }
}

/// The field for an invitation, where one is needed.
fn invitation_widget(page: &Page<'_>, policies: &[&DomainPolicy], typed: &Typed<'_>) -> Option<Widget> {
    let needed = |policy: &&DomainPolicy| policy.invitations.mode == InvitationMode::Required;
    policies.iter().any(needed).then(|| Widget {
        name: INVITATION,
        label: page.words.get("page-label-invitation"),
        hint: Some(page.words.get("page-hint-invitation")),
        value: typed.invitation.to_owned(),
        kind: "text",
        autocomplete: "off",
        required: policies.iter().all(needed),
        ..Widget::default()
    })
}
