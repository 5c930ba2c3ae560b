//! Every text that a person reads, in every language: Fluent files in `locales/`, letters in `templates/mail/`.
//!
//! Keys begin with what they are for: `date-`, `label-`, `field-`, `refusal-`, `xmpp-`, `adhoc-`, `flow-`, `chat-`, `page-`, `letter-`. `tests/texts.rs` finds keys
//! that are missing, unused, or differ between languages.

mod letters;
mod lines;
mod messages;
mod refusals;

use std::fmt;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use jiff::{Timestamp, tz::TimeZone};

use crate::accounts::LanguageTag;

pub use letters::{LetterContext, RenderedLetter};
pub use refusals::Help;

/// Tag and Fluent file of each language. The first one stands in for what is missing elsewhere.
const LANGUAGES: [(&str, &str); 5] = [
    ("en", include_str!("../../locales/en.ftl")),
    ("de", include_str!("../../locales/de.ftl")),
    ("es", include_str!("../../locales/es.ftl")),
    ("fr", include_str!("../../locales/fr.ftl")),
    ("sv", include_str!("../../locales/sv.ftl")),
];

/// Arguments that are numbers, so that a text can choose a plural by them. All others are inserted as they are: a username
/// or a code of digits must not be read as a number.
const NUMBERS: [&str; 6] = ["count", "day", "minutes", "min", "max", "score"];

/// Key of the one text that clients match word by word (Conversations, Kaidan).
pub const PASSWORD_TOO_WEAK: &str = "xmpp-password-too-weak";

/// All texts in all languages. Built once and shared.
pub struct Texts {
    bundles: Vec<FluentBundle<FluentResource>>,
    standard: Language,
}

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(usize);

/// The texts in one language; what templates are given.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    texts: &'a Texts,
    language: Language,
}

impl Texts {
    /// Reads the embedded files. People who ask for no language get English.
    pub fn new() -> Self {
        let bundles = LANGUAGES.iter().map(|(tag, source)| bundle(tag, source)).collect();
        Self { bundles, standard: Language(0) }
    }

    /// The same with another language for people who ask for none, if there are texts in it.
    #[must_use]
    pub fn with_standard(self, wanted: &LanguageTag) -> Self {
        Self { standard: self.choose(wanted), ..self }
    }

    /// Every language, English first.
    pub fn languages(&self) -> impl Iterator<Item = Language> + use<> {
        (0..LANGUAGES.len()).map(Language)
    }

    /// The language of people who ask for none.
    pub fn standard(&self) -> Language {
        self.standard
    }

    /// The nearest language to the one wanted: `de-AT` is served in `de` (RFC 4647 §3.4). The standard one if there is none.
    pub fn choose(&self, wanted: &LanguageTag) -> Language {
        lookup(wanted.as_str()).unwrap_or(self.standard)
    }

    /// The language for an `Accept-Language` header (RFC 9110 §12.5.4). The standard one if none of those
    /// accepted is there.
    pub fn negotiate(&self, accept_language: &str) -> Language {
        let mut best = (0.0, self.standard);
        // A header of a browser has a handful of ranges; more than that is somebody playing.
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight: f32 =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            let language = if tag == "*" { Some(self.standard) } else { lookup(tag) };
            if let Some(language) = language
                && weight > best.0
                && weight <= 1.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The text of `key`. A missing key gives the key itself.
    pub fn get(&self, language: Language, key: &str) -> String {
        self.format(language, key, &[])
    }

    /// The text of `key` with its arguments. Those named `count`, `day`, `minutes`, `min` and `max` must be whole numbers.
    pub fn format(&self, language: Language, key: &str, args: &[(&str, &str)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|&(name, value)| (name, argument(name, value))).collect();
        let wanted = [language.0, 0];
        let found = wanted.iter().filter_map(|&index| self.bundles.get(index)).find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
        });
        found.unwrap_or_else(|| key.to_owned())
    }

    /// A moment as people write it, in UTC: where they are is not known.
    pub fn moment(&self, language: Language, at: Timestamp) -> String {
        let at = at.to_zoned(TimeZone::UTC);
        let month = self.format(language, "date-month", &[("count", &at.month().to_string())]);
        let (day, year) = (at.day().to_string(), at.year().to_string());
        let time = at.strftime("%H:%M").to_string();
        self.format(
            language,
            "date-time",
            &[("day", &day), ("month", &month), ("year", &year), ("time", &time)],
        )
    }

    /// The texts in one language.
    pub fn words(&self, language: Language) -> Words<'_> {
        Words { texts: self, language }
    }
}

impl Language {
    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0].0
    }
}

impl Words<'_> {
    /// See [`Texts::get`].
    pub fn get(&self, key: &str) -> String {
        self.texts.get(self.language, key)
    }

    /// See [`Texts::format`].
    pub fn format(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.texts.format(self.language, key, args)
    }

    /// See [`Texts::moment`].
    pub fn moment(&self, at: Timestamp) -> String {
        self.texts.moment(self.language, at)
    }

    /// The tag of the language, for `lang` attributes.
    pub fn tag(&self) -> &'static str {
        self.language.tag()
    }
}

fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    // Isolation marks around arguments would end up in links and addresses that people copy.
    bundle.set_use_isolating(false);
    // What Fluent cannot read is a missing key, and the tests find those.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    bundle.add_resource_overriding(resource);
    bundle
}

fn lookup(tag: &str) -> Option<Language> {
    let mut tag = tag;
    loop {
        if let Some(index) = LANGUAGES.iter().position(|(known, _)| known.eq_ignore_ascii_case(tag)) {
            return Some(Language(index));
        }
        tag = tag.rsplit_once('-')?.0;
    }
}

fn argument<'a>(name: &str, value: &'a str) -> FluentValue<'a> {
    if NUMBERS.contains(&name) { FluentValue::try_number(value) } else { FluentValue::from(value) }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Texts(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_chosen_and_english_otherwise() {
        let texts = Texts::new();
        for (wanted, chosen) in [
            ("de", "de"),
            ("DE-at", "de"),
            ("de-Latn-CH", "de"),
            ("en-GB", "en"),
            ("fr-CA", "fr"),
            ("es-419", "es"),
            ("sv-FI", "sv"),
            ("it", "en"),
            ("fro", "en"),
            ("i-klingon", "en"),
        ] {
            assert_eq!(texts.choose(&LanguageTag::parse(wanted).unwrap()).tag(), chosen, "{wanted}");
        }
    }

    #[test]
    fn browsers_get_the_language_they_like_best() {
        let texts = Texts::new();
        for (header, chosen) in [
            ("", "en"),
            ("de-DE,de;q=0.9,en-US;q=0.8", "de"),
            ("it, de;q=0.3, en;q=0.7", "en"),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
            ("it;q=1, de;q=0.5", "de"),
            ("de;q=0, *;q=0.1", "en"),
            ("de; q=0.9 , en ;q=0.1", "de"),
            ("de;q=x, de;q=7, de;q=-1, de;q=NaN", "en"),
            (",,;;q=,\u{0}*", "en"),
        ] {
            assert_eq!(texts.negotiate(header).tag(), chosen, "{header:?}");
        }
    }

    #[test]
    fn arguments_are_inserted_as_they_are() {
        let texts = Texts::new();
        let english = texts.choose(&LanguageTag::default());
        let text = texts.format(english, "field-repeated", &[("label", "007 { $x } <b>")]);
        assert!(text.starts_with("007 { $x } <b>: "), "{text}");
    }

    #[test]
    fn plurals_follow_the_number() {
        let texts = Texts::new();
        let [english, german] = [0, 1].map(Language);
        assert_eq!(texts.format(english, "wait-minutes", &[("count", "1")]), "one minute");
        assert_eq!(texts.format(english, "wait-minutes", &[("count", "12")]), "12 minutes");
        assert_eq!(texts.format(german, "wait-hours", &[("count", "2")]), "2 Stunden");
    }

    #[test]
    fn moments_are_written_as_each_language_writes_them() {
        let texts = Texts::new();
        let at = "2026-03-01T09:05:59Z".parse().unwrap();
        let written: Vec<_> = texts.languages().map(|language| texts.moment(language, at)).collect();
        assert_eq!(
            written,
            [
                "1 March 2026, 09:05 UTC",
                "1. März 2026, 09:05 Uhr UTC",
                "1 de marzo de 2026, 09:05 UTC",
                "1er mars 2026 à 09:05 UTC",
                "1 mars 2026 kl. 09:05 UTC",
            ]
        );
    }

    #[test]
    fn a_missing_key_shows_itself() {
        let texts = Texts::new();
        assert_eq!(texts.get(Language(1), "no-such-key"), "no-such-key");
    }
}
