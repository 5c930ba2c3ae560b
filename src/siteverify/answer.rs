//! What a service answers, and what that is worth.

use serde::Deserialize;

use super::SiteRules;

/// The fields that count, of all known services. Others are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    success: bool,
    hostname: Option<String>,
    action: Option<String>,
    score: Option<f64>,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

/// What an answer is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Person,
    /// Right, but for another page or action, or of too low a score.
    NotHere {
        what: &'static str,
    },
    Refused,
    /// The service finds fault with us and not with the person.
    OurFault {
        codes: String,
    },
}

/// The codes about the person's response, by all services; every other one is about the secret, the request or the service.
const ABOUT_THE_RESPONSE: [&str; 6] = [
    "missing-input-response",
    "invalid-input-response",
    "timeout-or-duplicate",
    "expired-input-response",
    "already-seen-response",
    "invalid-or-already-seen-response",
];

impl Answer {
    /// Reads a body; `None` for one that is no answer.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Holds it against the rules.
    pub(super) fn judge(self, rules: &SiteRules) -> Judged {
        let Self { success, hostname, action, score, error_codes } = self;
        if !success {
            let about_us = |code: &&String| !ABOUT_THE_RESPONSE.contains(&code.as_str());
            let codes: Vec<_> = error_codes.iter().filter(about_us).map(|code| plain(code)).collect();
            return if codes.is_empty() {
                Judged::Refused
            } else {
                Judged::OurFault { codes: codes.join(" ") }
            };
        }
        let here = |said: &Option<String>, allowed: &[String]| {
            allowed.is_empty()
                || said.as_ref().is_some_and(|said| allowed.iter().any(|own| own.eq_ignore_ascii_case(said)))
        };
        if !here(&hostname, &rules.hostnames) {
            return Judged::NotHere { what: "hostname" };
        }
        if !here(&action, rules.action.as_slice()) {
            return Judged::NotHere { what: "action" };
        }
        // A score that is missing or no number is none.
        match rules.least_score {
            Some(least) if score.is_none_or(|score| score.is_nan() || score < least) => {
                Judged::NotHere { what: "score" }
            }
            _ => Judged::Person,
        }
    }
}

/// A code as it may stand in a log.
fn plain(code: &str) -> String {
    code.chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(body: &str, rules: &SiteRules) -> Judged {
        Answer::read(body.as_bytes()).unwrap().judge(rules)
    }

    fn strict() -> SiteRules {
        SiteRules {
            hostnames: vec!["accounts.chat.example".to_owned()],
            action: Some("register".to_owned()),
            least_score: Some(0.5),
        }
    }

    #[test]
    fn success_counts_for_the_own_page_the_own_action_and_a_good_score_only() {
        let full = r#"{"success":true,"hostname":"Accounts.chat.example","action":"register","score":0.5,"challenge_ts":"2026-11-21T12:00:00Z"}"#;
        assert_eq!(judged(full, &strict()), Judged::Person);
        assert_eq!(judged(r#"{"success":true}"#, &SiteRules::default()), Judged::Person);
        for (from, to, what) in [
            ("Accounts.chat.example", "evil.example", "hostname"),
            ("\"hostname\"", "\"host\"", "hostname"),
            ("\"register\"", "\"login\"", "action"),
            ("\"action\"", "\"a\"", "action"),
            ("0.5", "0.49", "score"),
            ("\"score\"", "\"s\"", "score"),
        ] {
            assert_eq!(
                judged(&full.replace(from, to), &strict()),
                Judged::NotHere { what },
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_the_response_is_told_apart_from_what_is_wrong_with_us() {
        for codes in ["", r#""timeout-or-duplicate""#, r#""invalid-input-response","timeout-or-duplicate""#] {
            let body = format!(r#"{{"success":false,"error-codes":[{codes}]}}"#);
            assert_eq!(judged(&body, &strict()), Judged::Refused, "{codes}");
        }
        assert_eq!(judged(r#"{"success":false}"#, &strict()), Judged::Refused);
        for code in ["invalid-input-secret", "internal-error", "bad-request", "sitekey-secret-mismatch"] {
            let body = format!(r#"{{"success":false,"error-codes":["timeout-or-duplicate","{code}"]}}"#);
            assert_eq!(judged(&body, &strict()), Judged::OurFault { codes: code.to_owned() });
        }
        let odd = r#"{"success":false,"error-codes":["a\nb ERROR c"]}"#;
        assert_eq!(judged(odd, &strict()), Judged::OurFault { codes: "a?b?ERROR?c".to_owned() });
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for body in [
            "",
            "{}",
            "[]",
            "true",
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            "<html>",
            r#"{"success":true"#,
        ] {
            assert!(Answer::read(body.as_bytes()).is_none(), "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            if let Some(answer) = Answer::read(&bytes) {
                let _ = answer.judge(&strict());
            }
        }
    }
}
