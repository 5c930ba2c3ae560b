//! `[limits]`: how much one client may ask for.

use super::{
    define::{Fallback, OptionDef, SectionDef},
    kinds,
    reader::Section,
};

/// How much one client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Registrations in an hour.
    pub registrations_per_hour: u32,
    /// Wrong passwords and codes in a minute.
    pub wrong_proofs_per_minute: u32,
    /// Letters to one address in an hour.
    pub letters_per_hour: u32,
}

const REGISTRATIONS: OptionDef = OptionDef {
    key: "registrations_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("10"),
    example: "10",
    doc: "Registrations that one client address may make in an hour.",
};

const WRONG_PROOFS: OptionDef = OptionDef {
    key: "wrong_proofs_per_minute",
    allowed: "1 to 1000000",
    default: Fallback::Value("10"),
    example: "10",
    doc: "Wrong passwords and codes that one client address may give in a minute.",
};

const LETTERS: OptionDef = OptionDef {
    key: "letters_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("5"),
    example: "5",
    doc: "Letters that may go to one e-mail address in an hour, whoever asks for them.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "limits",
    repeated: false,
    doc: "How much one client may ask for. A client is an IPv4 address, an IPv6 /64 network, or an XMPP address.",
    options: &[&REGISTRATIONS, &WRONG_PROOFS, &LETTERS],
};

pub(super) fn read(section: &Section<'_>) -> Option<Limits> {
    let registrations_per_hour = section.get(&REGISTRATIONS, kinds::number(1..=1_000_000));
    let wrong_proofs_per_minute = section.get(&WRONG_PROOFS, kinds::number(1..=1_000_000));
    let letters_per_hour = section.get(&LETTERS, kinds::number(1..=1_000_000));
    Some(Limits {
        registrations_per_hour: registrations_per_hour?,
        wrong_proofs_per_minute: wrong_proofs_per_minute?,
        letters_per_hour: letters_per_hour?,
    })
}
