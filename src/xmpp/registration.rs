//! The registration form as a data form of its own, for fronts that have stages after it (XEP-0050, XEP-0389).

use super::{
    context::Context,
    data_form::{DataForm, FieldType, FormField, FormKind, SentForm},
};
use crate::{
    accounts::{
        DomainPolicy, Shape,
        form::{self, Field, RawForm},
    },
    text::Language,
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

/// The blank form of a domain; `problem` is what was wrong with the last one.
pub fn blank(
    context: &Context,
    language: Language,
    policy: &DomainPolicy,
    form_type: &str,
    problem: Option<&str>,
) -> DataForm {
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
    form
}

/// What was filled in.
pub fn filled(form: &SentForm<'_>) -> RawForm {
    let mut raw = RawForm::default();
    for (var, values) in form.fields() {
        if let Some(field) = Field::of_name(var) {
            values.for_each(|value| raw.set(field, value));
        }
    }
    raw
}
