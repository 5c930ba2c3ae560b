use proptest::prelude::*;

use super::*;

fn key() -> ChallengeKey {
    ChallengeKey::new(&Keyring::new([7; 32]))
}

fn domain() -> Domain {
    Domain::parse("chat.example").unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn question(language: &str, text: &str, answer: &str) -> Question {
    Question::new(LanguageTag::parse(language).unwrap(), text, &[answer.to_owned()]).unwrap()
}

fn policy() -> CaptchaPolicy {
    CaptchaPolicy {
        mode: CaptchaMode::Always,
        questions: vec![
            question("en", "What colour is snow?", "white"),
            question("de", "Welche Farbe hat Gras?", "grün"),
            question("de", "Welche Farbe hat Schnee?", "weiß"),
        ],
        work_bits: Some(8),
        ..CaptchaPolicy::default()
    }
}

fn from(address: &str) -> Origin {
    Origin { address: Some(address.parse().unwrap()), ..Origin::of(Front::Server) }
}

fn speaking(language: &str) -> Origin {
    Origin { language: LanguageTag::parse(language).unwrap(), ..from("192.0.2.7") }
}

/// What a story does again and again: the domain, its policy, somebody who asks.
struct House {
    domain: Domain,
    policy: CaptchaPolicy,
}

impl House {
    fn new() -> Self {
        Self { domain: domain(), policy: policy() }
    }

    fn to<'a>(&'a self, origin: &'a Origin) -> Addressee<'a> {
        Addressee { domain: &self.domain, policy: &self.policy, origin }
    }

    fn issue(&self, origin: &Origin) -> Challenge {
        key().issue(self.to(origin), [5; 16], at(0))
    }

    fn recognise(
        &self,
        challenge: &Challenge,
        origin: &Origin,
        seconds: i64,
    ) -> Result<(), ChallengeProblem> {
        let back = key().recognise(challenge.identifier(), self.to(origin), at(seconds))?;
        assert_eq!(back.picture_text(), challenge.picture_text());
        assert_eq!(back.picture_seed(), challenge.picture_seed());
        assert_eq!(back.work(20), challenge.work(20));
        assert_eq!(back.question(), challenge.question());
        assert_eq!(back.use_hash(), challenge.use_hash());
        assert_eq!(back.expires_at(), challenge.expires_at());
        Ok(())
    }
}

#[test]
fn a_challenge_is_recognised_with_everything_that_belongs_to_it_until_it_is_too_old() {
    let (house, origin) = (House::new(), from("192.0.2.7"));
    let challenge = house.issue(&origin);
    let lifetime = CHALLENGE_LIFETIME.as_secs();
    assert_eq!(house.recognise(&challenge, &origin, 0), Ok(()));
    assert_eq!(house.recognise(&challenge, &origin, lifetime - 1), Ok(()));
    assert_eq!(house.recognise(&challenge, &origin, lifetime), Err(ChallengeProblem::TooLate));
    // A clock that was set back makes nothing live longer than a minute more.
    assert_eq!(house.recognise(&challenge, &origin, -60), Ok(()));
    assert_eq!(house.recognise(&challenge, &origin, -61), Err(ChallengeProblem::Unknown));
}

#[test]
fn another_key_another_domain_and_another_question_make_it_worthless() {
    let (house, origin) = (House::new(), speaking("en"));
    let challenge = house.issue(&origin);
    let unknown = |house: &House| house.recognise(&challenge, &origin, 1) == Err(ChallengeProblem::Unknown);
    assert!(unknown(&House { domain: Domain::parse("other.example").unwrap(), ..House::new() }));
    let mut reworded = House::new();
    reworded.policy.questions[0] = question("en", "What colour is milk?", "white");
    assert!(unknown(&reworded));
    assert!(unknown(&House { policy: CaptchaPolicy { questions: Vec::new(), ..policy() }, ..House::new() }));
    let stranger = ChallengeKey::new(&Keyring::new([8; 32]));
    assert!(stranger.recognise(challenge.identifier(), house.to(&origin), at(1)).is_err());
    assert_eq!(house.recognise(&challenge, &origin, 1), Ok(()));
}

#[test]
fn it_counts_in_the_neighbourhood_of_the_address_that_asked_for_it() {
    let house = House::new();
    let jid = |jid: &str| Origin { jid: Some(jid.to_owned()), ..Origin::of(Front::Component) };
    let stream = |session: &str| Origin { jid: Some(session.to_owned()), ..Origin::of(Front::Server) };
    let near = [
        (from("192.0.2.7"), from("192.0.2.200")),
        (from("192.0.2.7"), from("::ffff:192.0.2.7")),
        (from("2001:db8:1:2::3"), from("2001:db8:1:ffff::9")),
        (jid("a@x.example"), jid("a@x.example")),
        (stream("chat.example/one"), stream("chat.example/two")),
    ];
    for (asked, answers) in near {
        assert_eq!(house.recognise(&house.issue(&asked), &answers, 1), Ok(()), "{answers:?}");
    }
    let far = [
        (from("192.0.2.7"), from("192.0.3.7")),
        (from("2001:db8:1:2::3"), from("2001:db8:2:2::3")),
        (from("192.0.2.7"), Origin::of(Front::Server)),
        (jid("a@x.example"), jid("b@x.example")),
    ];
    for (asked, answers) in far {
        let outcome = house.recognise(&house.issue(&asked), &answers, 1);
        assert_eq!(outcome, Err(ChallengeProblem::Unknown), "{answers:?}");
    }
}

proptest! {
    #[test]
    fn a_change_anywhere_in_an_identifier_makes_it_unknown(nonce: [u8; 16], place in 0usize..56, other in "[A-Za-z0-9_-]") {
        let (house, origin) = (House::new(), from("192.0.2.7"));
        let challenge = key().issue(house.to(&origin), nonce, at(0));
        let identifier = challenge.identifier();
        prop_assert_eq!(identifier.len(), 56);
        prop_assert!(house.recognise(&challenge, &origin, 1).is_ok());
        let changed = [&identifier[..place], &other, &identifier[place + 1..]].concat();
        if changed != identifier {
            let outcome = key().recognise(&changed, house.to(&origin), at(1)).map(drop);
            prop_assert_eq!(outcome, Err(ChallengeProblem::Unknown));
        }
    }

    #[test]
    fn what_is_no_identifier_is_unknown(text in any::<String>()) {
        let (house, origin) = (House::new(), from("192.0.2.7"));
        let outcome = key().recognise(&text, house.to(&origin), at(1)).map(drop);
        prop_assert_eq!(outcome, Err(ChallengeProblem::Unknown));
    }

    #[test]
    fn neither_identifier_nor_question_nor_label_holds_the_text_of_the_picture(nonce: [u8; 16]) {
        let (house, origin) = (House::new(), from("192.0.2.7"));
        let challenge = key().issue(house.to(&origin), nonce, at(0));
        let text = challenge.picture_text();
        prop_assert_eq!(text.len(), PICTURE_LENGTH);
        prop_assert!(text.bytes().all(|byte| PICTURE_ALPHABET.contains(&byte)));
        let shown = format!("{challenge:?} {} {}", challenge.identifier(), challenge.work(32)).to_uppercase();
        prop_assert!(!shown.contains(&text));
        let decoded = URL_SAFE_NO_PAD.decode(challenge.identifier()).unwrap();
        prop_assert!(!decoded.windows(text.len()).any(|window| window == text.as_bytes()));
    }
}

#[test]
fn two_challenges_have_nothing_in_common() {
    let (house, origin) = (House::new(), from("192.0.2.7"));
    let [one, other] = [[1; 16], [2; 16]].map(|nonce| key().issue(house.to(&origin), nonce, at(0)));
    assert_ne!(one.identifier(), other.identifier());
    assert_ne!(one.picture_text(), other.picture_text());
    assert_ne!(one.picture_seed(), other.picture_seed());
    assert_ne!(one.work(32), other.work(32));
    assert_ne!(one.use_hash(), other.use_hash());
}

#[test]
fn questions_are_asked_in_the_language_of_the_asker_and_every_one_comes_up() {
    let house = House::new();
    let asked = |language: &str| -> std::collections::BTreeSet<String> {
        let origin = speaking(language);
        (0..100)
            .map(|nonce| key().issue(house.to(&origin), [nonce; 16], at(0)).question().unwrap().to_owned())
            .collect()
    };
    assert_eq!(asked("en-GB").into_iter().collect::<Vec<_>>(), ["What colour is snow?"]);
    assert_eq!(asked("de").len(), 2);
    assert_eq!(asked("sv"), asked("en"), "the language of the first question where there is none");
}

#[test]
fn a_language_chosen_later_does_not_spoil_a_challenge() {
    let house = House::new();
    let challenge = house.issue(&speaking("de"));
    assert_eq!(house.recognise(&challenge, &speaking("en"), 1), Ok(()));
}

fn answers(picture: &str, question: &str, work: &str) -> CaptchaAnswers {
    let [picture, question, work] = [picture, question, work].map(str::to_owned);
    CaptchaAnswers {
        picture,
        question,
        work,
        sent_to: "broker.example".to_owned(),
        ..CaptchaAnswers::default()
    }
}

fn worked(challenge: &Challenge, address: &str) -> String {
    let work = challenge.work(8);
    (0..100_000_000u32).map(|n| format!("{address}{n}")).find(|answer| work.is_done(answer, address)).unwrap()
}

#[test]
fn one_right_answer_is_enough_and_none_is_not_a_wrong_one() {
    let (house, origin) = (House::new(), speaking("en"));
    let challenge = house.issue(&origin);
    let given = |answers| challenge.answered(&answers, house.to(&origin));
    let text = challenge.picture_text();
    let typed = format!(" {} {}", &text[..3].to_lowercase(), &text[3..]);
    for right in [
        answers(&text, "", ""),
        answers(&typed, "", ""),
        answers("", " White", ""),
        answers("", "", &worked(&challenge, "chat.example")),
        answers("", "", &worked(&challenge, "broker.example")),
        answers("wrong", "white", "wrong"),
    ] {
        assert_eq!(given(right), Answered::Rightly);
    }
    for wrong in [
        answers("AAAAAA", "", ""),
        answers(&text[1..], "", ""),
        answers("", "black", ""),
        answers("", "", &worked(&challenge, "elsewhere.example")),
        answers("white", &text, &text),
    ] {
        assert_eq!(given(wrong), Answered::Wrongly);
    }
    assert_eq!(given(answers("", " ", "")), Answered::NotAtAll);
}

#[test]
fn what_is_off_is_not_answered_even_rightly() {
    let origin = speaking("en");
    let policy = CaptchaPolicy { picture: false, questions: Vec::new(), work_bits: None, ..policy() };
    let house = House { policy, ..House::new() };
    let challenge = house.issue(&origin);
    assert_eq!(challenge.question(), None);
    for answer in [
        answers(&challenge.picture_text(), "", ""),
        answers("", "white", ""),
        answers("", "", &worked(&challenge, "chat.example")),
    ] {
        assert_eq!(challenge.answered(&answer, house.to(&origin)), Answered::Wrongly);
    }
}
