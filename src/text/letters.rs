//! Letters: the templates in `templates/mail/`, one folder for each shape, with typed contexts.

use std::fmt;

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    Texts, Words,
    lines::{one_line, wrap},
    messages::minutes_left,
};
use crate::accounts::{Letter, LetterKind};

/// What a letter says about the service that writes it.
#[derive(Debug, Clone, Copy)]
pub struct LetterContext<'a> {
    /// The service's name for people.
    pub service_name: &'a str,
    /// Where its web pages are; links in letters begin with it.
    pub base_url: &'a Url,
    /// When the letter is sent: it says for how long its code still works.
    pub sent_at: Timestamp,
}

/// A letter as it goes out. Holds secrets; `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedLetter {
    /// The subject, one line.
    pub subject: String,
    /// The plain text part, wrapped, with `\n` line ends.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The tag of the language it is written in.
    pub language: &'static str,
}

/// A letter could not be put into words. It would fail each time.
#[derive(Debug, thiserror::Error)]
pub enum Unrenderable {
    /// A template failed.
    #[error("the letter could not be rendered: {0}")]
    Template(#[from] askama::Error),
    /// It is a text message.
    #[error("a text message is no letter")]
    NoMail,
}

/// A link beside a code.
struct CodeLink<'a> {
    label: &'a str,
    button: &'a str,
    address: &'a str,
}

#[derive(Template)]
#[template(path = "mail/code/letter.txt")]
struct CodeText<'a> {
    words: Words<'a>,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    label: &'a str,
    code: &'a str,
    lifetime: &'a str,
    link: Option<&'a CodeLink<'a>>,
    not_you: &'a str,
}

#[derive(Template)]
#[template(path = "mail/code/letter.html")]
struct CodeHtml<'a> {
    words: Words<'a>,
    subject: &'a str,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    label: &'a str,
    code: &'a str,
    lifetime: &'a str,
    link: Option<&'a CodeLink<'a>>,
    not_you: &'a str,
}

#[derive(Template)]
#[template(path = "mail/invitation/letter.txt")]
struct InvitationText<'a> {
    words: Words<'a>,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    link: &'a str,
    until: &'a str,
}

#[derive(Template)]
#[template(path = "mail/invitation/letter.html")]
struct InvitationHtml<'a> {
    words: Words<'a>,
    subject: &'a str,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    link: &'a str,
    until: &'a str,
}

#[derive(Template)]
#[template(path = "mail/notice/letter.txt")]
struct NoticeText<'a> {
    words: Words<'a>,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    label: &'a str,
    value: &'a str,
    what_to_do: &'a str,
    not_you: &'a str,
}

#[derive(Template)]
#[template(path = "mail/notice/letter.html")]
struct NoticeHtml<'a> {
    words: Words<'a>,
    subject: &'a str,
    service: &'a str,
    home: &'a str,
    intro: &'a str,
    label: &'a str,
    value: &'a str,
    what_to_do: &'a str,
    not_you: &'a str,
}

impl Texts {
    /// Puts a letter into words, in the nearest language to the person's.
    pub fn letter(
        &self,
        letter: &Letter,
        context: &LetterContext<'_>,
    ) -> Result<RenderedLetter, Unrenderable> {
        let words = self.words(self.choose(&letter.language));
        match &letter.kind {
            LetterKind::Verify { code, link_token, code_expires_at } => {
                let address = format!("{}/verify?token={}", home(context), link_token.expose_secret());
                let says = CodeWords {
                    subject: words.format("letter-verify-subject", &[("service", context.service_name)]),
                    intro: words.format("letter-verify-intro", &[("account", &account(letter))]),
                    label: words.get("letter-verify-code"),
                    link: Some([words.get("letter-verify-link"), words.get("letter-verify-button"), address]),
                    not_you: words.get("letter-verify-not-you"),
                };
                with_code(words, context, &says, code, *code_expires_at)
            }
            LetterKind::Recover { code, link_token, code_expires_at } => {
                let address = format!("{}/recover/code?token={}", home(context), link_token.expose_secret());
                let says = CodeWords {
                    subject: words.format("letter-recover-subject", &[("service", context.service_name)]),
                    intro: words.format("letter-recover-intro", &[("account", &account(letter))]),
                    label: words.get("letter-recover-code"),
                    link: Some([
                        words.get("letter-recover-link"),
                        words.get("letter-recover-button"),
                        address,
                    ]),
                    not_you: words.get("letter-recover-not-you"),
                };
                with_code(words, context, &says, code, *code_expires_at)
            }
            LetterKind::VerifyPhone { .. } | LetterKind::RecoverByPhone { .. } => Err(Unrenderable::NoMail),
            LetterKind::ChangeEmail { code, code_expires_at } => {
                let says = CodeWords {
                    subject: words
                        .format("letter-change-email-subject", &[("service", context.service_name)]),
                    intro: words.format("letter-change-email-intro", &[("account", &account(letter))]),
                    label: words.get("letter-change-email-code"),
                    link: None,
                    not_you: words.get("letter-change-email-not-you"),
                };
                with_code(words, context, &says, code, *code_expires_at)
            }
            LetterKind::EmailChanged { masked } => {
                let says = NoticeWords {
                    subject: words
                        .format("letter-email-changed-subject", &[("service", context.service_name)]),
                    intro: words.format("letter-email-changed-intro", &[("account", &account(letter))]),
                    label: words.get("letter-email-changed-new"),
                    value: masked.clone(),
                    what_to_do: words.get("letter-email-changed-what-to-do"),
                    not_you: words.get("letter-email-changed-not-you"),
                };
                notice(words, context, &says)
            }
            LetterKind::Leaving { at } => {
                let keep = format!("{}/account/keep", home(context));
                let says = NoticeWords {
                    subject: words.format("letter-leaving-subject", &[("service", context.service_name)]),
                    intro: words.format("letter-leaving-intro", &[("account", &account(letter))]),
                    label: words.get("letter-leaving-when"),
                    value: words.moment(*at),
                    what_to_do: words.format("letter-leaving-what-to-do", &[("url", &keep)]),
                    not_you: words.get("letter-leaving-not-you"),
                };
                notice(words, context, &says)
            }
            LetterKind::Invitation { token, expires_at } => {
                invitation(words, letter, context, token, *expires_at)
            }
            LetterKind::AlreadyRegistered { existing } => {
                let intro = match &letter.username {
                    Some(_) => {
                        words.format("letter-already-registered-intro", &[("account", &account(letter))])
                    }
                    None => words.get("letter-already-registered-intro-invitation"),
                };
                let says = NoticeWords {
                    subject: words
                        .format("letter-already-registered-subject", &[("service", context.service_name)]),
                    intro,
                    label: words.get("letter-already-registered-existing"),
                    value: format!("{existing}@{}", letter.domain),
                    what_to_do: words.get("letter-already-registered-what-to-do"),
                    not_you: words.get("letter-already-registered-not-you"),
                };
                notice(words, context, &says)
            }
        }
    }
}

/// What a letter with a code says.
struct CodeWords {
    subject: String,
    intro: String,
    label: String,
    /// What stands before the link, what its button says, and the link.
    link: Option<[String; 3]>,
    not_you: String,
}

/// What a letter says that asks for nothing.
struct NoticeWords {
    subject: String,
    intro: String,
    label: String,
    value: String,
    what_to_do: String,
    not_you: String,
}

fn with_code(
    words: Words<'_>,
    context: &LetterContext<'_>,
    says: &CodeWords,
    code: &SecretString,
    code_expires_at: Timestamp,
) -> Result<RenderedLetter, Unrenderable> {
    let CodeWords { subject, intro, label, link, not_you } = says;
    let (service, home, code) = (context.service_name, &*home(context), code.expose_secret());
    let lifetime = &*lifetime(words, context.sent_at, code_expires_at);
    let link = link.as_ref().map(|[label, button, address]| CodeLink { label, button, address });
    let link = link.as_ref();
    let text = CodeText { words, service, home, intro, label, code, lifetime, link, not_you }.render()?;
    let html =
        CodeHtml { words, subject, service, home, intro, label, code, lifetime, link, not_you }.render()?;
    Ok(RenderedLetter { subject: one_line(subject), text: wrap(&text), html, language: words.tag() })
}

fn notice(
    words: Words<'_>,
    context: &LetterContext<'_>,
    says: &NoticeWords,
) -> Result<RenderedLetter, Unrenderable> {
    let NoticeWords { subject, intro, label, value, what_to_do, not_you } = says;
    let (service, home) = (context.service_name, &*home(context));
    let text = NoticeText { words, service, home, intro, label, value, what_to_do, not_you }.render()?;
    let html =
        NoticeHtml { words, subject, service, home, intro, label, value, what_to_do, not_you }.render()?;
    Ok(RenderedLetter { subject: one_line(subject), text: wrap(&text), html, language: words.tag() })
}

fn invitation(
    words: Words<'_>,
    letter: &Letter,
    context: &LetterContext<'_>,
    token: &SecretString,
    expires_at: Timestamp,
) -> Result<RenderedLetter, Unrenderable> {
    let service = context.service_name;
    let home = &*home(context);
    let link = &*format!("{home}/invite/{}", token.expose_secret());
    let subject = words.format("letter-invitation-subject", &[("service", service)]);
    let intro = &*words.format("letter-invitation-intro", &[("domain", letter.domain.as_str())]);
    let time = words.moment(expires_at);
    let until = &*words.format("letter-invitation-until", &[("time", &time)]);
    let text = InvitationText { words, service, home, intro, link, until }.render()?;
    let html = InvitationHtml { words, subject: &subject, service, home, intro, link, until }.render()?;
    Ok(RenderedLetter { subject: one_line(&subject), text: wrap(&text), html, language: words.tag() })
}

pub(super) fn account(letter: &Letter) -> String {
    match &letter.username {
        Some(username) => format!("{username}@{}", letter.domain),
        None => letter.domain.to_string(),
    }
}

fn home(context: &LetterContext<'_>) -> String {
    context.base_url.as_str().trim_end_matches('/').to_owned()
}

/// For how long the code still works. The person's time zone is not known, so the hour is given in UTC beside the minutes.
fn lifetime(words: Words<'_>, sent_at: Timestamp, expires_at: Timestamp) -> String {
    let minutes = minutes_left(sent_at, expires_at);
    let time = expires_at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string();
    words.format("letter-verify-code-lifetime", &[("minutes", &minutes), ("time", &time)])
}

impl fmt::Debug for RenderedLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedLetter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::accounts::{Code, Contact, Domain, Email, LanguageTag, LinkToken, Username};

    fn letter(language: &str, kind: LetterKind) -> Letter {
        Letter {
            to: Contact::Email(Email::parse("alice@example.org").unwrap()),
            language: LanguageTag::parse(language).unwrap(),
            username: Some(Username::prepare("alice").unwrap()),
            domain: Domain::parse("chat.example").unwrap(),
            kind,
        }
    }

    fn render(letter: &Letter, service_name: &str) -> RenderedLetter {
        let base_url = &Url::parse("https://accounts.chat.example/sub/").unwrap();
        let context = LetterContext { service_name, base_url, sent_at: Timestamp::UNIX_EPOCH };
        Texts::new().letter(letter, &context).unwrap()
    }

    fn verify_kind() -> LetterKind {
        let expires = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30);
        LetterKind::verify(&Code::from_number(4711), &LinkToken::from_bytes([5; 16]), expires)
    }

    #[test]
    fn the_letter_holds_code_and_link_in_both_parts() {
        let link = format!(
            "https://accounts.chat.example/sub/verify?token={}",
            LinkToken::from_bytes([5; 16]).expose()
        );
        for (language, lifetime) in [
            ("en", "30 minutes, until 00:30 UTC"),
            ("de-AT", "30 Minuten lang, bis 00:30 Uhr UTC"),
            ("es-MX", "30 minutos, hasta las 00:30 UTC"),
            ("fr-CA", "30 minutes, jusqu’à 00:30 UTC"),
            ("sv", "30 minuter, till kl. 00:30 UTC"),
        ] {
            let letter = render(&letter(language, verify_kind()), "Chat");
            for part in [&letter.text, &letter.html] {
                assert!(part.contains("004711") && part.contains(lifetime), "{part}");
                assert!(part.contains("alice@chat.example"), "{part}");
            }
            assert!(letter.text.lines().any(|line| line == link), "the link has a line of its own");
            assert!(letter.html.contains(&format!("href=\"{link}\"")), "{}", letter.html);
            assert!(letter.html.contains(&format!("<html lang=\"{}\">", letter.language)));
            assert!(!letter.subject.contains("004711"), "subjects are shown on locked screens");
        }
    }

    #[test]
    fn minutes_are_rounded_and_never_nothing() {
        let texts = Texts::new();
        let words = texts.words(texts.negotiate("en"));
        for (seconds, said) in
            [(1799, "30 minutes"), (90, "2 minutes"), (80, "one minute"), (-5, "one minute")]
        {
            let expires = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
            let text = lifetime(words, Timestamp::UNIX_EPOCH, expires);
            assert!(text.contains(said), "{seconds}: {text}");
        }
    }

    #[test]
    fn the_letter_to_an_owner_names_the_account_that_there_is() {
        let kind = LetterKind::AlreadyRegistered { existing: Username::prepare("old").unwrap() };
        let letter = render(&letter("de", kind), "Chat");
        assert!(letter.text.contains("old@chat.example") && letter.html.contains("old@chat.example"));
        assert!(letter.subject.starts_with("Du hast schon"));
    }

    #[test]
    fn markup_and_line_ends_in_the_service_name_stay_text() {
        let letter = render(&letter("en", verify_kind()), "<b>A&B</b>\r\nBcc: x@y.z");
        assert!(!letter.html.contains("<b>") && !letter.subject.contains(['\r', '\n']));
        assert!(letter.text.contains("<b>A&B</b>"), "plain text is not escaped");
    }

    #[test]
    fn text_lines_are_short_and_nothing_is_fetched_from_elsewhere() {
        let letter = render(&letter("de", verify_kind()), "Chat");
        for line in letter.text.lines().filter(|line| !line.contains("://")) {
            assert!(line.chars().count() <= crate::text::lines::COLUMNS, "{line:?}");
        }
        for fetched in ["<img", "<script", "<link", "url(", "src="] {
            assert!(!letter.html.contains(fetched), "{fetched}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let shown = format!("{:?}", render(&letter("en", verify_kind()), "Chat"));
        assert!(!shown.contains("004711") && !shown.contains("token"), "{shown}");
    }
}
