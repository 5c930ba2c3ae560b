//! The options of `[[domain]]` that are about CAPTCHAs.

use toml::de::{DeTable, DeValue};

use super::{
    define::{Fallback, OptionDef},
    kinds,
    reader::{Kind, Section},
};
use crate::accounts::{
    LanguageTag,
    challenge::{BusyRule, CaptchaMode, CaptchaPolicy, MOST_WORK_BITS, Question},
};

pub(super) const MODE: OptionDef = OptionDef {
    key: "captcha",
    allowed: "\"off\", \"always\" or \"when-busy\"",
    default: Fallback::Value("\"off\""),
    example: "\"when-busy\"",
    doc: "Whether people solve a CAPTCHA to register, inside their client and on the web page: never, always, or while more is going on than usual (`captcha_busy_events`). Nothing of it comes from a third party. Programs learn to read pictures, so it slows abuse down and does not end it; people with an invitation or an API key are not asked.",
};

pub(super) const KINDS: OptionDef = OptionDef {
    key: "captcha_kinds",
    allowed: "a list of \"picture\", \"question\" and \"work\", with \"picture\" or \"question\" among them",
    default: Fallback::Value("[\"picture\", \"question\", \"work\"]"),
    example: "[\"picture\", \"question\"]",
    doc: "The CAPTCHAs that are offered together; one right answer is enough. `picture` shows six characters; `question` asks one of `captcha_questions`, and is the way in for people who cannot see a picture; `work` is a calculation for programs (XEP-0158 `SHA-256`), which clients without it show as one more field; on the web page a script does it.",
};

pub(super) const QUESTIONS: OptionDef = OptionDef {
    key: "captcha_questions",
    allowed: "a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
    default: Fallback::Value("[]"),
    example: "[{ lang = \"en\", ask = \"Which town is our club in?\", answers = [\"Graz\"] }]",
    doc: "Questions that the people you want can answer and nobody else. One in the language of the client is asked, or one in the language of the first. Case and spaces of answers do not matter.",
};

pub(super) const WORK_BITS: OptionDef = OptionDef {
    key: "captcha_work_bits",
    allowed: "8 to 32; a multiple of 4 suits most programs",
    default: Fallback::Value("24"),
    example: "24",
    doc: "How much `work` there is: each bit doubles it. 24 bits take a program some seconds.",
};

pub(super) const WEB_WORK_BITS: OptionDef = OptionDef {
    key: "captcha_web_work_bits",
    allowed: "8 to 32",
    default: Fallback::Value("20"),
    example: "20",
    doc: "The same for the script of the web page, which does `work` while people fill in the form, so that they need not read a picture. 20 bits take a computer two seconds and a telephone some more; without scripts the picture and the question are there.",
};

pub(super) const WEB: OptionDef = OptionDef {
    key: "captcha_web",
    allowed: "\"own\" or \"service\"",
    default: Fallback::Value("\"own\""),
    example: "\"service\"",
    doc: "Which CAPTCHA our web pages show, when `captcha` says that there is one: our own, or that of the service in `[siteverify]`, whose script is loaded and sees who opens the page. Programs that register in XMPP always get our own.",
};

pub(super) const BUSY_EVENTS: OptionDef = OptionDef {
    key: "captcha_busy_events",
    allowed: "1 to 100000",
    default: Fallback::Value("20"),
    example: "20",
    doc: "With `captcha = \"when-busy\"`: so many registrations and wrong tries (taken names, wrong answers) on this domain within `captcha_busy_window` make it busy.",
};

pub(super) const BUSY_WINDOW: OptionDef = OptionDef {
    key: "captcha_busy_window",
    allowed: "a time from \"1s\" to \"24h\"",
    default: Fallback::Value("\"10m\""),
    example: "\"10m\"",
    doc: "See `captcha_busy_events`.",
};

#[derive(Clone, Copy, PartialEq)]
enum Offered {
    Picture,
    Question,
    Work,
}

pub(super) fn read(section: &Section<'_>) -> Option<CaptchaPolicy> {
    let mode = section.get(
        &MODE,
        kinds::choice(&[
            ("off", CaptchaMode::Off),
            ("always", CaptchaMode::Always),
            ("when-busy", CaptchaMode::WhenBusy),
        ]),
    );
    let offered = section.get(
        &KINDS,
        kinds::list(kinds::choice(&[
            ("picture", Offered::Picture),
            ("question", Offered::Question),
            ("work", Offered::Work),
        ])),
    );
    let questions = section.get(&QUESTIONS, kinds::list(question));
    let work_bits = section.get(&WORK_BITS, kinds::number(8..=u64::from(MOST_WORK_BITS)));
    let web_bits = section.get(&WEB_WORK_BITS, kinds::number(8..=u64::from(MOST_WORK_BITS)));
    let web_service = section.get(&WEB, kinds::choice(&[("own", false), ("service", true)]));
    let events = section.get(&BUSY_EVENTS, kinds::number(1..=100_000));
    let window = section.get(&BUSY_WINDOW, kinds::duration(1..=86_400));

    let (mode, offered, questions) = (mode?, offered?, questions?);
    let has = |kind| offered.contains(&kind);
    let asks = has(Offered::Question) && !questions.is_empty();
    if mode != CaptchaMode::Off && !has(Offered::Picture) && !asks {
        let missing = "nobody could solve it: name \"picture\", or \"question\" and write captcha_questions";
        section.note(&KINDS, missing.to_owned());
    }
    Some(CaptchaPolicy {
        mode,
        busy: BusyRule { events: events?, window: window? },
        picture: has(Offered::Picture),
        questions: if asks { questions } else { Vec::new() },
        work_bits: Some(work_bits?).filter(|_| has(Offered::Work)),
        web_work_bits: web_bits?,
        web_service: web_service?,
    })
}

fn question(value: &DeValue<'_>) -> Kind<Question> {
    let table =
        value.as_table().ok_or_else(|| "write { lang = ..., ask = ..., answers = [...] }".to_owned())?;
    if let Some(stranger) =
        table.keys().find(|key| !["lang", "ask", "answers"].contains(&key.as_ref().as_ref()))
    {
        return Err(format!("{:?} is not known in a question", stranger.as_ref()));
    }
    let language = LanguageTag::parse(&kinds::text(part(table, "lang")?)?)
        .ok_or_else(|| "lang is not a language tag such as \"en\"".to_owned())?;
    let ask = kinds::text(part(table, "ask")?).map_err(|problem| format!("ask: {problem}"))?;
    let answers = kinds::list(kinds::text)(part(table, "answers")?);
    let answers = answers.map_err(|problem| format!("answers: {problem}"))?;
    Question::new(language, &ask, &answers).map_err(|problem| problem.to_string())
}

fn part<'t>(table: &'t DeTable<'_>, key: &str) -> Kind<&'t DeValue<'t>> {
    let found = table.iter().find(|(name, _)| name.as_ref() == key);
    found.map(|(_, value)| value.as_ref()).ok_or_else(|| format!("{key} is missing"))
}
