//! `[sms]`: how text messages leave the house.

use std::{path::PathBuf, time::Duration};

use hyper::{Method, header::HeaderName};
use secrecy::SecretString;
use toml::de::DeValue;
use url::Url;

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
    secret::{Secrets, secret},
};
use crate::accounts::{Encoding, GatewayTemplate, is_private};

/// How text messages leave the house.
#[derive(Debug, Clone)]
pub enum Sms {
    /// There are none.
    Off,
    /// Files in a folder.
    Spool(PathBuf),
    /// By the HTTP interface of a gateway.
    Gateway(Box<SmsGateway>),
}

/// The HTTP interface of a gateway.
#[derive(Debug, Clone)]
pub struct SmsGateway {
    /// What logs call it.
    pub name: &'static str,
    /// Its resource.
    pub url: GatewayTemplate,
    /// How it is called.
    pub method: Method,
    /// The headers.
    pub headers: Vec<(HeaderName, GatewayTemplate)>,
    /// What is sent.
    pub body: GatewayTemplate,
    /// How values in it are written; as its `Content-Type` says.
    pub encoding: Encoding,
    /// What an answer must say.
    pub expect: Option<(String, String)>,
    /// Whom messages come from.
    pub from: String,
    /// The account there.
    pub account: String,
    /// What proves that it is ours; `None` where no template needs it, or the command did not ask for it.
    pub secret: Option<SecretString>,
    /// How long it may take.
    pub timeout: Duration,
}

/// How a known gateway wants to be called.
#[derive(Debug, Clone, Copy)]
struct Preset {
    name: &'static str,
    url: Option<&'static str>,
    headers: &'static [&'static str],
    body: Option<&'static str>,
    expect: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Transport {
    Off,
    Spool,
    Gateway(Preset),
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

const TWILIO: Preset = Preset {
    name: "twilio",
    url: Some("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"),
    headers: &[FORM, "Authorization: Basic {basic}"],
    body: Some("To={to}&From={from}&Body={text}"),
    expect: None,
};

const VONAGE: Preset = Preset {
    name: "vonage",
    url: Some("https://rest.nexmo.com/sms/json"),
    headers: &[FORM],
    body: Some("api_key={account}&api_secret={secret}&to={to_digits}&from={from}&text={text}&type=unicode"),
    // Its status is 200 also for what it does not take.
    expect: Some("/messages/0/status=0"),
};

const GATEWAYAPI: Preset = Preset {
    name: "gatewayapi",
    url: Some("https://gatewayapi.com/rest/mtsms"),
    headers: &["Content-Type: application/json", "Authorization: Token {secret}"],
    body: Some(
        r#"{"sender":"{from}","message":"{text}","encoding":"UCS2","recipients":[{"msisdn":{to_digits}}]}"#,
    ),
    expect: None,
};

const HTTP: Preset = Preset { name: "http", url: None, headers: &[FORM], body: None, expect: None };

const TRANSPORT: OptionDef = OptionDef {
    key: "transport",
    allowed: "\"off\", \"spool\", \"twilio\", \"vonage\", \"gatewayapi\" or \"http\"",
    default: Fallback::Value("\"off\""),
    example: "\"twilio\"",
    doc: "Who takes text messages: nobody, so that no domain can ask for phone numbers; a folder, for trying out; a gateway that is known here; or any other one, described by `url`, `headers` and `body`.",
};

const FROM: OptionDef = OptionDef {
    key: "from",
    allowed: "a text",
    default: Fallback::Described("must be given with a gateway"),
    example: "\"+15005550006\"",
    doc: "Whom messages come from: a number, or a name of at most eleven letters where the gateway and the country take one.",
};

const ACCOUNT: OptionDef = OptionDef {
    key: "account",
    allowed: "a text",
    default: Fallback::Described("must be given with `twilio` and `vonage`"),
    example: "\"AC0123456789abcdef0123456789abcdef\"",
    doc: "The name of your account there: Twilio's Account SID, Vonage's API key.",
};

const SECRET_FILE: OptionDef = OptionDef {
    key: "secret_file",
    allowed: "the path of a file with mode 0600 that holds one line",
    default: Fallback::Value("\"secrets/sms.secret\""),
    example: "\"secrets/sms.secret\"",
    doc: "What proves that it is you: Twilio's Auth Token, Vonage's API secret, the API token of GatewayAPI. The environment variable `OSTIARY_SMS_SECRET` takes its place.",
};

const SPOOL_DIR: OptionDef = OptionDef {
    key: "spool_dir",
    allowed: "the path of a folder",
    default: Fallback::Value("\"spool/sms\""),
    example: "\"spool/sms\"",
    doc: "Folder for the messages of `transport = \"spool\"`, as `.txt` files. They hold codes: keep it closed to others.",
};

const URL: OptionDef = OptionDef {
    key: "url",
    allowed: "an address that starts with https://, or with http:// on this machine; {account} and {to} may stand in it, no secret",
    default: Fallback::Described("that of the gateway"),
    example: "\"https://sms.example/send\"",
    doc: "The resource that is called.",
};

const METHOD: OptionDef = OptionDef {
    key: "method",
    allowed: "\"POST\" or \"PUT\"",
    default: Fallback::Value("\"POST\""),
    example: "\"POST\"",
    doc: "How it is called.",
};

const HEADERS: OptionDef = OptionDef {
    key: "headers",
    allowed: "a list of \"Name: value\"; one of them is Content-Type, application/json or application/x-www-form-urlencoded",
    default: Fallback::Described("those of the gateway"),
    example: "[\"Content-Type: application/json\", \"Authorization: Bearer {secret}\"]",
    doc: "Its headers. In headers and `body` stand `{to}` (the number with its +), `{to_digits}` (without), `{text}`, `{from}`, `{account}`, `{secret}` and `{basic}` (account and secret for HTTP Basic).",
};

const BODY: OptionDef = OptionDef {
    key: "body",
    allowed: "a text of at most 1000 bytes",
    default: Fallback::Described("that of the gateway"),
    example: "'{\"to\": \"{to}\", \"text\": \"{text}\"}'",
    doc: "What is sent. GatewayValues are written as the `Content-Type` asks for, so that no text can become something else; in JSON put quotes around their places.",
};

const EXPECT: OptionDef = OptionDef {
    key: "expect",
    allowed: "a place in the answer (JSON Pointer, RFC 6901), `=`, and its value",
    default: Fallback::Described("that of the gateway, else a status of 200 to 299 alone"),
    example: "\"/status=queued\"",
    doc: "What an answer must say, beside a status of success, for a message to count as sent. Otherwise it is tried again while its code lasts.",
};

const TIMEOUT: OptionDef = OptionDef {
    key: "timeout",
    allowed: "a time from \"1s\" to \"60s\"",
    default: Fallback::Value("\"15s\""),
    example: "\"15s\"",
    doc: "How long the gateway may take.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "sms",
    times: Times::Once,
    doc: "How text messages leave the house, with the codes that prove phone numbers. How many may be sent is set in `[limits]`.",
    options: &[
        &TRANSPORT,
        &FROM,
        &ACCOUNT,
        &SECRET_FILE,
        &SPOOL_DIR,
        &URL,
        &METHOD,
        &HEADERS,
        &BODY,
        &EXPECT,
        &TIMEOUT,
    ],
};

pub(super) fn read(section: &Section<'_>) -> Option<Sms> {
    let transport = section.get(
        &TRANSPORT,
        kinds::choice(&[
            ("off", Transport::Off),
            ("spool", Transport::Spool),
            ("twilio", Transport::Gateway(TWILIO)),
            ("vonage", Transport::Gateway(VONAGE)),
            ("gatewayapi", Transport::Gateway(GATEWAYAPI)),
            ("http", Transport::Gateway(HTTP)),
        ]),
    );
    let spool = section.get(&SPOOL_DIR, kinds::text).map(|path| section.path(&path));
    let preset = match transport {
        Some(Transport::Gateway(preset)) => Some(preset),
        _ => None,
    };
    let gateway = gateway(section, preset);
    match transport? {
        Transport::Off => Some(Sms::Off),
        Transport::Spool => spool.map(Sms::Spool),
        Transport::Gateway(_) => gateway.map(|gateway| Sms::Gateway(Box::new(gateway))),
    }
}

/// All options are read, so that every mistake is told; without a preset nothing comes of it.
fn gateway(section: &Section<'_>, preset: Option<Preset>) -> Option<SmsGateway> {
    let own_url = section.optional(&URL, url);
    let method = section.get(&METHOD, kinds::choice(&[("POST", false), ("PUT", true)]));
    let own_headers = section.optional(&HEADERS, kinds::list(header));
    let own_body = section.optional(&BODY, template);
    let own_expect = section.optional(&EXPECT, expectation);
    let from = section.optional(&FROM, kinds::text);
    let account = section.optional(&ACCOUNT, kinds::text);
    let timeout = section.get(&TIMEOUT, kinds::duration(1..=60));
    let preset = preset?;

    // The presets are right: a test reads them all.
    let url = own_url.or_else(|| GatewayTemplate::parse(preset.url?).ok());
    let headers = own_headers.or_else(|| preset.headers.iter().map(|line| split_header(line).ok()).collect());
    let body = own_body.or_else(|| GatewayTemplate::parse(preset.body?).ok());
    let expect = own_expect.or_else(|| split_expectation(preset.expect?));
    let missing = |option, given: bool| {
        if !given && !section.has(option) {
            section.note(option, format!("is missing; transport = \"{}\" needs it", preset.name));
        }
    };
    missing(&URL, url.is_some());
    missing(&BODY, body.is_some());
    missing(&FROM, from.is_some());
    let (url, headers, body) = (url?, headers?, body?);
    let places = || headers.iter().map(|(_, value)| value).chain([&body]);
    if !(preset.name == "gatewayapi" || preset.name == "http") {
        missing(&ACCOUNT, account.is_some());
    }
    let Some(encoding) = encoding(&headers) else {
        let message = "needs Content-Type: application/json or application/x-www-form-urlencoded";
        section.note(&HEADERS, message.to_owned());
        return None;
    };
    let wanted = places().any(GatewayTemplate::is_secret) && section.environment().secrets == Secrets::All;
    let secret = if wanted { secret(section, &SECRET_FILE, "OSTIARY_SMS_SECRET") } else { None };
    Some(SmsGateway {
        name: preset.name,
        url,
        method: if method? { Method::PUT } else { Method::POST },
        headers,
        body,
        encoding,
        expect,
        from: from?,
        account: account.unwrap_or_default(),
        secret,
        timeout: Duration::try_from(timeout?).ok()?,
    })
}

/// As the one `Content-Type` among the headers says.
fn encoding(headers: &[(HeaderName, GatewayTemplate)]) -> Option<Encoding> {
    let (_, kind) = headers.iter().find(|(name, _)| *name == hyper::header::CONTENT_TYPE)?;
    let is = |kind: &GatewayTemplate, name: &str| GatewayTemplate::parse(name).as_ref() == Ok(kind);
    [("application/json", Encoding::Json), ("application/x-www-form-urlencoded", Encoding::Form)]
        .into_iter()
        .find(|(name, _)| is(kind, name))
        .map(|(_, encoding)| encoding)
}

fn template(value: &DeValue<'_>) -> Kind<GatewayTemplate> {
    GatewayTemplate::parse(&kinds::text(value)?).map_err(|problem| problem.to_string())
}

fn url(value: &DeValue<'_>) -> Kind<GatewayTemplate> {
    let text = kinds::text(value)?;
    let template = GatewayTemplate::parse(&text).map_err(|problem| problem.to_string())?;
    if template.is_secret() {
        return Err("addresses are logged on the way; put the secret into a header or the body".to_owned());
    }
    // Brackets stay brackets in a path, so it can be judged as it is.
    let address = Url::parse(&text).map_err(|_| "not an address".to_owned())?;
    if address.has_host() && is_private(&address) { Ok(template) } else { Err("not encrypted".to_owned()) }
}

fn header(value: &DeValue<'_>) -> Kind<(HeaderName, GatewayTemplate)> {
    split_header(&kinds::text(value)?)
}

fn split_header(line: &str) -> Kind<(HeaderName, GatewayTemplate)> {
    let (name, value) = line.split_once(':').ok_or_else(|| "not of the form Name: value".to_owned())?;
    let name = name.trim().parse().map_err(|_| "not the name of a header".to_owned())?;
    Ok((name, GatewayTemplate::parse(value.trim()).map_err(|problem| problem.to_string())?))
}

fn expectation(value: &DeValue<'_>) -> Kind<(String, String)> {
    split_expectation(&kinds::text(value)?).ok_or_else(String::new)
}

fn split_expectation(text: &str) -> Option<(String, String)> {
    let (place, value) = text.split_once('=')?;
    place.starts_with('/').then(|| (place.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_can_be_read() {
        for preset in [TWILIO, VONAGE, GATEWAYAPI] {
            let url = preset.url.unwrap();
            assert!(
                Url::parse(url).is_ok_and(|url| url.scheme() == "https")
                    && GatewayTemplate::parse(url).is_ok()
            );
            let headers: Vec<_> = preset.headers.iter().map(|line| split_header(line).unwrap()).collect();
            let body = GatewayTemplate::parse(preset.body.unwrap()).unwrap();
            assert!(headers.iter().map(|(_, value)| value).chain([&body]).any(GatewayTemplate::is_secret));
            assert!(headers.iter().any(|(name, _)| *name == hyper::header::CONTENT_TYPE));
            assert!(preset.expect.is_none_or(|expect| split_expectation(expect).is_some()));
        }
    }
}
