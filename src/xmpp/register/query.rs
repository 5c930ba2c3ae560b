//! The `<query xmlns='jabber:iq:register'/>`: read tolerantly, written in the shape that most clients understand (legacy fields
//! and an equivalent data form, `field.md` 3.4). Written by hand, since typed parsers drop or refuse what real clients send:
//! fields without `var`, forms echoed with media, a text field's explicit type that Dino needs.

use minidom::Element;

use super::super::{asker::Asker, attributes, context::Context};
use crate::accounts::{
    Account,
    form::{Field, FormField, RawForm},
};

/// XEP-0077.
pub const NS: &str = "jabber:iq:register";
/// XEP-0004.
const NS_DATA: &str = "jabber:x:data";

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
    /// Values.
    Fields(RawForm),
}

impl Submission {
    /// Reads a query. A data form wins over legacy fields (XEP-0077 §4); unknown elements and fields are ignored (§6).
    pub fn read(query: &Element) -> Self {
        if query.has_child("remove", NS) {
            return Self::Remove { alone: query.children().count() == 1 };
        }
        let mut fields = RawForm::default();
        if let Some(form) = query.get_child("x", NS_DATA) {
            if form.attr("type") == Some("cancel") {
                return Self::Cancelled;
            }
            for element in form.children().filter(|child| child.is("field", NS_DATA)) {
                if let Some(field) = element.attr("var").and_then(Field::of_name) {
                    for value in element.children().filter(|child| child.is("value", NS_DATA)) {
                        fields.set(field, value.text());
                    }
                }
            }
        } else {
            for child in query.children().filter(|child| child.has_ns(NS)) {
                if let Some(field) = Field::of_name(child.name()) {
                    fields.set(field, child.text());
                }
            }
        }
        Self::Fields(fields)
    }
}

/// The blank form: instructions, legacy fields and the same as a data form. Optional fields are in the form only, because clients
/// must fill in every legacy field that they are shown (XEP-0077 §3.1).
pub fn blank(context: &Context, asker: &Asker, fields: &[FormField]) -> Element {
    let texts = &context.texts;
    let instructions =
        texts.format(asker.language, "xmpp-instructions", &[("domain", asker.domain.as_str())]);
    let mut query = Element::builder("query", NS).append(text_element("instructions", NS, &instructions));
    for field in fields.iter().filter(|field| field.required) {
        query = query.append(Element::bare(field.field.name(), NS));
    }
    let title = texts.format(asker.language, "xmpp-form-title", &[("domain", asker.domain.as_str())]);
    let mut form = Element::builder("x", NS_DATA)
        .attr(attributes::TYPE.to_owned(), "form")
        .append(text_element("title", NS_DATA, &title))
        .append(text_element("instructions", NS_DATA, &instructions))
        .append(form_type());
    for field in fields {
        form = form.append(form_field(context, asker, *field));
    }
    query.append(form.build()).build()
}

/// What is on file; never the password (XEP-0077 §3.1).
pub fn on_file(context: &Context, asker: &Asker, account: &Account) -> Element {
    let mut query = Element::builder("query", NS)
        .append(Element::bare("registered", NS))
        .append(text_element(
            "instructions",
            NS,
            &context.texts.get(asker.language, "xmpp-registered-instructions"),
        ))
        .append(text_element(Field::Username.name(), NS, account.username.as_str()))
        .append(Element::bare(Field::Password.name(), NS));
    if let Some(email) = &account.email {
        query = query.append(text_element(Field::Email.name(), NS, email.as_str()));
    }
    query.build()
}

fn form_field(context: &Context, asker: &Asker, field: FormField) -> Element {
    let kind = match field.field {
        Field::Password => "text-private",
        // Dino shows no field without an explicit type.
        Field::Username | Field::Email => "text-single",
    };
    let label = context.texts.label(asker.language, field.field);
    let mut element = Element::builder("field", NS_DATA)
        .attr(attributes::VAR.to_owned(), field.field.name())
        .attr(attributes::TYPE.to_owned(), kind)
        .attr(attributes::LABEL.to_owned(), label);
    if field.required {
        element = element.append(Element::bare("required", NS_DATA));
    }
    element.build()
}

fn form_type() -> Element {
    Element::builder("field", NS_DATA)
        .attr(attributes::VAR.to_owned(), "FORM_TYPE")
        .attr(attributes::TYPE.to_owned(), "hidden")
        .append(text_element("value", NS_DATA, NS))
        .build()
}

fn text_element(element: &str, ns: &str, text: &str) -> Element {
    Element::builder(element, ns).append(text).build()
}
