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
        DomainPolicy, Shape,
        form::{self, Field, RawForm},
    },
    broker::Submitted,
};

/// The domains that people register on in-band.
pub fn open_domains(context: &Context) -> impl Iterator<Item = &DomainPolicy> {
    context.broker.domains().filter(|policy| is_open(context, policy))
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
    for field in form::fields(policy) {
        let kind = match field.field {
            Field::Password => FieldType::TextPrivate,
            Field::Username | Field::Email => FieldType::TextSingle,
        };
        let label = texts.label(language, field.field);
        form = form.field(FormField::new(field.field.name(), kind).label(&label).required(field.required));
    }
    // Where the challenge cannot be made, the registration is refused for want of it, and says so.
    let challenge = context.broker.challenge(&asker.origin, &policy.domain).await.ok().flatten();
    let Some(challenge) = challenge else { return Blank { form, data: None } };
    let fields = captcha::fields(&texts.words(language), &challenge, asker.request.as_deref());
    Blank { form: fields.into_iter().fold(form, DataForm::field), data: captcha::data(&challenge) }
}

/// What was filled in and sent to `asker`'s side of us.
pub fn filled(context: &Context, asker: &Asker, form: &SentForm<'_>) -> Submitted {
    let mut raw = RawForm::default();
    for (var, values) in form.fields() {
        if let Some(field) = Field::of_name(var) {
            values.for_each(|value| raw.set(field, value));
        }
    }
    let address = if asker.at_component { context.component.as_str() } else { asker.domain.as_str() };
    Submitted {
        form: raw,
        captcha: captcha::read(form, address),
        invitation: asker.invitation.clone(),
        ..Submitted::default()
    }
}
