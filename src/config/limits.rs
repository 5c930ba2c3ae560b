//! `[limits]`: how much one client may ask for.

use super::{
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::Section,
};

/// How much one client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Registrations in an hour.
    pub registrations_per_hour: u32,
    /// Registrations in a day.
    pub registrations_per_day: u32,
    /// Registrations with one API key in an hour.
    pub registrations_per_key_per_hour: u32,
    /// Registrations with one API key in a day.
    pub registrations_per_key_per_day: u32,
    /// Wrong passwords and codes in a minute.
    pub wrong_proofs_per_minute: u32,
    /// Wrong passwords and codes in a day.
    pub wrong_proofs_per_day: u32,
    /// Letters to one address in an hour.
    pub letters_per_hour: u32,
    /// Letters to one address in a day.
    pub letters_per_day: u32,
    /// Letters to one domain in an hour.
    pub letters_to_domain_per_hour: u32,
    /// Text messages to one number in an hour.
    pub sms_per_hour: u32,
    /// Text messages to one number in a day.
    pub sms_per_day: u32,
    /// Text messages to one block of ten thousand numbers in a day.
    pub sms_to_block_per_day: u32,
    /// Text messages in all in a day.
    pub sms_in_all_per_day: u32,
}

const REGISTRATIONS: OptionDef = OptionDef {
    key: "registrations_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("10"),
    example: "10",
    doc: "Registrations that one client address may make in an hour.",
};

const REGISTRATIONS_DAY: OptionDef = OptionDef {
    key: "registrations_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("30"),
    example: "30",
    doc: "The same in a day.",
};

const KEY: OptionDef = OptionDef {
    key: "registrations_per_key_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("1000"),
    example: "1000",
    doc: "Registrations that may be made with one API key in an hour, from wherever: one that was stolen does not make its accounts all at once.",
};

const KEY_DAY: OptionDef = OptionDef {
    key: "registrations_per_key_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("10000"),
    example: "10000",
    doc: "The same in a day.",
};

const WRONG_PROOFS: OptionDef = OptionDef {
    key: "wrong_proofs_per_minute",
    allowed: "1 to 1000000",
    default: Fallback::Value("10"),
    example: "10",
    doc: "Wrong passwords and codes that one client address may give in a minute.",
};

const WRONG_PROOFS_DAY: OptionDef = OptionDef {
    key: "wrong_proofs_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("300"),
    example: "300",
    doc: "The same in a day.",
};

const LETTERS: OptionDef = OptionDef {
    key: "letters_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("5"),
    example: "5",
    doc: "Letters that may go to one e-mail address in an hour, whoever asks for them.",
};

const LETTERS_DAY: OptionDef = OptionDef {
    key: "letters_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("10"),
    example: "10",
    doc: "The same in a day.",
};

const LETTERS_DOMAIN: OptionDef = OptionDef {
    key: "letters_to_domain_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("2000"),
    example: "2000",
    doc: "Letters that may go to all addresses of one domain in an hour: nobody's mail server is flooded through us.",
};

const SMS: OptionDef = OptionDef {
    key: "sms_per_hour",
    allowed: "1 to 1000000",
    default: Fallback::Value("3"),
    example: "3",
    doc: "Text messages that may go to one phone number in an hour, whoever asks for them.",
};

const SMS_DAY: OptionDef = OptionDef {
    key: "sms_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("5"),
    example: "5",
    doc: "The same in a day.",
};

const SMS_BLOCK: OptionDef = OptionDef {
    key: "sms_to_block_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("20"),
    example: "20",
    doc: "Text messages that may go to one block of ten thousand numbers (all but the last four digits are the same) in a day. Whoever earns by messages that others pay has blocks of numbers.",
};

const SMS_ALL: OptionDef = OptionDef {
    key: "sms_in_all_per_day",
    allowed: "1 to 1000000",
    default: Fallback::Value("500"),
    example: "500",
    doc: "Text messages that may be sent in all in a day: what it may cost you.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "limits",
    times: Times::Once,
    doc: "How much one client may ask for. A client is an IPv4 address, an IPv6 /64 network, or an XMPP address; the network around it (IPv4 /24, IPv6 /48) may ask for ten times as much. Limits fill up again evenly, and are the same for web and XMPP.",
    options: &[
        &REGISTRATIONS,
        &REGISTRATIONS_DAY,
        &KEY,
        &KEY_DAY,
        &WRONG_PROOFS,
        &WRONG_PROOFS_DAY,
        &LETTERS,
        &LETTERS_DAY,
        &LETTERS_DOMAIN,
        &SMS,
        &SMS_DAY,
        &SMS_BLOCK,
        &SMS_ALL,
    ],
};

pub(super) fn read(section: &Section<'_>) -> Option<Limits> {
    let read = |option| section.get(option, kinds::number(1..=1_000_000));
    // All of them are read before the first that is wrong ends it, so that every mistake is told.
    let (registrations_per_hour, registrations_per_day) = (read(&REGISTRATIONS), read(&REGISTRATIONS_DAY));
    let (registrations_per_key_per_hour, registrations_per_key_per_day) = (read(&KEY), read(&KEY_DAY));
    let (wrong_proofs_per_minute, wrong_proofs_per_day) = (read(&WRONG_PROOFS), read(&WRONG_PROOFS_DAY));
    let (letters_per_hour, letters_per_day) = (read(&LETTERS), read(&LETTERS_DAY));
    let letters_to_domain_per_hour = read(&LETTERS_DOMAIN);
    let (sms_per_hour, sms_per_day) = (read(&SMS), read(&SMS_DAY));
    let (sms_to_block_per_day, sms_in_all_per_day) = (read(&SMS_BLOCK), read(&SMS_ALL));
    Some(Limits {
        registrations_per_hour: registrations_per_hour?,
        registrations_per_day: registrations_per_day?,
        registrations_per_key_per_hour: registrations_per_key_per_hour?,
        registrations_per_key_per_day: registrations_per_key_per_day?,
        wrong_proofs_per_minute: wrong_proofs_per_minute?,
        wrong_proofs_per_day: wrong_proofs_per_day?,
        letters_per_hour: letters_per_hour?,
        letters_per_day: letters_per_day?,
        letters_to_domain_per_hour: letters_to_domain_per_hour?,
        sms_per_hour: sms_per_hour?,
        sms_per_day: sms_per_day?,
        sms_to_block_per_day: sms_to_block_per_day?,
        sms_in_all_per_day: sms_in_all_per_day?,
    })
}
