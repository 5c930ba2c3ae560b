//! Registration forms of whatever shape; see `xmpp/fuzzing.rs`.

use super::{
    super::guard,
    query::{self, Submission},
};
use crate::accounts::{
    Alphabet, ContactPolicy, Domain, DomainPolicy, Username,
    form::{self, Field},
};

/// A query is read or refused, and what is read is an application or a list of what is wrong with it. An accepted name is as it
/// will be kept.
pub fn registration_form(data: &[u8]) {
    let Some(query) = guard::fuzzing::stanza(data) else { return };
    let _ = query::key(&query);
    let fields = match Submission::read(&query, "chat.example") {
        Ok(Submission::Fields(submitted)) => submitted.form,
        Ok(Submission::ProvenRemoval(fields) | Submission::PasswordChange(fields, _)) => fields,
        Ok(Submission::Cancelled | Submission::Remove { .. }) | Err(_) => return,
    };
    let Ok(domain) = Domain::parse("chat.example") else { return };
    for (email, alphabet) in
        [(ContactPolicy::Required, Alphabet::Ascii), (ContactPolicy::Off, Alphabet::Unicode)]
    {
        let mut policy = DomainPolicy { email, ..DomainPolicy::new(domain.clone()) };
        policy.username.alphabet = alphabet;
        match form::parse(&fields, &policy) {
            Ok(application) => {
                let name = application.username.as_str();
                assert!(
                    Username::prepare(name).is_ok_and(|again| again.as_str() == name),
                    "not prepared: {name:?}"
                );
                assert!(application.email.is_some() == (email == ContactPolicy::Required));
            }
            Err(errors) => {
                assert!(!errors.is_empty(), "refused for nothing");
                assert!(errors.iter().all(|error| Field::ALL.contains(&error.field)));
            }
        }
    }
}
