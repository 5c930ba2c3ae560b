//! What is sent to a gateway for text messages: text with places such as `{to}` in it. What is put there is written so that it stays a value.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::Phone;

/// A text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayTemplate(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

/// What can stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    To,
    ToDigits,
    Text,
    From,
    Account,
    Secret,
    /// Account and secret for HTTP Basic (RFC 7617).
    Basic,
}

/// A template that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{{{0}}} stands for nothing; there are {{to}}, {{to_digits}}, {{text}}, {{from}}, {{account}}, {{secret}} and {{basic}}"
)]
pub struct UnknownPlace(String);

/// How a value is written where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In a text of JSON (RFC 8259 §7), between the quotes that the template has.
    Json,
    /// In `application/x-www-form-urlencoded`.
    Form,
    /// In an address.
    Url,
    /// In a header: without what would end it.
    Header,
}

/// What is put into the places.
#[derive(Debug, Clone, Copy)]
pub struct GatewayValues<'a> {
    /// Whom the message goes to.
    pub to: &'a Phone,
    /// What it says; a secret, too.
    pub text: &'a str,
    /// Whom it comes from.
    pub from: &'a str,
    /// Our account at the gateway.
    pub account: &'a str,
    /// What proves that it is ours.
    pub secret: Option<&'a SecretString>,
}

impl Place {
    const ALL: [(&'static str, Self); 7] = [
        ("to", Self::To),
        ("to_digits", Self::ToDigits),
        ("text", Self::Text),
        ("from", Self::From),
        ("account", Self::Account),
        ("secret", Self::Secret),
        ("basic", Self::Basic),
    ];
}

impl GatewayTemplate {
    /// Reads a template. Only letters and underscores between brackets are a place, so JSON can be written as it is.
    pub fn parse(text: &str) -> Result<Self, UnknownPlace> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let end = after.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(after.len());
            if end > 0 && after[end..].starts_with('}') {
                let place = Place::ALL.iter().find(|(name, _)| *name == &after[..end]);
                let (_, place) = place.ok_or_else(|| UnknownPlace(after[..end].to_owned()))?;
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Place(*place));
                rest = &after[end + 1..];
            } else {
                plain.push('{');
                rest = after;
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// Whether a secret is put into it.
    pub fn is_secret(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Place(Place::Secret | Place::Basic)))
    }

    /// The text with values in its places.
    pub fn fill(&self, values: &GatewayValues<'_>, encoding: Encoding) -> Zeroizing<String> {
        let mut filled = Zeroizing::new(String::new());
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Place(place) => encoding.write(&mut filled, &value(*place, values)),
            }
        }
        filled
    }
}

fn value(place: Place, values: &GatewayValues<'_>) -> Zeroizing<String> {
    let secret = values.secret.map(ExposeSecret::expose_secret).unwrap_or_default();
    Zeroizing::new(match place {
        Place::To => values.to.as_str().to_owned(),
        Place::ToDigits => values.to.digits().to_owned(),
        Place::Text => values.text.to_owned(),
        Place::From => values.from.to_owned(),
        Place::Account => values.account.to_owned(),
        Place::Secret => secret.to_owned(),
        Place::Basic => STANDARD.encode(&*Zeroizing::new(format!("{}:{secret}", values.account))),
    })
}

impl Encoding {
    fn write(self, out: &mut String, value: &str) {
        match self {
            Self::Json => {
                // With its quotes, which the template has.
                // A text can always be written as one.
                let written = serde_json::to_string(value).unwrap_or_else(|_| "\"\"".to_owned());
                let quoted = Zeroizing::new(written);
                out.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Form | Self::Url => {
                for piece in url::form_urlencoded::byte_serialize(value.as_bytes()) {
                    // Both know `%20`; only one of them knows `+`.
                    out.push_str(&piece.replace('+', "%20"));
                }
            }
            Self::Header => out.extend(value.chars().filter(|c| !c.is_control())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fill(template: &str, text: &str, encoding: Encoding) -> String {
        let secret = SecretString::from("s:3\"&");
        let values = GatewayValues {
            to: &Phone::parse("+46700000000").unwrap(),
            text,
            from: "Chat & Co",
            account: "AC1",
            secret: Some(&secret),
        };
        GatewayTemplate::parse(template).unwrap().fill(&values, encoding).to_string()
    }

    #[test]
    fn values_stay_values() {
        let json = r#"{"to":{to_digits},"a":{"b":"{text}"},"empty":{}}"#;
        assert_eq!(
            fill(json, "a\"b\\c\nd", Encoding::Json),
            r#"{"to":46700000000,"a":{"b":"a\"b\\c\nd"},"empty":{}}"#
        );
        assert_eq!(
            fill("To={to}&From={from}&Body={text}", "a&b=c é\r\n", Encoding::Form),
            "To=%2B46700000000&From=Chat%20%26%20Co&Body=a%26b%3Dc%20%C3%A9%0D%0A"
        );
        assert_eq!(
            fill("https://x.example/{account}/{to}", "", Encoding::Url),
            "https://x.example/AC1/%2B46700000000"
        );
        assert_eq!(fill("Basic {basic}", "", Encoding::Header), "Basic QUMxOnM6MyIm");
        assert_eq!(fill("{text}", "a\r\nX: b", Encoding::Header), "aX: b");
    }

    #[test]
    fn a_place_that_is_none_is_told() {
        let problem = GatewayTemplate::parse("To={number}").unwrap_err().to_string();
        assert!(problem.starts_with("{number} stands for nothing; there are {to},"), "{problem}");
        assert!(
            GatewayTemplate::parse("{secret}").unwrap().is_secret()
                && GatewayTemplate::parse("{basic}").unwrap().is_secret()
        );
        assert!(!GatewayTemplate::parse("{to} secret").unwrap().is_secret());
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_place(text in "\\PC{0,60}|[\"\\\\{}&=%+\r\n]{0,30}") {
            let json = fill(r#"{"t":"{text}","u":1}"#, &text, Encoding::Json);
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&read, &serde_json::json!({ "t": text, "u": 1 }));
            let form = fill("t={text}&u=1", &text, Encoding::Form);
            let read: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            prop_assert_eq!(read, vec![("t".to_owned(), text), ("u".to_owned(), "1".to_owned())]);
        }

        #[test]
        fn every_text_is_a_template_or_told(text in "[{}a-z_ ]{0,30}") {
            let _ = GatewayTemplate::parse(&text);
        }
    }
}
