//! The resources as OpenAPI describes them: what each takes, answers and refuses. The fields are attributes of one element in XML.

use serde_json::{Map, Value, json};

use super::{NAMESPACE, Resource};
use crate::{
    accounts::TokenLifetime,
    http::openapi::{Answered, Operation, PASSWORD, SESSION, TOKEN},
};

/// What a field holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Secret,
    Email,
    Phone,
    /// Digits, as a text or a number.
    Code,
    Nonce,
    Seconds,
    Truth,
    Number,
    /// Whole seconds since 1970.
    Time,
    /// A text, or `null` for a pending account.
    Known,
    Claims,
}

use Kind::{Claims, Code, Email, Known, Nonce, Number, Phone, Seconds, Secret, Text, Time, Truth};

/// A field: its name, what it holds, and whether it is always there.
type Field = (&'static str, Kind, bool);

const BODIES: &[&str] = &["application/json", "text/xml"];
const FORMS: &[&str] = &["application/x-www-form-urlencoded", "multipart/form-data"];
const TEXT: &[&str] = &["text/plain"];
const PAGE: &[&str] = &["text/html"];

/// What every new account is answered with.
const MADE: &[Field] = &[
    ("created", Time, true),
    ("enabled", Truth, true),
    ("canRelay", Truth, true),
    ("jwt", Secret, true),
    ("expires", Time, true),
];

/// What a resource takes and answers.
struct Described {
    summary: &'static str,
    security: Vec<&'static str>,
    element: &'static str,
    request: &'static [Field],
    answer: (&'static str, Vec<Field>),
    /// What it refuses beside what all of them refuse.
    refuses: &'static [(u16, &'static str)],
}

/// Every resource, once for each method.
pub fn operations() -> Vec<Operation> {
    Resource::ALL
        .into_iter()
        .flat_map(|(resource, name)| {
            let path = format!("/Agent/Account/{name}");
            match described(resource) {
                Some(described) => vec![operation(resource, path, described)],
                None => web_form(&path),
            }
        })
        .collect()
}

fn operation(resource: Resource, path: String, described: Described) -> Operation {
    let Described { summary, security, element, request, answer: (name, fields), refuses } = described;
    let is_get = resource == Resource::DomainInfo;
    let content = Some((BODIES, answered(name, &fields)));
    let done = Answered { status: 200, means: "Done.", content, headers: &[] };
    Operation {
        path,
        method: if is_get { "get" } else { "post" },
        summary,
        security,
        request: (!is_get).then(|| (BODIES, schema(element, request))),
        answers: [done].into_iter().chain(refused(refuses, is_get)).collect(),
    }
}

/// In the order of the documentation (`docs/api.md`); `None` for the one that is a page.
#[expect(clippy::too_many_lines, reason = "a table with one entry for each resource")]
fn described(resource: Resource) -> Option<Described> {
    const NOT_LOGGED_IN: (u16, &str) = (401, "No token, or one that no longer counts.");
    let logged_in = || ("LoggedIn", vec![("jwt", Secret, true), ("expires", Time, true)]);
    let everybody = Vec::new;
    Some(match resource {
        Resource::CreateWebForm => return None,
        Resource::DomainInfo => Described {
            summary: "What the service is.",
            security: everybody(),
            element: "",
            request: &[],
            answer: (
                "DomainInfo",
                vec![
                    ("domain", Text, true),
                    ("useEncryption", Truth, true),
                    ("humanReadableName", Text, true),
                ],
            ),
            refuses: &[],
        },
        Resource::Create => Described {
            summary: "Makes an account with an API key, pending until what it gives is proven.",
            security: everybody(),
            element: "CreateAccount",
            request: &[
                ("userName", Text, true),
                ("eMail", Email, true),
                ("phoneNr", Phone, false),
                ("password", Secret, true),
                ("apiKey", Text, true),
                ("nonce", Nonce, true),
                ("signature", Text, true),
                ("seconds", Seconds, true),
                ("language", Text, false),
            ],
            answer: (
                "AccountCreated",
                [MADE, &[("eMailCodeSent", Truth, true), ("phoneNrCodeSent", Truth, true)]].concat(),
            ),
            refuses: &[(409, "The name is taken; X-AlternativeName1 and on are free.")],
        },
        Resource::GetSessionToken => Described {
            summary: "The token of the account that was made with CreateWebForm in this browser.",
            security: vec![SESSION],
            element: "GetSessionToken",
            request: &[],
            answer: ("SessionToken", vec![("seconds", Number, true)]),
            refuses: &[],
        },
        Resource::VerifyEMail => Described {
            summary: "Proves an e-mail address with the code that was sent there.",
            security: everybody(),
            element: "VerifyEMail",
            request: &[("eMail", Email, true), ("code", Code, true)],
            answer: ("EMailVerified", vec![("eMail", Text, true), ("userName", Text, true)]),
            refuses: &[(409, "The address belongs to another account by now.")],
        },
        Resource::VerifyPhoneNr => Described {
            summary: "Proves a phone number with the code that was sent there.",
            security: everybody(),
            element: "VerifyPhoneNr",
            request: &[("phoneNr", Phone, true), ("code", Code, true)],
            answer: ("PhoneNrVerified", vec![("phoneNr", Text, true), ("userName", Text, true)]),
            refuses: &[],
        },
        Resource::ResendVerificationCodes => Described {
            summary: "Sends the codes once more.",
            security: vec![TOKEN],
            element: "ResendVerificationCodes",
            request: &[("eMail", Email, false), ("phoneNr", Phone, false)],
            answer: ("AckResponse", Vec::new()),
            refuses: &[NOT_LOGGED_IN],
        },
        Resource::Login => Described {
            summary: "A token for name and password; or, where a domain allows it, for a nonce and a signature in place of the password.",
            security: everybody(),
            element: "Login",
            request: &[
                ("userName", Text, true),
                ("password", Secret, false),
                ("nonce", Nonce, false),
                ("signature", Text, false),
                ("seconds", Seconds, true),
            ],
            answer: logged_in(),
            refuses: &[],
        },
        Resource::WwwLogin => Described {
            summary: "A token for name and password by HTTP Basic.",
            security: vec![PASSWORD],
            element: "WwwLogin",
            request: &[("seconds", Seconds, true)],
            answer: logged_in(),
            refuses: &[(401, "No name and password, or wrong ones.")],
        },
        Resource::Refresh => Described {
            summary: "A fresh token for one that still counts.",
            security: vec![TOKEN],
            element: "Refresh",
            request: &[("seconds", Seconds, true)],
            answer: logged_in(),
            refuses: &[NOT_LOGGED_IN],
        },
        Resource::Logout => Described {
            summary: "Ends a token before its time.",
            security: vec![TOKEN],
            element: "Logout",
            request: &[],
            answer: ("AckResponse", Vec::new()),
            refuses: &[NOT_LOGGED_IN],
        },
        Resource::Recover => Described {
            summary: "Sends a code for a new password to the proven address or number. Whether there is one is not told.",
            security: everybody(),
            element: "Recover",
            request: &[
                ("userName", Text, false),
                ("personalNr", Text, false),
                ("country", Text, false),
                ("eMail", Email, false),
                ("phoneNr", Phone, false),
            ],
            answer: ("RecoverResponse", Vec::new()),
            refuses: &[],
        },
        Resource::Info => Described {
            summary: "What is known about the account.",
            security: vec![TOKEN],
            element: "Info",
            request: &[],
            answer: (
                "AccountInfo",
                vec![
                    ("userName", Text, true),
                    ("created", Time, true),
                    ("enabled", Truth, true),
                    ("eMail", Known, true),
                    ("eMailVerified", Time, false),
                    ("phoneNr", Known, true),
                    ("phoneNrVerified", Time, false),
                ],
            ),
            refuses: &[NOT_LOGGED_IN],
        },
        Resource::AuthenticateJwt => Described {
            summary: "Whether a token counts, and what it says. Without one in the request, that of the header.",
            security: vec![TOKEN],
            element: "AuthenticateJwt",
            request: &[("token", Secret, false)],
            answer: (
                "ValidJwt",
                vec![
                    ("header", Text, true),
                    ("payload", Text, true),
                    ("signature", Text, true),
                    ("algorithm", Text, true),
                    ("type", Text, true),
                    ("issuer", Text, true),
                    ("subject", Text, true),
                    ("id", Text, true),
                    ("expiration", Time, true),
                    ("issuedAt", Time, true),
                    ("claims", Claims, true),
                ],
            ),
            refuses: &[NOT_LOGGED_IN],
        },
    })
}

/// The page, and the form that is posted to it.
fn web_form(path: &str) -> Vec<Operation> {
    let fields: &[Field] = &[
        ("UserName", Text, true),
        ("EMail", Email, true),
        ("PhoneNr", Phone, false),
        ("Password", Secret, true),
        ("RedirectionUrl", Text, false),
        ("g-recaptcha-response", Text, false),
        ("Seconds", Seconds, false),
        ("Language", Text, false),
    ];
    let page = Some((PAGE, json!({ "type": "string" })));
    let show = Operation {
        path: path.to_owned(),
        method: "get",
        summary: "How the web form stands, and a form that works.",
        security: Vec::new(),
        request: None,
        answers: [Answered { status: 200, means: "The page.", content: page, headers: &[] }]
            .into_iter()
            .chain(refused(&[], true))
            .collect(),
    };
    let made =
        "The account is made, and the browser is logged in and sent on. Names of fields come in any case.";
    let sent_on = Answered { status: 303, means: made, content: None, headers: &["Location", "Set-Cookie"] };
    let submit = Operation {
        path: path.to_owned(),
        method: "post",
        summary: "Makes an account behind a CAPTCHA, pending until what it gives is proven.",
        security: Vec::new(),
        request: Some((FORMS, schema("", fields))),
        answers: [sent_on].into_iter().chain(refused(&[(409, "The name is taken.")], false)).collect(),
    };
    vec![show, submit]
}

/// What every resource refuses, and what this one does beside it; always with a plain text.
fn refused(more: &[(u16, &'static str)], is_get: bool) -> Vec<Answered> {
    let with_body: &[(u16, &str)] = &[
        (400, "A field is missing, or no such value."),
        (408, "The request did not arrive in time."),
        (413, "The request is too large."),
        (415, "The request has another media type or charset."),
    ];
    let all: &[(u16, &str)] = &[
        (403, "Not allowed, or not encrypted; the text says which."),
        (404, "There is no such domain or account."),
        (405, "The resource is for another method."),
        (406, "The answer can only be had in JSON and XML."),
        (429, "Too often; Retry-After says when to try again."),
        (500, "Something is out of order; the text has a reference that is in the log."),
        (503, "Too busy; Retry-After says when to try again."),
    ];
    let with_body = if is_get { &[] } else { with_body };
    with_body
        .iter()
        .chain(all)
        .chain(more)
        .map(|&(status, means)| Answered {
            status,
            means,
            content: Some((TEXT, json!({ "type": "string" }))),
            headers: match status {
                429 | 503 => &["Retry-After"],
                401 => &["WWW-Authenticate"],
                405 => &["Allow"],
                _ => &[],
            },
        })
        .collect()
}

/// An answer; one that carries another has it under its name.
fn answered(element: &str, fields: &[Field]) -> Value {
    let mut whole = schema(element, fields);
    if element == "SessionToken" {
        whole["properties"]["AccountCreated"] = schema("AccountCreated", MADE);
        whole["required"] = json!(["seconds", "AccountCreated"]);
    }
    // What is answered is all that there is.
    whole["additionalProperties"] = json!(false);
    whole
}

fn schema(element: &str, fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|(name, kind, _)| ((*name).to_owned(), kind.schema())).collect();
    let required: Vec<&str> = fields.iter().filter(|(.., always)| *always).map(|(name, ..)| *name).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required });
    if !element.is_empty() {
        schema["xml"] = json!({ "name": element, "namespace": NAMESPACE });
    }
    schema
}

impl Kind {
    fn schema(self) -> Value {
        let seconds = json!({ "type": "integer", "minimum": 1, "maximum": TokenLifetime::MOST });
        let mut schema = match self {
            Text => json!({ "type": "string" }),
            Secret => json!({ "type": "string", "format": "password" }),
            Email => json!({ "type": "string", "format": "email" }),
            Phone => json!({ "type": "string", "description": "With the country code (E.164)." }),
            Code => json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            Nonce => {
                json!({ "type": "string", "minLength": 32, "maxLength": 256, "description": "Never used before." })
            }
            Seconds => {
                json!({ "anyOf": [seconds, { "type": "string" }], "description": "How long the token shall count." })
            }
            Truth => json!({ "type": "boolean" }),
            Number => json!({ "type": "integer" }),
            Time => {
                json!({ "type": "integer", "description": "Whole seconds since 1970 in JSON, ISO 8601 in XML." })
            }
            Known => {
                json!({ "type": ["string", "null"], "description": "Null for a pending account, empty for none." })
            }
            Claims => return json!({ "type": "object", "description": "One element for each in XML." }),
        };
        schema["xml"] = json!({ "attribute": true });
        schema
    }
}
