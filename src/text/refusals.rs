//! Refusals and wrong fields in words.

use std::time::Duration;

use super::{Language, Texts};
use crate::accounts::{FieldError, FieldProblem, InvitationToken, Refusal, form::Field};

/// Where a refusal may send the person.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// The page where codes are entered and new letters asked for.
    pub verify_url: Option<String>,
    /// The page where people register.
    pub register_url: Option<String>,
    /// The page for a forgotten password.
    pub recover_url: Option<String>,
    /// The page where somebody takes back that the account is to be deleted.
    pub keep_url: Option<String>,
    /// The folder of the pages of invitations.
    pub invite_url: Option<String>,
}

impl Help {
    /// The page of an invitation.
    pub fn invitation(&self, token: &InvitationToken) -> Option<String> {
        self.invite_url.as_ref().map(|url| format!("{url}/{}", token.expose()))
    }
}

impl Texts {
    /// A refusal in words: what happened, and what to do.
    pub fn refusal(&self, language: Language, refusal: &Refusal, help: &Help) -> String {
        let get = |key| self.get(language, key);
        let with_page = |plain, page, url: &Option<String>| match url {
            Some(url) => self.format(language, page, &[("url", url)]),
            None => self.get(language, plain),
        };
        let wait = |key, duration| self.format(language, key, &[("wait", &self.wait(language, duration))]);
        match refusal {
            Refusal::Invalid(errors) => self.invalid(language, errors, help),
            Refusal::NameTaken | Refusal::NameTakenBut { .. } => get("refusal-name-taken"),
            Refusal::WrongSignature => get("refusal-wrong-signature"),
            Refusal::WrongClock => get("refusal-wrong-clock"),
            Refusal::KeyExhausted => get("refusal-key-exhausted"),
            Refusal::KeyRevoked => get("refusal-key-revoked"),
            Refusal::NoSuchKey => get("refusal-no-such-key"),
            Refusal::NoSuchBranch => get("refusal-no-such-branch"),
            Refusal::WrongBranch => get("refusal-wrong-branch"),
            Refusal::RegistrationClosed => with_page(
                "refusal-registration-closed",
                "refusal-registration-closed-page",
                &help.register_url,
            ),
            Refusal::WebOnly => with_page("refusal-web-only", "refusal-web-only-page", &help.register_url),
            Refusal::InvitationsOff => get("refusal-invitations-off"),
            Refusal::InvitationRequired => with_page(
                "refusal-invitation-required",
                "refusal-invitation-required-page",
                &help.register_url,
            ),
            Refusal::InvitationInvalid => get("refusal-invitation-invalid"),
            Refusal::InvitationForName(name) => {
                self.format(language, "refusal-invitation-for-name", &[("name", name.as_str())])
            }
            Refusal::TooMany { retry_after } => wait("refusal-too-many", *retry_after),
            Refusal::Busy { retry_after } => wait("refusal-busy", *retry_after),
            Refusal::WrongPassword => get("refusal-wrong-password"),
            Refusal::TokenInvalid => get("refusal-token-invalid"),
            Refusal::ProofNeeded => get("refusal-proof-needed"),
            Refusal::AccountPending => {
                with_page("refusal-account-pending", "refusal-account-pending-page", &help.verify_url)
            }
            Refusal::AccountSuspended { reason: Some(reason) } => {
                self.format(language, "refusal-account-suspended-reason", &[("reason", reason)])
            }
            Refusal::AccountSuspended { reason: None } => get("refusal-account-suspended"),
            Refusal::AccountLeaving { at } => {
                let time = self.moment(language, *at);
                match &help.keep_url {
                    None => self.format(language, "refusal-account-leaving", &[("time", &time)]),
                    Some(url) => {
                        let args = [("time", time.as_str()), ("url", url)];
                        self.format(language, "refusal-account-leaving-page", &args)
                    }
                }
            }
            Refusal::WrongCode { tries_left: Some(tries) } => {
                self.format(language, "refusal-wrong-code-tries", &[("count", &tries.to_string())])
            }
            Refusal::WrongCode { tries_left: None } => get("refusal-wrong-code"),
            Refusal::CodeExpired => {
                with_page("refusal-code-expired", "refusal-code-expired-page", &help.verify_url)
            }
            Refusal::AddressInUse => get("refusal-address-in-use"),
            Refusal::NotRegistered => {
                with_page("refusal-not-registered", "refusal-not-registered-page", &help.register_url)
            }
            Refusal::NoSuchAccount => get("refusal-no-such-account"),
            Refusal::NotAllowed => get("refusal-not-allowed"),
            Refusal::InsecureChannel => get("refusal-insecure-channel"),
            Refusal::CaptchaRequired => {
                with_page("refusal-captcha-required", "refusal-captcha-required-page", &help.register_url)
            }
            Refusal::CaptchaWrong => get("refusal-captcha-wrong"),
            Refusal::CaptchaExpired => get("refusal-captcha-expired"),
            Refusal::UnknownDomain => get("refusal-unknown-domain"),
        }
    }

    /// What is wrong with a field, as a sentence that stands by itself.
    pub fn field_error(&self, language: Language, error: &FieldError) -> String {
        let label = self.label(language, error.field);
        let field = ("field", error.field.name());
        let format = |key, limit: Option<(&str, usize)>| {
            let number = limit.map(|(name, number)| (name, number.to_string()));
            let mut args = vec![field, ("label", label.as_str())];
            args.extend(number.iter().map(|(name, number)| (*name, number.as_str())));
            self.format(language, key, &args)
        };
        match error.problem {
            FieldProblem::Missing => format("field-missing", None),
            FieldProblem::Repeated => format("field-repeated", None),
            FieldProblem::Malformed => format("field-malformed", None),
            FieldProblem::Characters => format("field-characters", None),
            FieldProblem::TooShort { min } => format("field-too-short", Some(("min", min))),
            FieldProblem::TooLong { max } => format("field-too-long", Some(("max", max))),
            FieldProblem::Reserved => format("field-reserved", None),
            FieldProblem::TooWeak { min } => format("field-too-weak", Some(("min", min))),
            FieldProblem::Breached => format("field-breached", None),
        }
    }

    /// What people see as the name of a field.
    pub fn label(&self, language: Language, field: Field) -> String {
        let key = match field {
            Field::Username => "label-username",
            Field::Password => "label-password",
            Field::Email => "label-email",
            Field::Phone => "label-phone",
        };
        self.get(language, key)
    }

    /// Every wrong field. A client that left a field out may not be able to show it, so the page is named then.
    fn invalid(&self, language: Language, errors: &[FieldError], help: &Help) -> String {
        let mut sentences: Vec<String> =
            errors.iter().map(|error| self.field_error(language, error)).collect();
        if let Some(url) = &help.register_url
            && errors.iter().any(|error| error.problem == FieldProblem::Missing)
        {
            sentences.push(self.format(language, "refusal-invalid-page", &[("url", url)]));
        }
        sentences.join(" ")
    }

    /// A time to wait, rounded up.
    fn wait(&self, language: Language, duration: Duration) -> String {
        let seconds = duration.as_secs().max(1);
        let (key, count) = match seconds {
            0..60 => ("wait-seconds", seconds),
            60..3600 => ("wait-minutes", seconds.div_ceil(60)),
            _ => ("wait-hours", seconds.div_ceil(3600)),
        };
        self.format(language, key, &[("count", &count.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> (Texts, Language) {
        let texts = Texts::new();
        let english = texts.negotiate("en");
        (texts, english)
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let (texts, english) = english();
        for (seconds, said) in
            [(0, "one second"), (59, "59 seconds"), (61, "2 minutes"), (3600, "one hour"), (3601, "2 hours")]
        {
            let refusal = Refusal::TooMany { retry_after: Duration::from_secs(seconds) };
            let text = texts.refusal(english, &refusal, &Help::default());
            assert!(text.ends_with(&format!("in {said}.")), "{seconds}: {text}");
        }
    }

    #[test]
    fn a_refusal_names_the_page_where_there_is_one() {
        let (texts, english) = english();
        let help = Help { verify_url: Some("https://x.example/verify".to_owned()), ..Help::default() };
        let text = |help| texts.refusal(english, &Refusal::AccountPending, help);
        assert!(text(&help).ends_with(" https://x.example/verify"));
        assert!(!text(&Help::default()).contains("http"));
    }

    #[test]
    fn every_wrong_field_is_said_and_the_page_only_when_one_is_missing() {
        let (texts, english) = english();
        let help = Help { register_url: Some("https://x.example/register".to_owned()), ..Help::default() };
        let error = |field, problem| FieldError { field, problem };
        let weak = error(Field::Password, FieldProblem::TooWeak { min: 8 });
        let missing = error(Field::Email, FieldProblem::Missing);
        let both = texts.refusal(english, &Refusal::Invalid(vec![weak, missing]), &help);
        assert!(
            both.contains("at least 8 characters") && both.contains("Enter your e-mail address."),
            "{both}"
        );
        assert!(both.ends_with("https://x.example/register"));
        assert!(!texts.refusal(english, &Refusal::Invalid(vec![weak]), &help).contains("http"));
    }
}
