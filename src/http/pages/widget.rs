//! How a field looks: the attributes that help browsers, phones and screen readers.

use super::{CAPTCHA, CODE, DOMAIN, Page, captcha::InlinePicture};
use crate::accounts::{Alphabet, Code, DomainPolicy, form::Field};

/// One field of a form.
#[derive(Debug, Default)]
pub struct Widget {
    /// Its name; also its `id`, so that the summary can link to it.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What can be typed.
    pub hint: Option<String>,
    /// What is wrong.
    pub error: Option<String>,
    /// What was typed before; never for passwords and codes.
    pub value: String,
    /// `type`.
    pub kind: &'static str,
    /// `autocomplete` (HTML standard, "autofill").
    pub autocomplete: &'static str,
    /// `inputmode`, where it is not that of the type.
    pub inputmode: Option<&'static str>,
    /// Whether it must be filled in.
    pub required: bool,
    /// The domains to choose from, for a name; one is only shown.
    pub domains: Vec<DomainChoice>,
    /// Whether it is wide letters of one code.
    pub is_code: bool,
    /// Whether it answers a CAPTCHA.
    pub is_task: bool,
    /// Where a script learns how hard the password is to guess.
    pub strength: Option<String>,
    /// What is to be read.
    pub picture: Option<InlinePicture>,
}

/// A domain that can be chosen.
#[derive(Debug)]
pub struct DomainChoice {
    /// The domain.
    pub name: String,
    /// Whether it is the one chosen so far.
    pub selected: bool,
}

impl Widget {
    /// The ids of the texts that belong to it, for `aria-describedby`.
    pub fn described_by(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = error.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// A field of the registration form, as `policies` (of all domains that can be chosen) ask for it.
    pub fn of_field(page: &Page<'_>, field: Field, required: bool, policies: &[&DomainPolicy]) -> Self {
        let label = page.web.texts.label(page.visitor.language, field);
        let base = Self { name: field.name(), label, required, ..Self::default() };
        match field {
            Field::Username => {
                let ascii = policies.iter().all(|policy| policy.username.alphabet == Alphabet::Ascii);
                let key = if ascii { "page-hint-username" } else { "page-hint-username-unicode" };
                Self { kind: "text", autocomplete: "username", hint: Some(page.words.get(key)), ..base }
            }
            Field::Password => {
                let min = policies.iter().map(|policy| policy.password.min_length).max().unwrap_or_default();
                let hint = page.words.format("page-hint-password", &[("min", &min.to_string())]);
                let strength = Some(page.link("/password/strength"));
                Self { kind: "password", autocomplete: "new-password", hint: Some(hint), strength, ..base }
            }
            Field::Email => {
                let hint = Some(page.words.get("page-hint-email"));
                Self { kind: "email", autocomplete: "email", inputmode: Some("email"), hint, ..base }
            }
            Field::Phone => {
                let hint = Some(page.words.get("page-hint-phone"));
                Self { kind: "tel", autocomplete: "tel", inputmode: Some("tel"), hint, ..base }
            }
        }
    }

    /// The name of an account that exists.
    pub fn account_name(page: &Page<'_>, value: &str) -> Self {
        let label = page.web.texts.label(page.visitor.language, Field::Username);
        let value = value.to_owned();
        let name = Field::Username.name();
        Self { name, label, value, kind: "text", autocomplete: "username", required: true, ..Self::default() }
    }

    /// The password of an account that exists.
    pub fn current_password(page: &Page<'_>) -> Self {
        let label = page.web.texts.label(page.visitor.language, Field::Password);
        let name = Field::Password.name();
        let autocomplete = "current-password";
        Self { name, label, kind: "password", autocomplete, required: true, ..Self::default() }
    }

    /// The code of a letter.
    pub fn code(page: &Page<'_>) -> Self {
        let digits = Code::LENGTH.to_string();
        Self {
            name: CODE,
            label: page.words.get("page-label-code"),
            hint: Some(page.words.format("page-hint-code", &[("digits", &digits)])),
            kind: "text",
            autocomplete: "one-time-code",
            inputmode: Some("numeric"),
            required: true,
            is_code: true,
            ..Self::default()
        }
    }

    /// Adds the domains to a name: one is shown behind it, several can be chosen from.
    pub fn with_domains<'p>(
        mut self,
        policies: impl IntoIterator<Item = &'p DomainPolicy>,
        chosen: Option<&str>,
    ) -> Self {
        self.domains = policies
            .into_iter()
            .map(|policy| policy.domain.as_str())
            .map(|name| DomainChoice { name: name.to_owned(), selected: chosen == Some(name) })
            .collect();
        self
    }

    /// Whether a problem with the field `name` is shown here.
    pub fn shows(&self, name: &str) -> bool {
        self.name == name || (name == DOMAIN && self.domains.len() > 1) || (name == CAPTCHA && self.is_task)
    }
}
