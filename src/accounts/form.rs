//! The one registration form. Every rendering of it (legacy XEP-0077 fields, data form, HTML, the APIs) is made from
//! [`fields`], and every submission is read by [`parse`], so that all fronts ask for and refuse the same.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};

use super::{
    ContactPolicy, DomainPolicy, Email, EmailProblem, FieldError, FieldProblem, Password, Phone,
    PhoneProblem, Username,
};

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The account's name.
    Username,
    /// Its password.
    Password,
    /// The person's e-mail address.
    Email,
    /// The person's phone number.
    Phone,
}

/// A field as one domain asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormField {
    /// Which field.
    pub field: Field,
    /// Whether it must be given.
    pub required: bool,
}

/// What somebody submitted, before anything was checked. Every value counts as secret until it has been parsed.
#[derive(Debug, Clone, Default)]
pub struct RawForm {
    values: HashMap<Field, SecretString>,
    repeated: Vec<Field>,
}

/// A submission in which every field is right.
#[derive(Debug, Clone)]
pub struct Application {
    /// The name asked for.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The address, if one is asked for and was given.
    pub email: Option<Email>,
    /// The phone number, if one is asked for and was given.
    pub phone: Option<Phone>,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Username, Self::Password, Self::Email, Self::Phone];

    /// The name in XEP-0077, in data forms and in HTML (XEP-0077 §13.4).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Password => "password",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The field of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

impl RawForm {
    /// Keeps the first value that was submitted for a field, since the server's module has looked at that one (`docs/link.md`
    /// §2). A second, different one is told as an error by [`parse`]. An empty value counts as not given, and is no second one:
    /// some clients send back every field they were shown (Smack).
    pub fn set(&mut self, field: Field, value: String) {
        let value = SecretString::from(value);
        match self.values.get(&field) {
            None => {
                self.values.insert(field, value);
            }
            Some(known) => {
                let given = value.expose_secret();
                let repeated = !given.is_empty() && given != known.expose_secret();
                if repeated && !self.repeated.contains(&field) {
                    self.repeated.push(field);
                }
            }
        }
    }

    /// The submitted value, or the empty text.
    pub fn get(&self, field: Field) -> &str {
        self.values.get(&field).map_or("", |value| value.expose_secret())
    }
}

/// The fields that a domain asks for, in the order of the form.
pub fn fields(policy: &DomainPolicy) -> Vec<FormField> {
    let mut fields = vec![
        FormField { field: Field::Username, required: true },
        FormField { field: Field::Password, required: true },
    ];
    for (field, policy) in [(Field::Email, policy.email), (Field::Phone, policy.phone)] {
        match policy {
            ContactPolicy::Required => fields.push(FormField { field, required: true }),
            ContactPolicy::Optional => fields.push(FormField { field, required: false }),
            ContactPolicy::Off => {}
        }
    }
    fields
}

/// Reads a submission: an application, or every field that is wrong.
pub fn parse(raw: &RawForm, policy: &DomainPolicy) -> Result<Application, Vec<FieldError>> {
    let mut errors: Vec<FieldError> =
        raw.repeated.iter().map(|&field| FieldError { field, problem: FieldProblem::Repeated }).collect();
    let mut note = |field, problem| errors.push(FieldError { field, problem });

    let username = Username::choose(raw.get(Field::Username), &policy.username)
        .map_err(|problem| note(Field::Username, FieldProblem::of_username(problem, &policy.username)))
        .ok();
    let password = Password::choose(raw.get(Field::Password), raw.get(Field::Username), &policy.password)
        .map_err(|problem| note(Field::Password, FieldProblem::of_password(problem, &policy.password)))
        .ok();
    let email = match (policy.email, Email::parse(raw.get(Field::Email))) {
        (ContactPolicy::Off, _) | (ContactPolicy::Optional, Err(EmailProblem::Missing)) => None,
        (_, Ok(email)) => Some(email),
        (_, Err(problem)) => {
            note(Field::Email, FieldProblem::of_email(problem));
            None
        }
    };

    let phone = match (policy.phone, Phone::parse(raw.get(Field::Phone))) {
        (ContactPolicy::Off, _) | (ContactPolicy::Optional, Err(PhoneProblem::Missing)) => None,
        (_, Ok(phone)) => Some(phone),
        (_, Err(problem)) => {
            note(Field::Phone, FieldProblem::of_phone(problem));
            None
        }
    };

    match (username, password) {
        (Some(username), Some(password)) if errors.is_empty() => {
            Ok(Application { username, password, email, phone })
        }
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Domain;

    fn policy(email: ContactPolicy) -> DomainPolicy {
        DomainPolicy { email, ..DomainPolicy::new(Domain::parse("chat.example").unwrap()) }
    }

    fn raw(values: &[(Field, &str)]) -> RawForm {
        let mut raw = RawForm::default();
        for (field, value) in values {
            raw.set(*field, (*value).to_owned());
        }
        raw
    }

    const GOOD: [(Field, &str); 3] =
        [(Field::Username, "Alice"), (Field::Password, "correct horse"), (Field::Email, "alice@example.org")];

    #[test]
    fn a_good_submission_becomes_an_application() {
        let application = parse(&raw(&GOOD), &policy(ContactPolicy::Required)).unwrap();
        assert_eq!(application.username.as_str(), "alice");
        assert_eq!(application.password.expose(), "correct horse");
        assert_eq!(application.email.unwrap().as_str(), "alice@example.org");
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        let policy = DomainPolicy { phone: ContactPolicy::Required, ..policy(ContactPolicy::Required) };
        let errors = parse(&RawForm::default(), &policy).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| (error.field, error.problem)).collect();
        assert_eq!(fields, Field::ALL.map(|field| (field, FieldProblem::Missing)));
    }

    #[test]
    fn an_optional_address_may_be_left_out_but_not_be_wrong() {
        let policy = policy(ContactPolicy::Optional);
        assert!(parse(&raw(&GOOD[..2]), &policy).unwrap().email.is_none());
        let wrong = [GOOD[0], GOOD[1], (Field::Email, "nonsense")];
        assert_eq!(parse(&raw(&wrong), &policy).unwrap_err()[0].problem, FieldProblem::Malformed);
    }

    #[test]
    fn an_address_or_a_number_that_nobody_asked_for_is_not_kept() {
        let with_phone = [GOOD.as_slice(), &[(Field::Phone, "+46 70 000 00 00")]].concat();
        let application = parse(&raw(&with_phone), &policy(ContactPolicy::Off)).unwrap();
        assert!(application.email.is_none() && application.phone.is_none());
        let policy = DomainPolicy { phone: ContactPolicy::Optional, ..policy(ContactPolicy::Off) };
        assert_eq!(parse(&raw(&with_phone), &policy).unwrap().phone.unwrap().as_str(), "+46700000000");
        assert!(parse(&raw(&GOOD), &policy).unwrap().phone.is_none());
        let wrong = [GOOD.as_slice(), &[(Field::Phone, "070 000 00 00")]].concat();
        let errors = parse(&raw(&wrong), &policy).unwrap_err();
        assert_eq!(errors, [FieldError { field: Field::Phone, problem: FieldProblem::Malformed }]);
    }

    #[test]
    fn two_different_values_for_one_field_are_refused_and_equal_or_empty_ones_are_not() {
        let policy = policy(ContactPolicy::Required);
        let with = |extra| parse(&raw(&[GOOD.as_slice(), &[extra]].concat()), &policy);
        assert_eq!(with((Field::Username, "bob")).unwrap_err()[0].problem, FieldProblem::Repeated);
        assert!(with(GOOD[0]).is_ok() && with((Field::Email, "")).is_ok());
        let late = parse(&raw(&[&[(Field::Username, "")], GOOD.as_slice()].concat()), &policy).unwrap_err();
        assert_eq!(late[0].problem, FieldProblem::Repeated, "the server has seen the first, empty name");
        let often = [GOOD.as_slice(), &[(Field::Username, "bob"); 50]].concat();
        assert_eq!(parse(&raw(&often), &policy).unwrap_err().len(), 1, "told once");
    }
}
