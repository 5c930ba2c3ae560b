//! What is answered when it is done: one set of fields, in JSON or as the attributes of one XML element (account-apis §1.1).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use minidom::Element;
use rxml::{Namespace, NcName};
use serde_json::{Map, Value, json};

use super::{NAMESPACE, problem::Problem};
use crate::http::form;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

/// A set of fields.
#[derive(Debug)]
pub struct Answer {
    element: &'static str,
    fields: Vec<(&'static str, Field)>,
    claims: Option<Map<String, Value>>,
    inner: Option<Box<Answer>>,
}

/// A value.
#[derive(Debug)]
pub enum Field {
    Text(String),
    Truth(bool),
    Number(i64),
    /// Whole seconds since 1970 in JSON, as that ecosystem's encoder writes them; ISO 8601 in XML.
    Time(Timestamp),
    /// `null` in JSON, left out in XML.
    Null,
}

impl Answer {
    /// An answer without fields; in XML it is this element.
    pub fn new(element: &'static str) -> Self {
        Self { element, fields: Vec::new(), claims: None, inner: None }
    }

    /// With a field.
    #[must_use]
    pub fn with(mut self, name: &'static str, field: Field) -> Self {
        self.fields.push((name, field));
        self
    }

    /// With another set of fields inside, under the name of its element.
    #[must_use]
    pub fn around(mut self, inner: Self) -> Self {
        self.inner = Some(Box::new(inner));
        self
    }

    /// With the claims of a token: `claims` in JSON, one child element for each in XML.
    #[must_use]
    pub fn with_claims(mut self, claims: Map<String, Value>) -> Self {
        self.claims = Some(claims);
        self
    }

    /// 200: some clients take nothing else for a success.
    pub fn into_response(self, format: Format) -> Response {
        let (kind, body) = match format {
            Format::Json => ("application/json; charset=utf-8", self.json().to_string().into_bytes()),
            Format::Xml => ("text/xml; charset=utf-8", self.xml()),
        };
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (StatusCode::OK, kind, Body::from(body)).into_response()
    }

    fn json(&self) -> Value {
        let mut object: Map<String, Value> = self
            .fields
            .iter()
            .map(|(name, field)| {
                let value = match field {
                    Field::Text(text) => json!(text),
                    Field::Truth(truth) => json!(truth),
                    Field::Number(number) => json!(number),
                    Field::Time(time) => json!(time.as_second()),
                    Field::Null => Value::Null,
                };
                ((*name).to_owned(), value)
            })
            .collect();
        if let Some(claims) = &self.claims {
            object.insert("claims".to_owned(), Value::Object(claims.clone()));
        }
        if let Some(inner) = &self.inner {
            object.insert(inner.element.to_owned(), inner.json());
        }
        Value::Object(object)
    }

    fn xml(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Err(error) = self.to_element().write_to(&mut bytes) {
            tracing::error!(%error, element = self.element, "an answer of the Agent API is no XML");
        }
        bytes
    }

    fn to_element(&self) -> Element {
        let mut element = Element::bare(self.element, NAMESPACE);
        for (name, field) in &self.fields {
            let text = match field {
                Field::Text(text) => text.clone(),
                Field::Truth(truth) => truth.to_string(),
                Field::Number(number) => number.to_string(),
                Field::Time(time) => Timestamp::from_second(time.as_second()).unwrap_or(*time).to_string(),
                Field::Null => continue,
            };
            set(&mut element, name, text);
        }
        for (name, value) in self.claims.iter().flatten() {
            let mut claim = Element::bare("Claim", NAMESPACE);
            set(&mut claim, "name", name.clone());
            set(&mut claim, "value", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            element.append_child(claim);
        }
        if let Some(inner) = &self.inner {
            element.append_child(inner.to_element());
        }
        element
    }
}

fn set(element: &mut Element, name: &str, value: String) {
    if let Ok(name) = NcName::try_from(name) {
        element.set_attr(Namespace::NONE, name, value);
    }
}

/// The form that the client wants: the one with the higher quality, then the one that is named more exactly, then JSON
/// (RFC 9110 §12.5.1). Many clients name none; those that sent XML get XML.
pub fn format(headers: &HeaderMap) -> Result<Format, Problem> {
    let lines: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    let ranges =
        || lines.iter().flat_map(|line| line.split(',')).map(str::trim).filter(|range| !range.is_empty());
    let sent_xml = form::essence(headers).to_ascii_lowercase().ends_with("/xml");
    let usual = if sent_xml { Format::Xml } else { Format::Json };
    if ranges().next().is_none() {
        return Ok(usual);
    }
    let json = ranges().filter_map(|range| rank(range, &["application/json", "text/json"])).max();
    let xml = ranges().filter_map(|range| rank(range, &["text/xml", "application/xml"])).max();
    match (json, xml) {
        (Some(json), Some(xml)) if json == xml => Ok(usual),
        (json, xml) if json > xml => Ok(Format::Json),
        (_, Some(_)) => Ok(Format::Xml),
        _ => {
            Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "This can be had as application/json or text/xml."))
        }
    }
}

/// How much a range of an `Accept` header wants one of these kinds: its quality in thousandths, and how exactly it is named.
fn rank(range: &str, kinds: &[&str]) -> Option<(u16, u8)> {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let exactness = match kind.strip_suffix("/*") {
        Some("*") => 0,
        Some(wide) if kinds.iter().any(|kind| kind.split('/').next() == Some(wide)) => 1,
        None if kinds.contains(&kind.as_str()) => 2,
        _ => return None,
    };
    let quality = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok())?
    });
    let quality = quality.unwrap_or(1.0).clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1000")]
    let thousandths = (quality * 1000.0) as u16;
    (thousandths > 0).then_some((thousandths, exactness))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: Option<&str>, content_type: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, accept.parse().unwrap());
        }
        format(&headers).ok()
    }

    #[test]
    fn the_form_is_the_one_that_is_asked_for_and_json_by_default() {
        let json = "application/json";
        for (accept, format) in [
            (None, Some(Format::Json)),
            (Some(""), Some(Format::Json)),
            (Some("*/*"), Some(Format::Json)),
            (Some("application/json"), Some(Format::Json)),
            (Some("text/xml"), Some(Format::Xml)),
            (Some("Application/XML; charset=utf-8"), Some(Format::Xml)),
            (Some("text/html, text/xml;q=0.9, application/json;q=0.8"), Some(Format::Xml)),
            (Some("application/json, text/plain, */*"), Some(Format::Json)),
            (Some("text/xml, */*"), Some(Format::Xml)),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some(Format::Json)),
            (Some("application/json;q=0, */*"), Some(Format::Json)),
            (Some("text/plain"), None),
            (Some("image/png"), None),
            (Some("application/json;q=0"), None),
        ] {
            assert_eq!(chosen(accept, json), format, "{accept:?}");
        }
        assert_eq!(chosen(None, "text/xml; charset=utf-8"), Some(Format::Xml));
        assert_eq!(chosen(Some("*/*"), "application/xml"), Some(Format::Xml));
        assert_eq!(chosen(Some("application/json"), "text/xml"), Some(Format::Json));
    }

    #[test]
    fn times_are_seconds_in_json_and_words_in_xml() {
        let time: Timestamp = "2026-11-21T12:00:00.75Z".parse().unwrap();
        let answer = || {
            Answer::new("LoggedIn")
                .with("jwt", Field::Text("a.b.c".to_owned()))
                .with("expires", Field::Time(time))
                .with("enabled", Field::Truth(true))
                .with("eMail", Field::Null)
        };
        assert_eq!(
            answer().json(),
            json!({ "jwt": "a.b.c", "expires": 1_795_262_400, "enabled": true, "eMail": null })
        );
        let xml: Element = String::from_utf8(answer().xml()).unwrap().parse().unwrap();
        assert!(xml.is("LoggedIn", NAMESPACE));
        assert_eq!(xml.attr("expires"), Some("2026-11-21T12:00:00Z"));
        assert_eq!((xml.attr("enabled"), xml.attr("eMail")), (Some("true"), None));
    }

    proptest::proptest! {
        #[test]
        fn every_text_that_xml_can_hold_comes_through_both_forms(text in "[\\PC]{0,40}") {
            let answer = Answer::new("EMailVerified").with("eMail", Field::Text(text.clone()));
            let json = answer.json();
            proptest::prop_assert_eq!(json["eMail"].as_str(), Some(text.as_str()));
            let xml: Element = String::from_utf8(answer.xml()).unwrap().parse().unwrap();
            proptest::prop_assert_eq!(xml.attr("eMail"), Some(text.as_str()));
        }

        #[test]
        fn no_accept_header_makes_it_panic(accept in "[ -~]{0,60}") {
            let _ = chosen(Some(&accept), "application/json");
        }
    }
}
