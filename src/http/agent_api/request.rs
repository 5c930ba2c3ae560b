//! What a program sends: fields of scalar values, in JSON or XML, read as tolerantly as the original does (account-apis §1.1): numbers
//! and texts stand for each other, `null` and the empty text are nothing.

use std::collections::HashMap;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{
    problem::{self, Problem},
    xml,
};
use crate::{
    accounts::{Domain, LanguageTag, Origin, TokenLifetime},
    broker::{Bearer, Outcome},
    http::{
        cookies,
        form::{self, BadForm},
        visitor::Visitor,
        web::Web,
    },
};

/// A request, read.
pub struct Call<'a> {
    pub web: &'a Web,
    pub visitor: Visitor,
    headers: HeaderMap,
    fields: Fields,
}

/// The fields. Every value counts as secret; there is no `Debug`.
#[derive(Default)]
struct Fields(HashMap<String, Sent>);

enum Sent {
    Scalar(SecretString),
    /// A list or an object.
    Other,
}

impl<'a> Call<'a> {
    /// Reads a request.
    pub async fn read(web: &'a Web, visitor: &Visitor, request: Request) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = form::read_whole(body, web.settings.limits.body_timeout).await?;
        let fields = Fields::read(&head.headers, &bytes)?;
        let mut call = Self { web, visitor: visitor.clone(), headers: head.headers, fields };
        if let Some(language) = call.optional("language")?.and_then(LanguageTag::parse) {
            call.visitor.language = web.texts.negotiate(language.as_str());
        }
        Ok(call)
    }

    /// A field that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Problem> {
        self.optional(name)?.ok_or_else(|| Problem::bad_request(format!("{name} is missing.")))
    }

    /// A field that may be there.
    pub fn optional(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.fields.0.get(name) {
            None => Ok(None),
            Some(Sent::Scalar(text)) => Ok(Some(text.expose_secret())),
            Some(Sent::Other) => Err(Problem::bad_request(format!("{name} must be a text or a number."))),
        }
    }

    /// How long a token is wanted for.
    pub fn seconds(&self) -> Result<TokenLifetime, Problem> {
        let seconds = self.required("seconds")?.trim().parse().ok().and_then(TokenLifetime::from_seconds);
        let wrong =
            || Problem::bad_request(format!("seconds must be a number from 1 to {}.", TokenLifetime::MOST));
        seconds.ok_or_else(wrong)
    }

    /// The origin that use cases are told; letters are written in the language that the program asked for.
    pub fn origin(&self) -> Origin {
        let language = self.optional("language").ok().flatten().and_then(LanguageTag::parse);
        let origin = self.visitor.origin();
        Origin { language: language.unwrap_or(origin.language), ..origin }
    }

    /// Who comes with the token in `Authorization`. One known client sends it without the word `Bearer`.
    pub async fn bearer(&self) -> Result<Bearer, Problem> {
        let token = self.authorization("Bearer").or_else(|| {
            self.header(&header::AUTHORIZATION).filter(|value| !value.contains(' ') && value.contains('.'))
        });
        let Some(token) = token else {
            let text = "Send the token that you got: Authorization: Bearer …";
            return Err(Problem::unauthorized(text, &problem::bearer_challenge(self.web, "")));
        };
        self.told(self.web.broker.bearer(&self.origin(), token).await)
    }

    /// Name and password by HTTP Basic (RFC 7617).
    pub fn basic(&self) -> Option<(String, SecretString)> {
        let decoded = STANDARD.decode(self.authorization("Basic")?).ok()?;
        let text = SecretString::from(String::from_utf8(decoded).ok()?);
        let (name, password) = text.expose_secret().split_once(':')?;
        Some((name.to_owned(), SecretString::from(password)))
    }

    /// The domain and the name of an account. A name alone is on the domain that the program calls us by, or else on the first.
    pub fn account<'n>(&self, name: &'n str) -> (Domain, &'n str) {
        let named =
            name.rsplit_once('@').and_then(|(local, domain)| Some((served(self.web, domain)?, local)));
        named.unwrap_or_else(|| (self.domain(), name))
    }

    /// The domain that the program calls us by, or else the first.
    pub fn domain(&self) -> Domain {
        domain(self.web, &self.headers)
    }

    /// The token of the account that was made with the web form in this browser, as far as the browser says.
    pub fn token_of_session(&self) -> Option<&str> {
        let from = self.header(&header::ORIGIN);
        cookies::cookie(self.web, &self.headers, cookies::MADE)
            .filter(|_| from.is_none_or(|from| is_ours(self.web, from)))
    }

    /// The names that the program may have signed: what it says in `Host`, and what we are called, since a proxy may have changed that.
    pub fn hosts(&self) -> Vec<String> {
        let url = &self.web.settings.base_url;
        let own = url.host_str().map(|host| match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        });
        let sent = self.header(&header::HOST);
        let mut hosts: Vec<String> =
            sent.map(str::to_owned).into_iter().chain(sent.map(str::to_ascii_lowercase)).chain(own).collect();
        hosts.dedup();
        hosts
    }

    /// The outcome of a use case, in the language of the caller.
    pub fn told<T>(&self, outcome: Outcome<T>) -> Result<T, Problem> {
        problem::told(self.web, &self.visitor, outcome)
    }

    fn authorization(&self, scheme: &str) -> Option<&str> {
        let (own, value) = self.header(&header::AUTHORIZATION)?.split_once(' ')?;
        own.eq_ignore_ascii_case(scheme).then(|| value.trim())
    }

    fn header(&self, name: &header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }
}

/// The domain that somebody calls us by, or else the first.
pub fn domain(web: &Web, headers: &HeaderMap) -> Domain {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    served(web, name).unwrap_or_else(|| {
        #[expect(clippy::expect_used, reason = "the configuration demands a domain")]
        web.broker.domains().next().expect("a domain is served").domain.clone()
    })
}

/// Whether a page of that origin may know what a browser's session holds: our own, and those that the operator sends people on to.
pub fn is_ours(web: &Web, origin: &str) -> bool {
    let own = web.settings.base_url.origin().ascii_serialization();
    origin == own || web.settings.destinations.iter().any(|destination| destination.is_of_origin(origin))
}

fn served(web: &Web, name: &str) -> Option<Domain> {
    let domain = Domain::parse(name).ok()?;
    web.broker.policy(&domain).map(|policy| policy.domain.clone())
}

impl Fields {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Problem> {
        // Some libraries put a byte order mark in front.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        if !form::is_utf8(headers) {
            return Err(BadForm::ContentType.into());
        }
        match form::essence(headers).to_ascii_lowercase().as_str() {
            "application/json" | "text/json" => Self::of_json(bytes),
            "text/xml" | "application/xml" => {
                let attributes = xml::attributes(bytes).map_err(Problem::bad_request)?;
                let fields = attributes.into_iter().filter(|(_, value)| !value.is_empty());
                Ok(Self(fields.map(|(name, value)| (name, Sent::Scalar(value.into()))).collect()))
            }
            _ => Err(BadForm::ContentType.into()),
        }
    }

    fn of_json(bytes: &[u8]) -> Result<Self, Problem> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            // The message of the error could repeat what was sent.
            let (line, column) = (error.line(), error.column());
            Problem::bad_request(format!("The body is not valid JSON (line {line}, column {column})."))
        })?;
        let Value::Object(object) = value else {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "The body must be a JSON object."));
        };
        let field = |value| match value {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(Sent::Scalar(text.into())),
            Value::Number(number) => Some(Sent::Scalar(number.to_string().into())),
            Value::Bool(truth) => Some(Sent::Scalar(truth.to_string().into())),
            Value::Array(_) | Value::Object(_) => Some(Sent::Other),
        };
        Ok(Self(object.into_iter().filter_map(|(name, value)| Some((name, field(value)?))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &[u8]) -> Result<HashMap<String, Option<String>>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        let fields = Fields::read(&headers, body)?;
        let shown = |sent| match sent {
            Sent::Scalar(text) => Some(text.expose_secret().to_owned()),
            Sent::Other => None,
        };
        Ok(fields.0.into_iter().map(|(name, sent)| (name, shown(sent))).collect())
    }

    #[test]
    fn numbers_and_texts_stand_for_each_other_and_nothing_is_nothing() {
        let body = br#"{"a": 3600, "b": "3600", "c": null, "d": "", "e": true, "f": [1], "g": {}}"#;
        let fields = read("application/json; charset=UTF-8", body).unwrap();
        let text = |text: &str| Some(Some(text.to_owned()));
        assert_eq!((fields.get("a").cloned(), fields.get("b").cloned()), (text("3600"), text("3600")));
        assert!(!fields.contains_key("c") && !fields.contains_key("d"));
        assert_eq!(
            (fields.get("e").cloned(), fields["f"].clone(), fields["g"].clone()),
            (text("true"), None, None)
        );
        let xml = b"<Login xmlns='https://waher.se/Schema/BrokerAgent.xsd' seconds='60' userName=''/>";
        let fields = read("text/xml", xml).unwrap();
        assert_eq!((fields.get("seconds").cloned(), fields.contains_key("userName")), (text("60"), false));
    }

    #[test]
    fn an_empty_body_is_an_empty_object_whatever_it_is_said_to_be() {
        for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
            assert!(read(kind, b" \n").unwrap().is_empty());
        }
        assert!(read("application/json", b"\xef\xbb\xbf{}").unwrap().is_empty());
    }

    #[test]
    fn other_kinds_and_character_sets_are_refused() {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/json; charset=utf-16",
        ] {
            let problem = read(kind, b"{}").unwrap_err();
            assert_eq!(axum::response::IntoResponse::into_response(problem).status(), 415, "{kind}");
        }
        for body in [&b"{"[..], b"[]", b"1", b"\"a\"", b"\xff{}", b"{\"a\":}", b"{}{}"] {
            let problem = read("application/json", body).unwrap_err();
            assert_eq!(axum::response::IntoResponse::into_response(problem).status(), 400);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = read("application/json", &bytes);
            let _ = read("text/xml", &bytes);
        }

        #[test]
        fn every_text_comes_through_json(text in ".{1,50}") {
            let body = serde_json::json!({ "password": text }).to_string();
            let fields = read("application/json", body.as_bytes()).unwrap();
            proptest::prop_assert_eq!(fields["password"].as_deref(), Some(text.as_str()));
        }
    }
}
