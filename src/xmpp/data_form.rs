//! XEP-0004 data forms. Written by hand, since typed parsers drop or refuse what real clients send: fields without `var`, forms
//! echoed with title, labels and media; and since a field's type must be written out (Dino shows no field without one).

use std::fmt;

use minidom::Element;

use super::attributes;

/// XEP-0004.
pub const NS: &str = "jabber:x:data";

/// The name of the hidden field that says what a form is about (XEP-0068).
pub const FORM_TYPE: &str = "FORM_TYPE";

/// Fields of a submitted form at most; our longest form has fewer than twenty.
const MOST_FIELDS: usize = 100;

/// Bytes of one field's values together at most.
pub const MOST_BYTES: usize = 16 * 1024;

/// What a form that we send is for (XEP-0004 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// To be filled in.
    Form,
    /// Data to look at.
    Result,
}

/// How a field is shown (XEP-0004 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Yes or no.
    Boolean,
    /// A text to read.
    Fixed,
    /// Not shown, and sent back as it is.
    Hidden,
    /// An XMPP address.
    JidSingle,
    /// One of the options.
    ListSingle,
    /// Some of the options.
    ListMulti,
    /// Lines of text.
    TextMulti,
    /// A text that is not shown while it is typed.
    TextPrivate,
    /// A line of text.
    TextSingle,
}

/// A form that we send.
#[derive(Debug)]
pub struct DataForm {
    kind: FormKind,
    /// Title and instructions, which come before the fields (XEP-0004 §3.2).
    head: Vec<Element>,
    fields: Vec<Element>,
}

/// A field of a form that we send.
#[derive(Debug)]
pub struct FormField(Element);

/// A form that somebody sent. `Debug` shows nothing of it: it may hold a password.
pub struct SentForm<'a>(&'a Element);

/// A form with more fields, or longer values, than any form of ours has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl DataForm {
    /// A form whose hidden field `FORM_TYPE` says `form_type`.
    pub fn new(kind: FormKind, form_type: &str) -> Self {
        Self { kind, head: Vec::new(), fields: Vec::new() }.field(FormField::hidden(FORM_TYPE, form_type))
    }

    /// Adds a title.
    #[must_use]
    pub fn title(mut self, text: &str) -> Self {
        self.head.push(text_element("title", text));
        self
    }

    /// Adds instructions.
    #[must_use]
    pub fn instructions(mut self, text: &str) -> Self {
        self.head.push(text_element("instructions", text));
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: FormField) -> Self {
        self.fields.push(field.0);
        self
    }
}

impl From<DataForm> for Element {
    fn from(form: DataForm) -> Self {
        let kind = match form.kind {
            FormKind::Form => "form",
            FormKind::Result => "result",
        };
        Element::builder("x", NS)
            .attr(attributes::TYPE.to_owned(), kind)
            .append_all(form.head)
            .append_all(form.fields)
            .build()
    }
}

impl FormField {
    /// A field without label and value.
    pub fn new(var: &str, kind: FieldType) -> Self {
        let element = Element::builder("field", NS)
            .attr(attributes::VAR.to_owned(), var)
            .attr(attributes::TYPE.to_owned(), kind.as_str());
        Self(element.build())
    }

    /// A hidden field.
    pub fn hidden(var: &str, value: &str) -> Self {
        Self::new(var, FieldType::Hidden).value(value)
    }

    /// What people see as its name.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.0.set_attr(rxml::Namespace::NONE, attributes::LABEL.to_owned(), label);
        self
    }

    /// Whether it must be filled in.
    #[must_use]
    pub fn required(self, required: bool) -> Self {
        if required { self.element(Element::bare("required", NS)) } else { self }
    }

    /// Adds a value.
    #[must_use]
    pub fn value(self, value: &str) -> Self {
        self.element(text_element("value", value))
    }

    /// Adds something to choose.
    #[must_use]
    pub fn option(self, label: &str, value: &str) -> Self {
        let option = Element::builder("option", NS)
            .attr(attributes::LABEL.to_owned(), label)
            .append(text_element("value", value));
        self.element(option.build())
    }

    /// Adds another child, such as `<media/>` (XEP-0221).
    #[must_use]
    pub fn element(mut self, element: Element) -> Self {
        self.0.append_child(element);
        self
    }
}

impl FieldType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Fixed => "fixed",
            Self::Hidden => "hidden",
            Self::JidSingle => "jid-single",
            Self::ListSingle => "list-single",
            Self::ListMulti => "list-multi",
            Self::TextMulti => "text-multi",
            Self::TextPrivate => "text-private",
            Self::TextSingle => "text-single",
        }
    }
}

impl<'a> SentForm<'a> {
    /// The first form in `parent`. What else is in it (labels, types, options, media) is not looked at.
    pub fn find(parent: &'a Element) -> Result<Option<Self>, TooLarge> {
        let Some(form) = parent.get_child("x", NS) else { return Ok(None) };
        let form = Self(form);
        let (mut number, mut fits) = (0, true);
        for (_, values) in form.all_fields() {
            number += 1;
            fits &= values.map(|value| value.len()).sum::<usize>() <= MOST_BYTES;
        }
        if fits && number <= MOST_FIELDS { Ok(Some(form)) } else { Err(TooLarge) }
    }

    /// Whether the person gave up (XEP-0004 §3.1). Any other type, and none, is a submission.
    pub fn is_cancelled(&self) -> bool {
        self.0.attr("type") == Some("cancel")
    }

    /// What the form says that it is about.
    pub fn form_type(&self) -> Option<String> {
        self.value(FORM_TYPE)
    }

    /// The first value of the first field of that name.
    pub fn value(&self, var: &str) -> Option<String> {
        let (_, mut values) = self.fields().find(|(name, _)| *name == var)?;
        values.next()
    }

    /// Every field that has a name, with its values, in the order sent; a name may come twice.
    pub fn fields(
        &self,
    ) -> impl Iterator<Item = (&'a str, impl Iterator<Item = String> + use<'a>)> + use<'a> {
        self.all_fields().filter_map(|(var, values)| Some((var?, values)))
    }

    fn all_fields(
        &self,
    ) -> impl Iterator<Item = (Option<&'a str>, impl Iterator<Item = String> + use<'a>)> + use<'a> {
        let fields = self.0.children().filter(|child| child.is("field", NS));
        fields.map(|field| {
            let values = field.children().filter(|child| child.is("value", NS));
            (field.attr("var"), values.map(Element::text))
        })
    }
}

impl fmt::Debug for SentForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentForm(..)")
    }
}

fn text_element(name: &str, text: &str) -> Element {
    Element::builder(name, NS).append(text).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(content: &str) -> Element {
        format!("<query xmlns='urn:q'>{content}</query>").parse().unwrap()
    }

    fn form(fields: &str) -> Element {
        query(&format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>"))
    }

    #[test]
    fn a_form_has_title_and_instructions_first_and_every_type_written_out() {
        let form = DataForm::new(FormKind::Form, "urn:test")
            .field(FormField::new("name", FieldType::TextSingle).label("Name").required(true).value("v"))
            .field(FormField::new("kind", FieldType::ListSingle).option("One", "1").required(false))
            .title("Title")
            .instructions("Do it");
        let xml = String::from(&Element::from(form)).replace('"', "'");
        assert_eq!(
            xml,
            "<x xmlns='jabber:x:data' type='form'><title>Title</title><instructions>Do it</instructions>\
             <field type='hidden' var='FORM_TYPE'><value>urn:test</value></field>\
             <field label='Name' type='text-single' var='name'><required/><value>v</value></field>\
             <field type='list-single' var='kind'><option label='One'><value>1</value></option></field></x>"
        );
    }

    #[test]
    fn a_form_is_read_whatever_else_comes_with_it() {
        let query = query(
            "<other/><x xmlns='jabber:x:data'><title>T</title><field><value>nameless</value></field>\
             <field var='FORM_TYPE' type='hidden' label='L'><required/><value>urn:test</value></field>\
             <field var='a'><media xmlns='urn:xmpp:media-element'/><value/><value>2</value></field>\
             <field var='a'><value>3</value></field><field var='b'/><field xmlns='urn:x' var='c'><value>4</value></field></x>\
             <x xmlns='jabber:x:data'><field var='d'><value>5</value></field></x>",
        );
        let form = SentForm::find(&query).unwrap().unwrap();
        assert_eq!(form.form_type().as_deref(), Some("urn:test"));
        assert_eq!(form.value("a").as_deref(), Some(""), "the first value of the first field");
        let fields: Vec<_> = form.fields().map(|(var, values)| (var, values.collect::<Vec<_>>())).collect();
        assert_eq!(
            fields,
            [("FORM_TYPE", vec!["urn:test"]), ("a", vec!["", "2"]), ("a", vec!["3"]), ("b", vec![])]
                .map(|(var, values)| (var, values.into_iter().map(str::to_owned).collect()))
        );
        assert!(!form.is_cancelled());
        assert_eq!(format!("{form:?}"), "SentForm(..)");
    }

    #[test]
    fn a_form_is_cancelled_by_its_type_alone() {
        let query = query("<x xmlns='jabber:x:data' type='cancel'/>");
        assert!(SentForm::find(&query).unwrap().unwrap().is_cancelled());
        assert!(SentForm::find(&form("<cancel/>")).unwrap().is_some_and(|form| !form.is_cancelled()));
    }

    #[test]
    fn more_than_any_form_of_ours_has_is_too_large() {
        let fields = |number| form(&"<field/>".repeat(number));
        assert!(SentForm::find(&fields(MOST_FIELDS)).is_ok());
        assert_eq!(SentForm::find(&fields(MOST_FIELDS + 1)).unwrap_err(), TooLarge);
        let values = |bytes| form(&format!("<field var='a'>{}</field>", "<value>x</value>".repeat(bytes)));
        assert!(SentForm::find(&values(MOST_BYTES)).is_ok());
        assert_eq!(SentForm::find(&values(MOST_BYTES + 1)).unwrap_err(), TooLarge);
        assert!(SentForm::find(&query("<x xmlns='urn:x'/>")).unwrap().is_none());
    }
}
