//! `[[domain]]`: a domain whose accounts the broker keeps, and what it asks of them.

use toml::de::DeValue;
use url::Url;

use super::{
    captcha,
    define::{Fallback, OptionDef, SectionDef, Times},
    kinds,
    reader::{Kind, Section},
};
use crate::accounts::{
    Alphabet, ContactPolicy, DomainPolicy, InBand, InvitationMode, InvitationPolicy, PasswordPolicy,
    ProofPolicy, RegistrationMode, Username, UsernamePolicy, VerificationPolicy,
};

pub(super) const NAME: OptionDef = OptionDef {
    key: "name",
    allowed: "a domain name",
    default: Fallback::Required,
    example: "\"chat.example\"",
    doc: "The domain: the part of an XMPP address behind the @.",
};

const REGISTRATION: OptionDef = OptionDef {
    key: "registration",
    allowed: "\"open\" or \"closed\"",
    default: Fallback::Value("\"open\""),
    example: "\"open\"",
    doc: "Who may register: everybody, or nobody, not even with an invitation (accounts are then made with `ostiary account add`).",
};

const INVITATIONS: OptionDef = OptionDef {
    key: "invitations",
    allowed: "\"off\", \"optional\" or \"required\"",
    default: Fallback::Value("\"optional\""),
    example: "\"optional\"",
    doc: "What invitations are good for, while registration is open: nothing; an account without an e-mail address to prove; or an account at all, so that nobody registers without one. They are made with `ostiary invite create`.",
};

const INVITATION_LIFETIME: OptionDef = OptionDef {
    key: "invitation_lifetime",
    allowed: "a time from \"1m\" to \"365d\"",
    default: Fallback::Value("\"7d\""),
    example: "\"7d\"",
    doc: "How long an invitation works, where nothing else is said when it is made.",
};

pub(super) const IN_BAND: OptionDef = OptionDef {
    key: "in_band",
    allowed: "\"fields-and-form\", \"form\" or \"web\"",
    default: Fallback::Value("\"fields-and-form\""),
    example: "\"fields-and-form\"",
    doc: "What XMPP clients are offered: plain fields and the same as a data form, which the most clients get along with; a data form only; or only the address of the web page, where everybody then registers.",
};

const REGISTRATION_PAGE: OptionDef = OptionDef {
    key: "registration_page",
    allowed: "an https:// address",
    default: Fallback::Described("the page /register, while registration is open"),
    example: "\"https://chat.example/join\"",
    doc: "A page of your own where people learn how to get an account. XMPP clients are sent there, also while registration is closed.",
};

const INVITATIONS_PER_USER: OptionDef = OptionDef {
    key: "invitations_per_user",
    allowed: "0 to 1000",
    default: Fallback::Value("0"),
    example: "3",
    doc: "Invitations that a user may make in a week with the ad-hoc command of XEP-0401. Whoever comes with one becomes their contact.",
};

const INVITERS: OptionDef = OptionDef {
    key: "inviters",
    allowed: "a list of XMPP addresses",
    default: Fallback::Value("[]"),
    example: "[\"admin@chat.example\"]",
    doc: "Who may make as many invitations as they like with the ad-hoc commands of XEP-0401, also for one name only.",
};

const EMAIL: OptionDef = OptionDef {
    key: "email",
    allowed: "\"required\", \"optional\" or \"off\"",
    default: Fallback::Value("\"required\""),
    example: "\"required\"",
    doc: "Whether an e-mail address is asked for. One that is given must be proven before the account can be used.",
};

pub(super) const PHONE: OptionDef = OptionDef {
    key: "phone",
    allowed: "\"required\", \"optional\" or \"off\"",
    default: Fallback::Value("\"off\""),
    example: "\"optional\"",
    doc: "Whether a phone number is asked for. One that is given must be proven by a text message (`[sms]`) before the account can be used, beside an e-mail address that is asked for. A number may prove several accounts. Whoever is invited or signs with an API key need not give one.",
};

const SIGNED_EMAIL: OptionDef = OptionDef {
    key: "signed_email",
    allowed: "\"required\", \"optional\" or \"off\"",
    default: Fallback::Value("\"optional\""),
    example: "\"optional\"",
    doc: "Whether an e-mail address is asked of registrations that are signed with an API key (XEP-0348). The programs that sign give none, and the owner of the key answers for its accounts, so they are active at once; an address that is given must be proven all the same. Where `email` is \"off\", so is this.",
};

const EMAIL_UNIQUE: OptionDef = OptionDef {
    key: "email_unique",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Whether an address may belong to one account only.",
};

const USERNAME_MIN: OptionDef = OptionDef {
    key: "username_min",
    allowed: "1 to 64",
    default: Fallback::Value("2"),
    example: "2",
    doc: "Fewest characters of a new name.",
};

const USERNAME_MAX: OptionDef = OptionDef {
    key: "username_max",
    allowed: "1 to 255, not below username_min",
    default: Fallback::Value("64"),
    example: "64",
    doc: "Most characters of a new name.",
};

const USERNAME_ALPHABET: OptionDef = OptionDef {
    key: "username_alphabet",
    allowed: "\"ascii\" or \"unicode\"",
    default: Fallback::Value("\"ascii\""),
    example: "\"ascii\"",
    doc: "Characters of a new name: `ascii` is a-z, 0-9 and . _ - inside; `unicode` is letters of one script, 0-9 and . _ - inside, but no name that looks like one in a-z.",
};

const USERNAME_RESERVED: OptionDef = OptionDef {
    key: "username_reserved",
    allowed: "a list of names",
    default: Fallback::Value("[]"),
    example: "[\"boss\", \"billing\"]",
    doc: "Names that nobody may take, nor a name that looks the same. They are added to a built-in list (admin, postmaster, support, ...).",
};

const USERNAME_RESERVED_BUILTIN: OptionDef = OptionDef {
    key: "username_reserved_builtin",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Whether the built-in list of reserved names counts.",
};

const PASSWORD_MIN: OptionDef = OptionDef {
    key: "password_min",
    allowed: "1 to 128",
    default: Fallback::Value("8"),
    example: "8",
    doc: "Fewest characters of a new password.",
};

const CODE_LIFETIME: OptionDef = OptionDef {
    key: "code_lifetime",
    allowed: "a time from \"1m\" to \"24h\"",
    default: Fallback::Value("\"30m\""),
    example: "\"30m\"",
    doc: "How long the six-digit code in a letter works.",
};

const CODE_TRIES: OptionDef = OptionDef {
    key: "code_tries",
    allowed: "1 to 20",
    default: Fallback::Value("5"),
    example: "5",
    doc: "How many wrong codes may be typed before a new letter is needed.",
};

const LINK_LIFETIME: OptionDef = OptionDef {
    key: "link_lifetime",
    allowed: "a time from \"1m\" to \"30d\"",
    default: Fallback::Value("\"24h\""),
    example: "\"24h\"",
    doc: "How long the link in a letter works.",
};

const RESEND_COOLDOWN: OptionDef = OptionDef {
    key: "resend_cooldown",
    allowed: "a time from \"0s\" to \"24h\"",
    default: Fallback::Value("\"60s\""),
    example: "\"60s\"",
    doc: "How long to wait between two letters to the same account.",
};

const PENDING_LIFETIME: OptionDef = OptionDef {
    key: "pending_lifetime",
    allowed: "a time from \"1m\" to \"365d\", not below code_lifetime and link_lifetime",
    default: Fallback::Value("\"48h\""),
    example: "\"48h\"",
    doc: "How long an account may wait for its proof; then it is purged and its name is free again.",
};

const TOMBSTONE_LIFETIME: OptionDef = OptionDef {
    key: "tombstone_lifetime",
    allowed: "a time from \"0s\" to \"3650d\"",
    default: Fallback::Value("\"90d\""),
    example: "\"90d\"",
    doc: "How long the name of a deleted account is kept from others.",
};

const SIGNED_LOGIN: OptionDef = OptionDef {
    key: "signed_login",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "true",
    doc: "Whether `Login` of the Agent API also takes a signature that was made with the password (HMAC-SHA-256), as the browser client of TAG sends it. For that, what can check such signatures is kept, sealed like the SCRAM keys: whoever has the database and the master key could log in there as anybody, without knowing a password. Accounts that were made before need one login with the password.",
};

const DELETION_GRACE: OptionDef = OptionDef {
    key: "deletion_grace",
    allowed: "a time from \"0s\" to \"365d\"",
    default: Fallback::Value("\"7d\""),
    example: "\"7d\"",
    doc: "How long somebody who deletes the account on the web page can take that back. Nobody can log in meanwhile, and the proven address is told. With \"0s\" it is deleted at once, as it always is by an XMPP client.",
};

const SELF_SERVICE: OptionDef = OptionDef {
    key: "self_service",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Whether people may change their password and delete their account themselves.",
};

const PROOF_FOR_REMOVAL: OptionDef = OptionDef {
    key: "proof_for_removal",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "false",
    doc: "Whether people must give their password once more to delete their account in an XMPP client. Most clients cannot ask for it.",
};

const PROOF_FOR_PASSWORD_CHANGE: OptionDef = OptionDef {
    key: "proof_for_password_change",
    allowed: "true or false",
    default: Fallback::Value("false"),
    example: "false",
    doc: "Whether people must give their old password to set a new one in an XMPP client. Most clients cannot ask for it.",
};

const REQUIRE_ENCRYPTION: OptionDef = OptionDef {
    key: "require_encryption",
    allowed: "true or false",
    default: Fallback::Value("true"),
    example: "true",
    doc: "Whether passwords are taken over encrypted connections only (XEP-0077 §3.3). `false` is for tests.",
};

pub(super) const SECTION: SectionDef = SectionDef {
    name: "domain",
    times: Times::Some,
    doc: "A domain whose accounts are kept here, and what it asks of them. Written once for each domain; the first is the default.",
    options: &[
        &NAME,
        &REGISTRATION,
        &IN_BAND,
        &REGISTRATION_PAGE,
        &INVITATIONS,
        &INVITATION_LIFETIME,
        &INVITATIONS_PER_USER,
        &INVITERS,
        &captcha::MODE,
        &captcha::KINDS,
        &captcha::QUESTIONS,
        &captcha::WORK_BITS,
        &captcha::WEB_WORK_BITS,
        &captcha::WEB,
        &captcha::BUSY_EVENTS,
        &captcha::BUSY_WINDOW,
        &EMAIL,
        &PHONE,
        &SIGNED_EMAIL,
        &EMAIL_UNIQUE,
        &USERNAME_MIN,
        &USERNAME_MAX,
        &USERNAME_ALPHABET,
        &USERNAME_RESERVED,
        &USERNAME_RESERVED_BUILTIN,
        &PASSWORD_MIN,
        &CODE_LIFETIME,
        &CODE_TRIES,
        &LINK_LIFETIME,
        &RESEND_COOLDOWN,
        &PENDING_LIFETIME,
        &TOMBSTONE_LIFETIME,
        &DELETION_GRACE,
        &SELF_SERVICE,
        &SIGNED_LOGIN,
        &PROOF_FOR_REMOVAL,
        &PROOF_FOR_PASSWORD_CHANGE,
        &REQUIRE_ENCRYPTION,
    ],
};

pub(super) fn read(section: &Section<'_>) -> Option<DomainPolicy> {
    let domain = section.get(&NAME, kinds::domain);
    let registration = section.get(
        &REGISTRATION,
        kinds::choice(&[("open", RegistrationMode::Open), ("closed", RegistrationMode::Closed)]),
    );
    let in_band = section.get(
        &IN_BAND,
        kinds::choice(&[
            ("fields-and-form", InBand::FieldsAndForm),
            ("form", InBand::Form),
            ("web", InBand::Web),
        ]),
    );
    let registration_page = section.optional(&REGISTRATION_PAGE, page);
    let invitations = invitations(section);
    let captcha = captcha::read(section);
    let contact = [
        ("required", ContactPolicy::Required),
        ("optional", ContactPolicy::Optional),
        ("off", ContactPolicy::Off),
    ];
    let email = section.get(&EMAIL, kinds::choice(&contact));
    let phone = section.get(&PHONE, kinds::choice(&contact));
    let signed_email = section.get(&SIGNED_EMAIL, kinds::choice(&contact));
    let email_unique = section.get(&EMAIL_UNIQUE, kinds::switch);
    let username = username(section);
    let password_min = section.get(&PASSWORD_MIN, kinds::number(1..=128));
    let verification = verification(section);
    let tombstone_lifetime = section.get(&TOMBSTONE_LIFETIME, kinds::duration(0..=3650 * DAY));
    let deletion_grace = section.get(&DELETION_GRACE, kinds::duration(0..=365 * DAY));
    let self_service = section.get(&SELF_SERVICE, kinds::switch);
    let signed_login = section.get(&SIGNED_LOGIN, kinds::switch);
    let proof_for_removal = section.get(&PROOF_FOR_REMOVAL, kinds::switch);
    let proof_for_password_change = section.get(&PROOF_FOR_PASSWORD_CHANGE, kinds::switch);
    let require_encryption = section.get(&REQUIRE_ENCRYPTION, kinds::switch);
    Some(DomainPolicy {
        domain: domain?,
        registration: registration?,
        in_band: in_band?,
        registration_page,
        invitations: invitations?,
        captcha: captcha?,
        email: email?,
        phone: phone?,
        signed_email: signed_email?,
        email_unique: email_unique?,
        username: username?,
        password: PasswordPolicy { min_length: password_min?, ..PasswordPolicy::default() },
        verification: verification?,
        tombstone_lifetime: tombstone_lifetime?,
        deletion_grace: deletion_grace?,
        self_service: self_service?,
        signed_login: signed_login?,
        proof: ProofPolicy { removal: proof_for_removal?, password_change: proof_for_password_change? },
        require_encryption: require_encryption?,
    })
}

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn invitations(section: &Section<'_>) -> Option<InvitationPolicy> {
    let mode = section.get(
        &INVITATIONS,
        kinds::choice(&[
            ("off", InvitationMode::Off),
            ("optional", InvitationMode::Optional),
            ("required", InvitationMode::Required),
        ]),
    );
    let lifetime = section.get(&INVITATION_LIFETIME, kinds::duration(MINUTE..=365 * DAY));
    let per_user = section.get(&INVITATIONS_PER_USER, kinds::number(0..=1000));
    let inviters = section.get(&INVITERS, kinds::list(inviter));
    Some(InvitationPolicy { mode: mode?, lifetime: lifetime?, per_user: per_user?, inviters: inviters? })
}

fn inviter(value: &DeValue<'_>) -> Kind<String> {
    let jid = jid::BareJid::new(&kinds::text(value)?).ok().filter(|jid| jid.node().is_some());
    jid.map(|jid| jid.to_string()).ok_or_else(|| "not an address, name@domain".to_owned())
}

fn username(section: &Section<'_>) -> Option<UsernamePolicy> {
    let min_length = section.get(&USERNAME_MIN, kinds::number::<usize>(1..=64));
    let max_length = section.get(&USERNAME_MAX, kinds::number::<usize>(1..=255));
    let alphabet = section.get(
        &USERNAME_ALPHABET,
        kinds::choice(&[("ascii", Alphabet::Ascii), ("unicode", Alphabet::Unicode)]),
    );
    let own = section.get(&USERNAME_RESERVED, kinds::list(name));
    let builtin = section.get(&USERNAME_RESERVED_BUILTIN, kinds::switch);
    if let (Some(min), Some(max)) = (min_length, max_length)
        && max < min
    {
        section.note(&USERNAME_MAX, format!("found {max}, below username_min = {min}"));
    }
    let mut reserved = if builtin? { UsernamePolicy::default().reserved } else { Vec::new() };
    reserved.extend(own?);
    Some(UsernamePolicy { min_length: min_length?, max_length: max_length?, alphabet: alphabet?, reserved })
}

fn page(value: &DeValue<'_>) -> Kind<String> {
    let url = Url::parse(&kinds::text(value)?).map_err(|error| error.to_string())?;
    let usable = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    if usable { Ok(url.into()) } else { Err(String::new()) }
}

fn name(value: &DeValue<'_>) -> Kind<String> {
    let name = Username::prepare(&kinds::text(value)?).map_err(|_| "not a name".to_owned())?;
    Ok(name.as_str().to_owned())
}

fn verification(section: &Section<'_>) -> Option<VerificationPolicy> {
    let code_lifetime = section.get(&CODE_LIFETIME, kinds::duration(MINUTE..=DAY));
    let code_tries = section.get(&CODE_TRIES, kinds::number(1..=20));
    let link_lifetime = section.get(&LINK_LIFETIME, kinds::duration(MINUTE..=30 * DAY));
    let resend_cooldown = section.get(&RESEND_COOLDOWN, kinds::duration(0..=DAY));
    let pending_lifetime = section.get(&PENDING_LIFETIME, kinds::duration(MINUTE..=365 * DAY));
    for (name, lifetime) in [("code_lifetime", code_lifetime), ("link_lifetime", link_lifetime)] {
        if let (Some(lifetime), Some(pending)) = (lifetime, pending_lifetime)
            && pending < lifetime
        {
            section.note(
                &PENDING_LIFETIME,
                format!("is shorter than {name}: the account would be gone while its letter still counts"),
            );
        }
    }
    Some(VerificationPolicy {
        code_lifetime: code_lifetime?,
        code_tries: code_tries?,
        link_lifetime: link_lifetime?,
        resend_cooldown: resend_cooldown?,
        pending_lifetime: pending_lifetime?,
    })
}
