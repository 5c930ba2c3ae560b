//! The registration form as a data form of its own, for fronts that have stages after it (XEP-0050, XEP-0389).

use minidom::Element;

use super::{
    asker::Asker,
    captcha,
    context::Context,
    data_form::{DataForm, FieldType, FormField, FormKind, SentForm},
};
use crate::{
    accounts::{
        DomainPolicy, InvitationToken, Refusal, Shape, Username,
        form::{self, Field, FormField as Asked, RawForm},
    },
    broker::{Failure, Presented, Submitted},
};

/// The field for an invitation, where one is needed.
const INVITATION: &str = "invitation";

/// The domains that people register on in-band.
pub fn open_domains(context: &Context) -> impl Iterator<Item = &DomainPolicy> {
    context.policies().filter(|policy| is_open(context, policy))
}

/// Whether people register on a domain in-band, and not on a web page or nowhere.
pub fn is_open(context: &Context, policy: &DomainPolicy) -> bool {
    let page = context.page(&policy.domain).is_some();
    matches!(Shape::of(policy, false, page), Shape::FieldsAndForm | Shape::Form)
}

/// A blank form.
#[derive(Debug)]
pub struct Blank {
    /// The form itself.
    pub form: DataForm,
    /// A picture that its CAPTCHA shows, to stand beside it (XEP-0231).
    pub data: Option<Element>,
}

/// The blank form of a domain, with a CAPTCHA where one is asked for; `problem` is what was wrong with the last one.
pub async fn blank(
    context: &Context,
    asker: &Asker,
    policy: &DomainPolicy,
    form_type: &str,
    problem: Option<&str>,
) -> Blank {
    let language = asker.language;
    let domain = [("domain", policy.domain.as_str())];
    let texts = &context.texts;
    let mut form =
        DataForm::new(FormKind::Form, form_type).title(&texts.format(language, "xmpp-form-title", &domain));
    if let Some(problem) = problem {
        form = form.instructions(problem);
    }
    form = form.instructions(&texts.format(language, "xmpp-instructions", &domain));
    let Demand { fields, username, invitation, tasks } = demand(context, asker, policy).await;
    for field in fields {
        let kind = match field.field {
            Field::Password => FieldType::TextPrivate,
            Field::Username | Field::Email | Field::Phone => FieldType::TextSingle,
        };
        let label = texts.label(language, field.field);
        let blank = FormField::new(field.field.name(), kind).label(&label).required(field.required);
        form = form.field(match &username {
            Some(name) if field.field == Field::Username => blank.value(name.as_str()),
            _ => blank,
        });
    }
    if invitation {
        let label = texts.get(language, "page-label-invitation");
        form = form.field(FormField::new(INVITATION, FieldType::TextSingle).label(&label).required(true));
    }
    if !tasks {
        return Blank { form, data: None };
    }
    // Where the challenge cannot be made, the registration is refused for want of it, and says so.
    let challenge = context.broker.challenge(&asker.origin, &policy.domain).await.ok().flatten();
    let Some(challenge) = challenge else { return Blank { form, data: None } };
    let fields = captcha::fields(&texts.words(language), &challenge, asker.request.as_deref());
    Blank { form: fields.into_iter().fold(form, DataForm::field), data: captcha::data(&challenge) }
}

/// What somebody is asked for.
struct Demand {
    fields: Vec<Asked>,
    /// The one name that their invitation is for.
    username: Option<Username>,
    /// Whether they have to bring an invitation yet.
    invitation: bool,
    /// Whether they may have to solve a CAPTCHA.
    tasks: bool,
}

async fn demand(context: &Context, asker: &Asker, policy: &DomainPolicy) -> Demand {
    let fields = form::fields(policy);
    match context.broker.offer(&asker.origin, &policy.domain, asker.invitation.as_ref()).await {
        Ok(offer) => Demand {
            fields: offer.fields,
            username: offer.username,
            invitation: false,
            tasks: !offer.is_trusted,
        },
        Err(Failure::Refused(Refusal::InvitationRequired)) => {
            // Whoever is invited need not give an address or a number.
            let free = |field: Asked| Asked {
                required: field.required && !matches!(field.field, Field::Email | Field::Phone),
                ..field
            };
            let fields = fields.into_iter().map(free).collect();
            Demand { fields, username: None, invitation: true, tasks: false }
        }
        // The registration is refused with the same words, which can be told then.
        Err(_) => Demand { fields, username: None, invitation: false, tasks: true },
    }
}

/// What was filled in and sent to `asker`'s side of us. An invitation that was typed counts before one that was shown.
pub fn filled(context: &Context, asker: &Asker, form: &SentForm<'_>) -> Result<Submitted, Refusal> {
    let mut raw = RawForm::default();
    for (var, values) in form.fields() {
        if let Some(field) = Field::of_name(var) {
            values.for_each(|value| raw.set(field, value));
        }
    }
    let address = if asker.at_component { context.component.as_str() } else { asker.domain.as_str() };
    let typed = form.value(INVITATION).filter(|typed| !typed.trim().is_empty());
    let invitation = match typed {
        Some(typed) => {
            let token = InvitationToken::parse_pasted(&typed).ok_or(Refusal::InvitationInvalid)?;
            Some(Presented::Token(token))
        }
        None => asker.invitation.clone(),
    };
    Ok(Submitted { form: raw, captcha: captcha::read(form, address), invitation, ..Submitted::default() })
}
