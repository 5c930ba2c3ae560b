//! Identifiers of CAPTCHA challenges: only those that we gave out are recognised. The first line is an identifier, the next three
//! are the answers; the 16 bytes before them are the nonce of a challenge of ours.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use ostiary::accounts::{
    Domain, Front, Keyring, Origin,
    challenge::{Addressee, Answered, CaptchaAnswers, CaptchaPolicy, ChallengeKey},
};

fuzz_target!(|data: &[u8]| {
    let Some((nonce, text)) = data.split_first_chunk::<16>() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut lines = text.lines().map(str::to_owned);
    let mut line = || lines.next().unwrap_or_default();
    let (identifier, picture, question, work) = (line(), line(), line(), line());

    let key = ChallengeKey::new(&Keyring::new([7; 32]));
    let (domain, other) =
        (Domain::parse("chat.example").expect("a domain"), Domain::parse("b.example").expect("a domain"));
    let (policy, origin) = (CaptchaPolicy::default(), Origin::of(Front::Server));
    let here = Addressee { domain: &domain, policy: &policy, origin: &origin };
    let elsewhere = Addressee { domain: &other, ..here };
    let now = Timestamp::from_second(1_800_000_000).expect("a time");

    let challenge = key.issue(here, *nonce, now);
    // A key of which nothing has ever been seen here: the fuzzer learns what is compared, identifiers too.
    let unseen = ChallengeKey::new(&Keyring::new([8; 32]));
    assert!(unseen.recognise(&identifier, here, now).is_err(), "an identifier that we never gave out");
    let back = key.recognise(challenge.identifier(), here, now).expect("our own challenge");
    assert_eq!(back.picture_text(), challenge.picture_text());
    assert!(key.recognise(challenge.identifier(), elsewhere, now).is_err());
    assert!(key.recognise(challenge.identifier(), here, now + SignedDuration::from_hours(24)).is_err());

    let right = picture.trim().eq_ignore_ascii_case(&challenge.picture_text());
    let given = CaptchaAnswers {
        challenge: challenge.identifier().to_owned(),
        picture,
        question,
        work,
        sent_to: "chat.example".to_owned(),
        response: String::new(),
    };
    let answered = challenge.answered(&given, here);
    assert!(!right || answered == Answered::Rightly, "the right picture: {answered:?}");
});
