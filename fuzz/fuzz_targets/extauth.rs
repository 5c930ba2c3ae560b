//! Frames of external authentication: whatever is read says what was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ostiary::backend::ExtauthQuestion as Question;

fuzz_target!(|text: &[u8]| {
    let Ok(question) = Question::read(text) else { return };
    let written = match question {
        Question::Auth(user, server, password) => format!("auth:{user}:{server}:{password}"),
        Question::IsUser(user, server) => format!("isuser:{user}:{server}"),
        Question::SetPassword(user, server, password) => format!("setpass:{user}:{server}:{password}"),
        Question::TryRegister(user, server, password) => format!("tryregister:{user}:{server}:{password}"),
        Question::RemoveUser(user, server) => format!("removeuser:{user}:{server}"),
        Question::RemoveUserWith(user, server, password) => format!("removeuser3:{user}:{server}:{password}"),
    };
    assert_eq!(written.as_bytes(), text);
});
