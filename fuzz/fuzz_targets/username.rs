//! Names: whatever is taken is kept as it is from then on, and every XMPP server takes it as well.
#![no_main]

use jid::NodePart;
use libfuzzer_sys::fuzz_target;
use ostiary::accounts::{Alphabet, Username, UsernamePolicy};

fuzz_target!(|text: &str| {
    if let Ok(name) = Username::prepare(text) {
        assert_eq!(Username::prepare(name.as_str()).ok().as_ref(), Some(&name));
        let part = NodePart::new(name.as_str())
            .unwrap_or_else(|error| panic!("{name:?} is no part of an address: {error}"));
        assert_eq!(part.as_str(), name.as_str());
    }
    for alphabet in [Alphabet::Ascii, Alphabet::Unicode] {
        let policy = UsernamePolicy { alphabet, ..UsernamePolicy::default() };
        if let Ok(name) = Username::choose(text, &policy) {
            assert_eq!(Username::prepare(text.trim_ascii()).ok().as_ref(), Some(&name));
            assert_eq!(Username::choose(name.as_str(), &policy).ok().as_ref(), Some(&name));
            let letters = name.as_str().chars().count();
            assert!((policy.min_length..=policy.max_length).contains(&letters), "{letters}");
            assert!(alphabet == Alphabet::Unicode || name.as_str().is_ascii());
            assert!(!policy.reserved.iter().any(|reserved| reserved == name.as_str()));
        }
    }
});
