//! The `<query xmlns='jabber:iq:register'/>`: read tolerantly, written in the shape that most clients understand (legacy fields
//! and an equivalent data form).

use minidom::Element;
use secrecy::SecretString;

use super::super::{
    asker::Asker,
    captcha,
    context::Context,
    data_form::{self, DataForm, FieldType, FormKind, SentForm, TooLarge},
};
use super::{
    proof::{NS_CANCEL, NS_CHANGE, OLD_PASSWORD},
    signed,
};
use crate::{
    accounts::{
        Account, DomainPolicy, FormToken, NS_SIGNATURE, Refusal, Username,
        form::{self, Field, FormField, RawForm},
    },
    broker::Submitted,
};

/// XEP-0077.
pub const NS: &str = "jabber:iq:register";

/// XEP-0066.
const NS_OOB: &str = "jabber:x:oob";

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
    /// A filled-in registration form.
    Fields(Submitted),
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
            return Ok(Self::Fields(legacy_fields(query)?.into()));
        };
        if form.is_cancelled() {
            return Ok(Self::Cancelled);
        }
        let mut fields = RawForm::default();
        for (var, values) in form.fields() {
            if let Some(field) = Field::of_name(var) {
                // One without a value is the first all the same (`docs/link.md` §2).
                let mut values = values.peekable();
                if values.peek().is_none() {
                    fields.set(field, String::new());
                }
                values.for_each(|value| fields.set(field, value));
            }
        }
        let old = form.value(OLD_PASSWORD).filter(|old| !old.is_empty()).map(SecretString::from);
        Ok(match form.form_type().as_deref() {
            Some(NS_CANCEL) => Self::ProvenRemoval(fields),
            Some(NS_CHANGE) => Self::PasswordChange(fields, old),
            _ => Self::Fields(Submitted {
                form: fields,
                signature: signed::read(&form, address),
                captcha: captcha::read(&form, address),
                ..Submitted::default()
            }),
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

/// What a form has.
#[derive(Debug)]
pub struct Blank<'a> {
    /// Where people can register on the web.
    pub page: Option<&'a str>,
    /// The fields of the registration form.
    pub fields: Vec<FormField>,
    /// The one name that can be registered.
    pub username: Option<Username>,
    /// Whether there are tasks among the rest, of which one must be done.
    pub tasks: bool,
    /// What stands in the data form only, after the fields.
    pub more: Vec<data_form::FormField>,
}

/// The elements of XEP-0077 and the same as a data form. Optional fields are in the form only, because clients must fill in every
/// element that they are shown (XEP-0077 §3.1).
pub fn fields_and_form(context: &Context, asker: &Asker, blank: Blank<'_>) -> Element {
    let instructions =
        instructions(context, asker, "xmpp-instructions", blank.page.map(|url| ("xmpp-or-page", url)));
    let required = blank.fields.iter().filter(|field| field.required);
    Element::builder("query", NS)
        .append(text_element("instructions", &instructions))
        .append_all(required.map(|field| Element::bare(field.field.name(), NS)))
        .append(form(context, asker, &instructions, blank))
        .build()
}

/// A data form, with instructions for people whose client does not show it. Without the address as an own element (XEP-0066):
/// Dino would show the page and not the form.
pub fn form_only(context: &Context, asker: &Asker, blank: Blank<'_>) -> Element {
    let said = |text, sentence| instructions(context, asker, text, blank.page.map(|url| (sentence, url)));
    let plain = said("xmpp-instructions-form", "xmpp-else-page");
    let text = if blank.tasks { "xmpp-instructions-tasks" } else { "xmpp-instructions" };
    let within = said(text, "xmpp-or-page");
    Element::builder("query", NS)
        .append(text_element("instructions", &plain))
        .append(form(context, asker, &within, blank))
        .build()
}

/// A form for programs that sign; it says so as XEP-0348 §2 wants it.
pub fn to_sign(context: &Context, asker: &Asker, policy: &DomainPolicy, token: &FormToken) -> Element {
    let instructions = instructions(context, asker, "xmpp-instructions", None);
    let title = context.texts.format(asker.language, "xmpp-form-title", &[("domain", asker.domain.as_str())]);
    let form = DataForm::new(FormKind::Form, NS_SIGNATURE).title(&title).instructions(&instructions);
    let fields = form::fields(policy).into_iter().map(|field| form_field(context, asker, field));
    let form = fields.chain(signed::fields(token)).fold(form, DataForm::field);
    Element::builder("query", NS)
        .append(text_element("instructions", &instructions))
        .append(Element::from(form))
        .build()
}

/// The way to a web page, in words and as an address (XEP-0077 §5).
pub fn web(context: &Context, asker: &Asker, page: &str) -> Element {
    let args = [("domain", asker.domain.as_str()), ("url", page)];
    let instructions = context.texts.format(asker.language, "xmpp-instructions-web", &args);
    Element::builder("query", NS)
        .append(text_element("instructions", &instructions))
        .append(
            Element::builder("x", NS_OOB)
                .append(Element::builder("url", NS_OOB).append(page).build())
                .build(),
        )
        .build()
}

/// Says that an invitation is needed, and where one can be entered (XEP-0077 §5).
pub fn invited_only(context: &Context, asker: &Asker, page: Option<&str>) -> Element {
    let help = context.help_of(&asker.domain);
    let said = context.texts.refusal(asker.language, &Refusal::InvitationRequired, &help);
    let oob = |url: &str| {
        Element::builder("x", NS_OOB).append(Element::builder("url", NS_OOB).append(url).build()).build()
    };
    Element::builder("query", NS)
        .append(text_element("instructions", &said))
        .append_all(page.map(oob))
        .build()
}

/// A text about the domain, and a sentence that ends in an address: clients look for it as a word of its own.
fn instructions(context: &Context, asker: &Asker, text: &str, page: Option<(&str, &str)>) -> String {
    let mut said = context.texts.format(asker.language, text, &[("domain", asker.domain.as_str())]);
    if let Some((sentence, url)) = page {
        said.push(' ');
        said.push_str(&context.texts.format(asker.language, sentence, &[("url", url)]));
    }
    said
}

fn form(context: &Context, asker: &Asker, instructions: &str, blank: Blank<'_>) -> Element {
    let title = context.texts.format(asker.language, "xmpp-form-title", &[("domain", asker.domain.as_str())]);
    let form = DataForm::new(FormKind::Form, NS).title(&title).instructions(instructions);
    let username = blank.username;
    let fields = blank.fields.into_iter().map(|field| match (&username, field.field) {
        (Some(name), Field::Username) => form_field(context, asker, field).value(name.as_str()),
        _ => form_field(context, asker, field),
    });
    fields.chain(blank.more).fold(form, DataForm::field).into()
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
    if let Some(phone) = &account.phone {
        query = query.append(text_element(Field::Phone.name(), phone.as_str()));
    }
    query.build()
}

fn form_field(context: &Context, asker: &Asker, field: FormField) -> data_form::FormField {
    let kind = match field.field {
        Field::Password => FieldType::TextPrivate,
        Field::Username | Field::Email | Field::Phone => FieldType::TextSingle,
    };
    data_form::FormField::new(field.field.name(), kind)
        .label(&context.texts.label(asker.language, field.field))
        .required(field.required)
}

fn text_element(element: &str, text: &str) -> Element {
    Element::builder(element, NS).append(text).build()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::accounts::{Domain, DomainPolicy, FieldProblem, form};

    const FORM: &str = "jabber:x:data";

    fn text() -> impl Strategy<Value = &'static str> + Clone {
        select(vec!["", " ", "alice", "bob", "correct horse", "a@mail.example", "\u{202e}x", NS, NS_CANCEL])
    }

    fn name() -> impl Strategy<Value = &'static str> + Clone {
        select(vec!["username", "password", "email", "old_password", "FORM_TYPE", "nick", "remove", "x"])
    }

    /// Elements nested in each other, with names and namespaces that mean something here.
    fn element() -> impl Strategy<Value = Element> {
        let names = select(vec!["query", "x", "field", "value", "username", "remove", "key"]);
        let namespaces = select(vec![NS, FORM, "jabber:x:oob", "urn:other"]);
        let attributes = (name(), select(vec!["submit", "cancel", "hidden", "form"]));
        let leaf = (names.clone(), namespaces.clone(), text(), attributes.clone());
        let leaf =
            leaf.prop_map(|(name, ns, text, (var, kind))| built(name, ns, var, kind, Vec::new(), text));
        leaf.prop_recursive(4, 40, 6, move |inner| {
            (names.clone(), namespaces.clone(), attributes.clone(), vec(inner, 0..6))
                .prop_map(|(name, ns, (var, kind), children)| built(name, ns, var, kind, children, ""))
        })
    }

    fn built(name: &str, ns: &str, var: &str, kind: &str, children: Vec<Element>, text: &str) -> Element {
        use super::super::super::attributes;
        Element::builder(name, ns)
            .attr(attributes::VAR.to_owned(), var)
            .attr(attributes::TYPE.to_owned(), kind)
            .append_all(children)
            .append(text)
            .build()
    }

    fn read(fields: &[(&str, Vec<&str>)]) -> RawForm {
        let fields = fields.iter().map(|(var, values)| {
            values.iter().fold(data_form::FormField::new(var, FieldType::TextSingle), |field, value| {
                field.value(value)
            })
        });
        let form = fields.fold(DataForm::new(FormKind::Form, NS), DataForm::field);
        let query = Element::builder("query", NS).append(Element::from(form)).build();
        match Submission::read(&query, "chat.example") {
            Ok(Submission::Fields(submitted)) => submitted.form,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_query_it_is_read(children in vec(element(), 0..6)) {
            let query = Element::builder("query", NS).append_all(children).build();
            let removes = query.has_child("remove", NS);
            let read = Submission::read(&query, "chat.example").unwrap();
            prop_assert_eq!(matches!(read, Submission::Remove { .. }), removes);
            let shown = format!("{read:?}");
            prop_assert!(!shown.contains("correct horse"));
        }

        #[test]
        fn of_several_names_the_one_that_the_server_has_looked_at_counts(
            sent in vec((select(vec!["username", "email", "nick"]), vec(text(), 0..3)), 0..6)
        ) {
            // The first value of the first field of that name (`docs/link.md` §2).
            let seen = sent.iter().find(|(var, _)| *var == "username").and_then(|(_, values)| values.first().copied());
            let fields = read(&sent);
            prop_assert_eq!(fields.get(Field::Username), seen.unwrap_or_default());
            let others = sent.iter().filter(|(var, _)| *var == "username").flat_map(|(_, values)| values);
            let differ = others.into_iter().any(|value| !value.is_empty() && Some(*value) != seen);
            let policy = DomainPolicy::new(Domain::parse("chat.example").unwrap());
            let errors = form::parse(&fields, &policy).unwrap_err();
            let told = errors.iter().any(|e| e.field == Field::Username && e.problem == FieldProblem::Repeated);
            prop_assert_eq!(told, differ);
        }
    }
}
