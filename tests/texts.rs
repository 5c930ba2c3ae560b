//! Every text that the program asks for is there, in every language, with the same arguments; no text is there for nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first thing that is wrong")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use ostiary::{
    accounts::{
        Code, Contact, Domain, Email, FieldError, FieldProblem, InvitationToken, LanguageTag, Letter,
        LetterKind, LinkToken, Refusal, Username, form::Field,
    },
    text::{Help, Language, LetterContext, PASSWORD_TOO_WEAK, Texts},
};

/// Beginnings of the keys of texts; a quoted literal that begins so is a key.
const PREFIXES: [&str; 11] = [
    "date-", "label-", "field-", "wait-", "refusal-", "xmpp-", "adhoc-", "flow-", "chat-", "page-", "letter-",
];

/// The keys of a Fluent file with the arguments of each.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_language_has_the_same_keys_with_the_same_arguments() {
    let english = catalogue("en");
    for language in Texts::new().languages() {
        let other = catalogue(language.tag());
        for (key, arguments) in &english {
            assert_eq!(other.get(key), Some(arguments), "{key} in {}.ftl", language.tag());
        }
        let extra: Vec<_> = other.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(extra.is_empty(), "only in {}.ftl: {extra:?}", language.tag());
    }
}

#[test]
fn every_text_can_be_read_and_holds_nothing_unfilled() {
    let texts = Texts::new();
    for language in texts.languages() {
        for (key, arguments) in catalogue(language.tag()) {
            let args: Vec<_> = arguments.iter().map(|name| (name.as_str(), "3")).collect();
            let text = texts.format(language, &key, &args);
            let unfilled = text == key || text.trim().is_empty() || text.contains(['{', '\u{2068}']);
            assert!(!unfilled, "{key} in {}: {text:?}", language.tag());
        }
    }
}

#[test]
fn every_key_that_is_asked_for_is_there() {
    let known = catalogue("en");
    for (file, key) in keys_asked_for() {
        assert!(known.contains_key(&key), "{} asks for {key}", file.display());
    }
}

#[test]
fn every_key_is_asked_for() {
    let asked: BTreeSet<_> = keys_asked_for().into_iter().map(|(_, key)| key).collect();
    let unused: Vec<_> = catalogue("en").into_keys().filter(|key| !asked.contains(key)).collect();
    assert!(unused.is_empty(), "no code and no template asks for {unused:?}");
}

/// Kaidan looks for this word.
#[test]
fn a_failed_captcha_is_called_so_in_every_language() {
    let texts = Texts::new();
    for language in texts.languages() {
        for refusal in [Refusal::CaptchaRequired, Refusal::CaptchaWrong, Refusal::CaptchaExpired] {
            let text = texts.refusal(language, &refusal, &Help::default());
            assert!(text.to_lowercase().contains("captcha"), "{}: {text}", language.tag());
        }
    }
}

#[test]
fn the_search_for_keys_sees_code_and_templates_and_takes_nothing_else_for_a_key() {
    let asked = keys_asked_for();
    let asks = |folder: &str, key: &str| {
        asked.iter().any(|(file, asked)| file.starts_with(root().join(folder)) && asked == key)
    };
    assert!(asks("src/text", "refusal-name-taken") && asks("templates/mail", "letter-greeting"));
    assert!(asks("src/xmpp", "xmpp-instructions") && asks("templates/web", "page-footer"));
    assert!(!asked.iter().any(|(_, key)| key == "no-such-key" || key.contains(' ')), "{asked:?}");
    // A text that nobody asks for is found, because it would be none of these.
    assert!(!asked.iter().any(|(_, key)| key == "page-that-no-code-asks-for"));
}

#[test]
fn french_puts_a_blank_that_does_not_break_before_high_punctuation() {
    let source = fs::read_to_string(root().join("locales/fr.ftl")).expect("a file");
    // The words of the conversation are single words, with a question mark among them.
    let words = |line: &&str| line.starts_with('#') || line.starts_with("chat-words-");
    for line in source.lines().filter(|line| !words(line)) {
        let mut before = ' ';
        let text = line.split_once(" = ").map_or(line, |(_, text)| text);
        for c in text.chars() {
            assert!(!matches!(c, ':' | ';' | '!' | '?' | '»') || before == '\u{202f}', "{line}");
            assert!(c != '\'', "a typewriter's apostrophe: {line}");
            before = c;
        }
    }
}

#[test]
fn every_refusal_has_its_text_in_every_language() {
    let texts = Texts::new();
    let page = Some("https://x.example/page".to_owned());
    for help in [Help::default(), Help { verify_url: page.clone(), register_url: page, ..Help::default() }] {
        let mut refusals = Refusal::samples();
        refusals.push(Refusal::AccountSuspended { reason: None });
        refusals.extend([None, Some(0), Some(1)].map(|tries_left| Refusal::WrongCode { tries_left }));
        for refusal in refusals {
            translated(&texts, refusal.code(), |language| texts.refusal(language, &refusal, &help));
        }
    }
}

#[test]
fn every_wrong_field_has_its_text_and_none_reads_like_a_ban() {
    let texts = Texts::new();
    for field in Field::ALL {
        for problem in problems() {
            let error = FieldError { field, problem };
            translated(&texts, problem.code(), |language| texts.field_error(language, &error));
            for language in texts.languages() {
                let text = texts.field_error(language, &error).to_lowercase();
                assert!(!text.contains("ip") && !text.contains("quickly"), "Kaidan gives up at {text:?}");
            }
        }
    }
}

#[test]
fn every_letter_has_its_words_in_every_language() {
    let texts = Texts::new();
    let verify = LetterKind::verify(
        &Code::from_number(123_456),
        &LinkToken::from_bytes([0; 16]),
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30),
    );
    let recover = LetterKind::recover(
        &Code::from_number(123_456),
        &LinkToken::from_bytes([0; 16]),
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30),
    );
    let existing = Username::prepare("old").expect("a name");
    let invitation = LetterKind::invitation(&InvitationToken::from_bytes([7; 16]), Timestamp::UNIX_EPOCH);
    for kind in [verify, recover, invitation, LetterKind::AlreadyRegistered { existing }] {
        let render = |language: Language| {
            let letter = Letter {
                to: Contact::Email(Email::parse("alice@example.org").expect("an address")),
                language: LanguageTag::parse(language.tag()).expect("a tag"),
                username: Some(Username::prepare("alice").expect("a name")),
                domain: Domain::parse("chat.example").expect("a domain"),
                kind: kind.clone(),
            };
            let base_url = &"https://chat.example".parse().expect("a URL");
            let context = LetterContext { service_name: "Chat", base_url, sent_at: Timestamp::UNIX_EPOCH };
            texts.letter(&letter, &context).expect("it renders")
        };
        translated(&texts, kind.as_str(), |language| render(language).subject);
        translated(&texts, kind.as_str(), |language| render(language).text);
        translated(&texts, kind.as_str(), |language| render(language).html);
        for language in texts.languages() {
            assert!(!render(language).text.contains("letter-"), "a key is shown in place of its text");
        }
    }
}

#[test]
fn every_field_has_its_label() {
    let texts = Texts::new();
    for field in Field::ALL {
        for language in texts.languages() {
            assert!(!texts.label(language, field).contains("label-"));
        }
    }
}

#[test]
fn clients_recognise_a_weak_password_in_every_language() {
    let texts = Texts::new();
    for language in texts.languages() {
        assert_eq!(texts.get(language, PASSWORD_TOO_WEAK), "The password is too weak");
    }
}

/// Fails for a text that is the same in two languages, or that shows a key or an argument instead of words.
fn translated(texts: &Texts, what: &str, text: impl Fn(Language) -> String) {
    let all: Vec<String> = texts.languages().map(text).collect();
    for text in &all {
        let key = PREFIXES.iter().any(|prefix| text.starts_with(prefix));
        assert!(!key && !text.is_empty() && !text.contains(['{', '}']), "{what}: {text:?}");
    }
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{what} is not translated: {all:?}");
}

/// One of each. A new problem makes the match below fail to compile, so that it is not forgotten here.
fn problems() -> Vec<FieldProblem> {
    let all = vec![
        FieldProblem::Missing,
        FieldProblem::Repeated,
        FieldProblem::Malformed,
        FieldProblem::Characters,
        FieldProblem::TooShort { min: 3 },
        FieldProblem::TooLong { max: 64 },
        FieldProblem::Reserved,
        FieldProblem::TooWeak { min: 8 },
        FieldProblem::Breached,
    ];
    for problem in &all {
        match problem {
            FieldProblem::Missing
            | FieldProblem::Repeated
            | FieldProblem::Malformed
            | FieldProblem::Characters
            | FieldProblem::TooShort { .. }
            | FieldProblem::TooLong { .. }
            | FieldProblem::Reserved
            | FieldProblem::TooWeak { .. }
            | FieldProblem::Breached => {}
        }
    }
    all
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the keys and arguments of a Fluent file: a key stands at the beginning of a line, what belongs to it is indented.
fn catalogue(tag: &str) -> Catalogue {
    let path = root().join(format!("locales/{tag}.ftl"));
    let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut keys = Catalogue::new();
    let mut current = None;
    for line in source.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if !line.starts_with([' ', '\t', '}']) {
            let (key, _) = line.split_once(" =").unwrap_or_else(|| panic!("{}: {line:?}", path.display()));
            assert!(!keys.contains_key(key), "{key} is in {} twice", path.display());
            keys.insert(key.to_owned(), BTreeSet::new());
            current = Some(key.to_owned());
        }
        let arguments = current.as_ref().and_then(|key| keys.get_mut(key)).expect("a key stands first");
        for rest in line.split('$').skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            arguments.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    keys
}

/// Every quoted literal in the sources and templates that looks like a key, with its file.
fn keys_asked_for() -> Vec<(PathBuf, String)> {
    let mut keys = Vec::new();
    for file in files(&root().join("src"), "rs").into_iter().chain(files(&root().join("templates"), "")) {
        let source = fs::read_to_string(&file).expect("sources are text");
        // Tests may ask for keys that are missing on purpose.
        let product = source.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in
            product.split('"').filter(|text| PREFIXES.iter().any(|prefix| text.starts_with(prefix)))
        {
            let plain = literal.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if plain && !literal.ends_with('-') {
                keys.push((file.clone(), literal.to_owned()));
            }
        }
    }
    keys
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if extension.is_empty() || path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}
