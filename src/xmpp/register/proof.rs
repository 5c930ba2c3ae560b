//! What an operator may want once more before an account is deleted or gets another password: the forms of XEP-0077 §3.2 and
//! §3.3, which travel in the error.

use minidom::Element;

use super::{
    super::{
        asker::Asker,
        context::Context,
        data_form::{DataForm, FieldType, FormField, FormKind},
    },
    query::NS,
};
use crate::accounts::form::Field;

/// `FORM_TYPE` of the form that deletes an account (XEP-0077 §13.4).
pub const NS_CANCEL: &str = "jabber:iq:register:cancel";
/// `FORM_TYPE` of the form that sets a new password.
pub const NS_CHANGE: &str = "jabber:iq:register:changepassword";
/// The field for the password that counts until then.
pub const OLD_PASSWORD: &str = "old_password";

/// The form that deletes an account.
pub fn removal_form(context: &Context, asker: &Asker) -> Element {
    let form = form(context, asker, NS_CANCEL, "xmpp-removal-title", "xmpp-removal-instructions");
    query(form.field(secret(context, asker, Field::Password.name(), "label-password")))
}

/// The form that sets a new password.
pub fn password_form(context: &Context, asker: &Asker) -> Element {
    let form =
        form(context, asker, NS_CHANGE, "xmpp-password-change-title", "xmpp-password-change-instructions");
    query(form.field(secret(context, asker, OLD_PASSWORD, "label-old-password")).field(secret(
        context,
        asker,
        Field::Password.name(),
        "label-new-password",
    )))
}

/// A form with the name of who asks, so that nobody has to type it.
fn form(context: &Context, asker: &Asker, form_type: &str, title: &str, instructions: &str) -> DataForm {
    let name = FormField::new(Field::Username.name(), FieldType::TextSingle)
        .label(&context.texts.label(asker.language, Field::Username))
        .required(true)
        .value(asker.username.as_deref().unwrap_or_default());
    DataForm::new(FormKind::Form, form_type)
        .title(&context.texts.get(asker.language, title))
        .instructions(&context.texts.get(asker.language, instructions))
        .field(name)
}

fn secret(context: &Context, asker: &Asker, var: &str, label: &str) -> FormField {
    let label = context.texts.get(asker.language, label);
    FormField::new(var, FieldType::TextPrivate).label(&label).required(true)
}

fn query(form: DataForm) -> Element {
    Element::builder("query", NS).append(Element::from(form)).build()
}
