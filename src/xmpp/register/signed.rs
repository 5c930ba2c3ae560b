//! XEP-0348: the hidden fields of a form that can be signed, and a form that came back signed.
//!
//! The fields are in the form that everybody gets, with the `FORM_TYPE` that everybody looks for: the clients that sign do not look at it,
//! and all others send hidden fields back as they are, or leave them out. No field of such a form is `fixed` or has media: the clients that sign
//! put those into the signature in ways that nobody else can follow.

use minidom::Element;

use super::super::data_form::{FormField, NS as NS_FORM, SentForm};
use crate::accounts::{FormToken, OauthField, SignedForm, Username};

/// What the one family of clients that signs understands beside a conflict.
const NS_ALTERNATIVES: &str = "http://waher.se/Schema/Alternatives.xsd";

/// The fields that make a form one that can be signed.
pub fn fields(token: &FormToken) -> impl Iterator<Item = FormField> {
    OauthField::ALL.into_iter().map(|field| {
        let value = match field {
            OauthField::Token => token.as_str(),
            OauthField::TokenSecret => token.secret(),
            _ => field.preset().unwrap_or_default(),
        };
        FormField::hidden(field.name(), value)
    })
}

/// Whether an answer has a form that can be signed.
pub fn can_be_signed(query: &Element) -> bool {
    let fields = query.get_child("x", NS_FORM).into_iter().flat_map(Element::children);
    fields.filter(|field| field.attr("var") == Some(OauthField::Token.name())).count() == 1
}

/// What was signed, if somebody signed it. Several values of a field are signed with line breaks between them.
pub fn read(form: &SentForm<'_>, address: &str) -> Option<SignedForm> {
    let fields = form.fields().map(|(name, values)| (name.to_owned(), values.collect::<Vec<_>>().join("\n")));
    SignedForm::of_fields(fields, address)
}

/// Names to take instead of one that is taken.
pub fn alternatives(names: &[Username]) -> Element {
    let name =
        |name: &Username| Element::builder("alternative", NS_ALTERNATIVES).append(name.as_str()).build();
    Element::builder("alternatives", NS_ALTERNATIVES).append_all(names.iter().map(name)).build()
}
