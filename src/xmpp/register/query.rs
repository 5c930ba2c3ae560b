//! The `<query xmlns='jabber:iq:register'/>`: read tolerantly, written in the shape that most clients understand (legacy fields
//! and an equivalent data form).

use minidom::Element;
use secrecy::SecretString;

use super::super::{
    asker::Asker,
    context::Context,
    data_form::{self, DataForm, FieldType, FormKind, SentForm, TooLarge},
};
use super::{
    proof::{NS_CANCEL, NS_CHANGE, OLD_PASSWORD},
    signed,
};
use crate::accounts::{
    Account, FormToken, SignedForm,
    form::{Field, FormField, RawForm},
};

/// XEP-0077.
pub const NS: &str = "jabber:iq:register";

/// Bytes of a `<key/>`; they were hashes of 40.
const LONGEST_KEY: usize = 256;

/// What somebody sent.
#[derive(Debug)]
pub enum Submission {
    /// A data form of type `cancel`: the person gave up (XEP-0004 §3.1).
    Cancelled,
    /// `<remove/>`; `alone` as XEP-0077 §3.2 demands it.
    Remove {
        /// Nothing stands beside it.
        alone: bool,
    },
    /// The form that deletes an account with a proof (XEP-0077 §3.2).
    ProvenRemoval(RawForm),
    /// The form that sets a new password with a proof (XEP-0077 §3.3).
    PasswordChange(RawForm, Option<SecretString>),
    /// Values of the registration form, and the form that they were signed in, where they were.
    Fields(RawForm, Option<SignedForm>),
}

impl Submission {
    /// Reads a query. A data form wins over legacy fields (XEP-0077 §4); unknown elements and fields are ignored (§6).
    /// `address` is what it was sent to.
    pub fn read(query: &Element, address: &str) -> Result<Self, TooLarge> {
        if query.has_child("remove", NS) {
            // Clients from long ago send the key back with it (XEP-0077 §7).
            return Ok(Self::Remove {
                alone: query.children().filter(|child| !child.is("key", NS)).count() == 1,
            });
        }
        let Some(form) = SentForm::find(query)? else {
            return Ok(Self::Fields(legacy_fields(query)?, None));
        };
        if form.is_cancelled() {
            return Ok(Self::Cancelled);
        }
        let mut fields = RawForm::default();
        for (var, values) in form.fields() {
            if let Some(field) = Field::of_name(var) {
                values.for_each(|value| fields.set(field, value));
            }
        }
        let old = form.value(OLD_PASSWORD).filter(|old| !old.is_empty()).map(SecretString::from);
        Ok(match form.form_type().as_deref() {
            Some(NS_CANCEL) => Self::ProvenRemoval(fields),
            Some(NS_CHANGE) => Self::PasswordChange(fields, old),
            _ => Self::Fields(fields, signed::read(&form, address)),
        })
    }
}

/// The elements of XEP-0077 §14.1 that we ask for; each may be as long as a field of a form.
fn legacy_fields(query: &Element) -> Result<RawForm, TooLarge> {
    let mut fields = RawForm::default();
    for child in query.children().filter(|child| child.has_ns(NS)) {
        if let Some(field) = Field::of_name(child.name()) {
            let value = child.text();
            if value.len() > data_form::MOST_BYTES {
                return Err(TooLarge);
            }
            fields.set(field, value);
        }
    }
    Ok(fields)
}

/// The key that a client from long ago wants to see again (XEP-0077 §7).
pub fn key(query: &Element) -> Option<Element> {
    let key = query.get_child("key", NS)?.text();
    (key.len() <= LONGEST_KEY).then(|| text_element("key", &key))
}

/// The blank form: instructions, legacy fields and the same as a data form, which can be signed where there is a token. Optional fields are in the form only, because clients
/// must fill in every legacy field that they are shown (XEP-0077 §3.1).
pub fn blank(context: &Context, asker: &Asker, fields: &[FormField], token: Option<&FormToken>) -> Element {
    let texts = &context.texts;
    let instructions =
        texts.format(asker.language, "xmpp-instructions", &[("domain", asker.domain.as_str())]);
    let mut query = Element::builder("query", NS).append(text_element("instructions", &instructions));
    for field in fields.iter().filter(|field| field.required) {
        query = query.append(Element::bare(field.field.name(), NS));
    }
    let title = texts.format(asker.language, "xmpp-form-title", &[("domain", asker.domain.as_str())]);
    let mut form = DataForm::new(FormKind::Form, NS).title(&title).instructions(&instructions);
    for field in fields {
        form = form.field(form_field(context, asker, *field));
    }
    form = token.into_iter().flat_map(signed::fields).fold(form, DataForm::field);
    query.append(Element::from(form)).build()
}

/// What is on file; never the password (XEP-0077 §3.1).
pub fn on_file(context: &Context, asker: &Asker, account: &Account) -> Element {
    let mut query = Element::builder("query", NS)
        .append(Element::bare("registered", NS))
        .append(text_element(
            "instructions",
            &context.texts.get(asker.language, "xmpp-registered-instructions"),
        ))
        .append(text_element(Field::Username.name(), account.username.as_str()))
        .append(Element::bare(Field::Password.name(), NS));
    if let Some(email) = &account.email {
        query = query.append(text_element(Field::Email.name(), email.as_str()));
    }
    query.build()
}

fn form_field(context: &Context, asker: &Asker, field: FormField) -> data_form::FormField {
    let kind = match field.field {
        Field::Password => FieldType::TextPrivate,
        Field::Username | Field::Email => FieldType::TextSingle,
    };
    data_form::FormField::new(field.field.name(), kind)
        .label(&context.texts.label(asker.language, field.field))
        .required(field.required)
}

fn text_element(element: &str, text: &str) -> Element {
    Element::builder(element, NS).append(text).build()
}
