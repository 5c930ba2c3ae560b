//! In which shape registration is offered to XMPP clients. No shape suits all of them: `docs/xep-0077.md` says who gets along with
//! which.

use super::{DomainPolicy, RegistrationMode};

/// What an operator wants XMPP clients to be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InBand {
    /// The elements of XEP-0077 and the same as a data form: the most clients get along with it.
    #[default]
    FieldsAndForm,
    /// A data form only.
    Form,
    /// Nothing but the address of a web page, where everybody registers.
    Web,
}

/// What somebody is offered who asks how to register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The elements of XEP-0077 and an equivalent data form.
    FieldsAndForm,
    /// A data form, with instructions for clients that cannot show it.
    Form,
    /// Instructions and the address of a web page (XEP-0077 §5).
    Web,
    /// Nothing (XEP-0077 §3.1: `service-unavailable`).
    Nothing,
}

impl Shape {
    /// The shape for a domain. `more` is asked for than XEP-0077 has elements for, such as a CAPTCHA; `page` is a web page where
    /// people can register, or learn how to get an account.
    ///
    /// A page goes before an error also where nobody may register: Pidgin waits for ever after an error, and everybody else learns
    /// more from a page.
    pub const fn of(policy: &DomainPolicy, more: bool, page: bool) -> Self {
        match (policy.registration, policy.in_band) {
            (RegistrationMode::Closed, _) | (RegistrationMode::Open, InBand::Web) => {
                if page {
                    Self::Web
                } else {
                    Self::Nothing
                }
            }
            // XEP-0077 §6: elements that cannot be enough are not offered.
            (RegistrationMode::Open, InBand::FieldsAndForm) if more => Self::Form,
            (RegistrationMode::Open, InBand::FieldsAndForm) => Self::FieldsAndForm,
            (RegistrationMode::Open, InBand::Form) => Self::Form,
        }
    }
}

impl DomainPolicy {
    /// The web page for people who want an account; `own` is that of our web server, which registers nobody where registration
    /// is closed.
    pub fn page<'a>(&'a self, own: Option<&'a str>) -> Option<&'a str> {
        let own = own.filter(|_| self.registration == RegistrationMode::Open);
        self.registration_page.as_deref().or(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Domain;

    fn policy(registration: RegistrationMode, in_band: InBand) -> DomainPolicy {
        DomainPolicy { registration, in_band, ..DomainPolicy::new(Domain::parse("chat.example").unwrap()) }
    }

    #[test]
    fn the_shape_follows_from_the_policy_and_from_what_is_asked_for() {
        use InBand::{FieldsAndForm, Form, Web};
        use RegistrationMode::{Closed, Open};
        for (mode, in_band, more, page, shape) in [
            (Open, FieldsAndForm, false, true, Shape::FieldsAndForm),
            (Open, FieldsAndForm, false, false, Shape::FieldsAndForm),
            (Open, FieldsAndForm, true, true, Shape::Form),
            (Open, Form, false, true, Shape::Form),
            (Open, Form, true, false, Shape::Form),
            (Open, Web, false, true, Shape::Web),
            (Open, Web, true, true, Shape::Web),
            (Open, Web, false, false, Shape::Nothing),
            (Closed, FieldsAndForm, false, true, Shape::Web),
            (Closed, FieldsAndForm, true, false, Shape::Nothing),
            (Closed, Form, false, false, Shape::Nothing),
            (Closed, Web, false, false, Shape::Nothing),
        ] {
            let policy = policy(mode, in_band);
            assert_eq!(Shape::of(&policy, more, page), shape, "{mode:?} {in_band:?} {more} {page}");
        }
    }

    #[test]
    fn our_own_page_helps_only_while_registration_is_open() {
        let own = Some("https://accounts.example/register");
        let mut open = policy(RegistrationMode::Open, InBand::Web);
        let mut closed = policy(RegistrationMode::Closed, InBand::Web);
        assert_eq!((open.page(own), closed.page(own), open.page(None)), (own, None, None));
        for policy in [&mut open, &mut closed] {
            policy.registration_page = Some("https://chat.example/join".to_owned());
            assert_eq!(policy.page(own), Some("https://chat.example/join"));
        }
    }
}
