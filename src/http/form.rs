//! Reading what a browser sent: a small, strict `application/x-www-form-urlencoded` body or query (URL standard §5.1). Whatever no
//! browser would send is refused with the status that says why.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use zeroize::Zeroizing;

use crate::accounts::form::{Field, RawForm};

/// Most bytes of a body.
pub const MAX_BODY: usize = 16 * 1024;
/// Most fields of a form or query.
const MAX_PAIRS: usize = 32;

/// Names and values as sent. Values count as secret; there is no `Debug`.
pub struct Pairs(Vec<(String, Zeroizing<String>)>);

/// A request that no page of ours makes a browser send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadForm {
    /// Not a form.
    ContentType,
    /// More bytes than a form has.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// Bad escapes, bytes that are no text, a field twice, too many fields, or a body cut short.
    Malformed,
}

impl BadForm {
    /// The status that says it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a form from a request's body.
pub async fn read(headers: &HeaderMap, body: Body, limit: Duration) -> Result<Pairs, BadForm> {
    if !essence(headers).eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(BadForm::ContentType);
    }
    Pairs::parse(&read_whole(body, limit).await?)
}

/// The same, and also `multipart/form-data` (RFC 7578) without files; in UTF-8.
pub async fn read_any(headers: &HeaderMap, body: Body, limit: Duration) -> Result<Pairs, BadForm> {
    if !is_utf8(headers) {
        return Err(BadForm::ContentType);
    }
    if !essence(headers).eq_ignore_ascii_case("multipart/form-data") {
        return read(headers, body, limit).await;
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|_| BadForm::Malformed)?;
    let bytes = read_whole(body, limit).await?;
    Pairs::of_multipart(bytes, boundary).await
}

/// Whether nothing else is said than that the body is UTF-8.
pub fn is_utf8(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = kind.split(';').skip(1).filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    said.is_none_or(|set| ["utf-8", "utf8", "us-ascii"].iter().any(|known| set.eq_ignore_ascii_case(known)))
}

/// Reads a body of at most [`MAX_BODY`] bytes.
pub async fn read_whole(body: Body, limit: Duration) -> Result<Bytes, BadForm> {
    let whole = tokio::time::timeout(limit, Limited::new(body, MAX_BODY).collect());
    match whole.await {
        Err(_) => Err(BadForm::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BadForm::TooLarge),
        Ok(Err(_)) => Err(BadForm::Malformed),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
    }
}

/// What a body is said to be, without its parameters.
pub fn essence(headers: &HeaderMap) -> &str {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    content_type.split(';').next().unwrap_or("").trim()
}

impl Pairs {
    /// Takes a body or query apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        let mut pairs = Vec::new();
        for pair in bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MAX_PAIRS {
                return Err(BadForm::Malformed);
            }
            let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            pairs.push((decode(name)?, Zeroizing::new(decode(value)?)));
        }
        Ok(Self(pairs))
    }

    async fn of_multipart(bytes: Bytes, boundary: String) -> Result<Self, BadForm> {
        let whole = futures::stream::once(async { Ok::<_, std::convert::Infallible>(bytes) });
        let mut parts = multer::Multipart::new(whole, boundary);
        let mut pairs = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| BadForm::Malformed)? {
            let name = part.name().map(str::to_owned).filter(|_| part.file_name().is_none());
            let name = name.filter(|_| pairs.len() < MAX_PAIRS).ok_or(BadForm::Malformed)?;
            let value = part.bytes().await.map_err(|_| BadForm::Malformed)?;
            let value = std::str::from_utf8(&value).map_err(|_| BadForm::Malformed)?;
            pairs.push((name, Zeroizing::new(value.to_owned())));
        }
        Ok(Self(pairs))
    }

    /// The same whatever the case of its name.
    pub fn in_any_case(&self, name: &str) -> Result<Option<&str>, BadForm> {
        Self::single(self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)))
    }

    /// The value of a field that may be there once, or not at all.
    pub fn one(&self, name: &str) -> Result<Option<&str>, BadForm> {
        Self::single(self.0.iter().filter(|(key, _)| key == name))
    }

    fn single<'p>(
        mut pairs: impl Iterator<Item = &'p (String, Zeroizing<String>)>,
    ) -> Result<Option<&'p str>, BadForm> {
        match (pairs.next(), pairs.next()) {
            (pair, None) => Ok(pair.map(|(_, value)| value.as_str())),
            (_, Some(_)) => Err(BadForm::Malformed),
        }
    }

    /// The value of a field, empty when it is not there.
    pub fn text(&self, name: &str) -> Result<&str, BadForm> {
        self.one(name).map(Option::unwrap_or_default)
    }

    /// The fields of the registration form; the form itself tells repeated ones.
    pub fn raw_form(&self) -> RawForm {
        let mut form = RawForm::default();
        for (name, value) in &self.0 {
            if let Some(field) = Field::of_name(name) {
                form.set(field, value.to_string());
            }
        }
        form
    }
}

/// `%41` and `+` to text; strict, where browsers' own parsers put replacement characters.
fn decode(bytes: &[u8]) -> Result<String, BadForm> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let (digits, tail) = rest.split_first_chunk::<2>().ok_or(BadForm::Malformed)?;
                out.push(hex(digits[0])? << 4 | hex(digits[1])?);
                rest = tail;
            }
            &byte => out.push(byte),
        }
    }
    String::from_utf8(out).map_err(|_| BadForm::Malformed)
}

fn hex(digit: u8) -> Result<u8, BadForm> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(BadForm::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_is_taken_apart() {
        let pairs = Pairs::parse(b"username=al%C3%A9+x&password=a%26b%3D&&empty=&bare").unwrap();
        assert_eq!(pairs.one("username"), Ok(Some("al\u{e9} x")));
        assert_eq!(pairs.one("password"), Ok(Some("a&b=")));
        assert_eq!(pairs.one("empty"), Ok(Some("")));
        assert_eq!(pairs.one("bare"), Ok(Some("")));
        assert_eq!(pairs.one("missing"), Ok(None));
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for body in ["a=%", "a=%4", "a=%zz", "a=%ff%fe", "%c3=a", "a=\u{0}%c0%80"] {
            assert!(matches!(Pairs::parse(body.as_bytes()), Err(BadForm::Malformed)), "{body}");
        }
        assert!(Pairs::parse(&[b'a', b'=', 0xff]).is_err());
        assert!(Pairs::parse("a=1&".repeat(33).as_bytes()).is_err());
        assert!(Pairs::parse("a=1&".repeat(32).as_bytes()).is_ok());
        let twice = Pairs::parse(b"csrf=1&csrf=1").unwrap();
        assert_eq!(twice.one("csrf"), Err(BadForm::Malformed));
    }

    #[test]
    fn repeated_fields_reach_the_one_form() {
        let form = Pairs::parse(b"username=a&username=b&unknown=c").unwrap().raw_form();
        let policy =
            crate::accounts::DomainPolicy::new(crate::accounts::Domain::parse("example.org").unwrap());
        let errors = crate::accounts::form::parse(&form, &policy).unwrap_err();
        assert!(errors.iter().any(|error| error.problem == crate::accounts::FieldProblem::Repeated));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Pairs::parse(&bytes);
        }

        #[test]
        fn every_text_comes_through(text in ".{0,50}") {
            let body: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("k", &text).finish();
            let pairs = Pairs::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(pairs.one("k"), Ok(Some(text.as_str())));
        }
    }
}
