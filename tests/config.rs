//! The configuration file: what is right is read, and every mistake is told at once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it does not expect")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use ostiary::{
    accounts::{ContactPolicy, RegistrationMode},
    config::{
        Address, Config, Environment, ListenAddress, Network, Secrets, Transport,
        manual::{self, Answers},
    },
};
use secrecy::ExposeSecret;

/// The parts that must be there, so that a test only writes what it is about. Seven lines.
const START: &str = "[service]\nbase_url = \"https://accounts.chat.example\"\n\n[component]\njid = \"register.chat.example\"\n\n";
const DOMAIN: &str = "[[domain]]\nname = \"chat.example\"\n";

fn problems_of(text: &str, secrets: Secrets) -> Vec<String> {
    let environment = Environment { variable: &|_| None, secrets };
    match Config::parse(Path::new("/etc/ostiary/ostiary.toml"), text, &environment) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .to_string()
            .lines()
            .map(|line| line.trim_start_matches("/etc/ostiary/ostiary.toml:").to_owned())
            .collect(),
    }
}

fn read(text: &str) -> Config {
    let environment = Environment { variable: &|_| None, secrets: Secrets::None };
    Config::parse(Path::new("/etc/ostiary/ostiary.toml"), text, &environment)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_mistake_is_told_with_line_key_finding_and_what_is_allowed() {
    let broken = [
        (
            "",
            vec![
                " [[domain]]: the section is missing; at least one is needed",
                " [component] jid: is missing; allowed: a domain name",
                " [service] base_url: is missing; allowed: an address that starts with https:// or http://, without user, query and fragment",
            ],
        ),
        (
            "[service]\nname = 5\nbase_url = \"ftp://x\"\ncolour = 1\n[component]\njid = \"a@b\"\naddress = \"nowhere\"\n[[domain]]\nregistration = \"maybe\"\nusername_min = 0\n",
            vec![
                "2: [service] name: found 5; allowed: a text",
                "3: [service] base_url: found \"ftp://x\"; allowed: an address that starts with https:// or http://, without user, query and fragment",
                "4: [service] colour: unknown option; allowed: name, base_url, language",
                "6: [component] jid: found \"a@b\" (not a domain name); allowed: a domain name",
                "7: [component] address: found \"nowhere\"; allowed: \"host:port\", \"tls:host:port\" or \"unix:/path/of/socket\"",
                "8: [[domain]] name: is missing; allowed: a domain name",
                "9: [[domain]] registration: found \"maybe\"; allowed: \"open\" or \"closed\"",
                "10: [[domain]] username_min: found 0; allowed: 1 to 64",
            ],
        ),
        (
            "[https]\nlisten = []\n[htp]\n[[http]]\n",
            vec![
                " [[domain]]: the section is missing; at least one is needed",
                " [component] jid: is missing; allowed: a domain name",
                " [service] base_url: is missing; allowed: an address that starts with https:// or http://, without user, query and fragment",
                "1: https: unknown section; did you mean http?",
                "3: htp: unknown section; did you mean http?",
                "4: [http]: write it as [http] with options below it",
            ],
        ),
    ];
    for (text, expected) in broken {
        assert_eq!(problems_of(text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn mistakes_about_captcha_services_and_redirections_are_told_where_they_are() {
    for (rest, expected) in [
        (
            "[siteverify]\nservice = \"turnstile\"\n",
            vec!["9: [siteverify] site_key: is missing; service needs a text here"],
        ),
        (
            "[siteverify]\nservice = \"recaptcha\"\nurl = \"http://captcha.example/\"\nleast_score = 2\naction = \"a b\"\ntimeout = \"1m\"\n",
            vec![
                "10: [siteverify] service: found \"recaptcha\"; allowed: \"recaptcha-v2\", \"recaptcha-v3\", \"hcaptcha\" or \"turnstile\"",
                "11: [siteverify] url: found \"http://captcha.example/\" (not encrypted); allowed: an address that starts with https://, or with http:// on this machine",
                "12: [siteverify] least_score: found 2; allowed: 0.0 to 1.0",
                "13: [siteverify] action: found \"a b\"; allowed: letters, digits, `_` and `/`",
                "14: [siteverify] timeout: found \"1m\" (out of bounds); allowed: a time from \"1s\" to \"20s\"",
            ],
        ),
        (
            "[agent_api]\nweb_form_captcha = \"none\"\nredirection_urls = [\"https://app.example/\", \"http://app.example/\"]\n",
            vec![
                "10: [agent_api] web_form_captcha: found \"none\"; allowed: \"siteverify\" or \"own\"",
                "11: [agent_api] redirection_urls: found [\"https://app.example/\", \"http://app.example/\"] (entry 2: not encrypted; http:// is for this machine only); allowed: a list of addresses that start with https://, or with http:// on this machine, without user, query and fragment",
            ],
        ),
        (
            "[agent_api]\nredirection_urls = [\"https://app.example/?a=b\"]\n",
            vec![
                "10: [agent_api] redirection_urls: found [\"https://app.example/?a=b\"] (entry 1: an address without user, query and fragment is needed); allowed: a list of addresses that start with https://, or with http:// on this machine, without user, query and fragment",
            ],
        ),
    ] {
        let text = format!("{START}{DOMAIN}{rest}");
        assert_eq!(problems_of(&text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn a_brand_that_cannot_be_read_is_told_so() {
    let rest =
        "[brand]\ncolour = \"#7fd6a0\"\ncolour_dark = \"#123\"\nterms_url = \"http://chat.example/\"\n";
    let expected = [
        "10: [brand] colour: found \"#7fd6a0\" (its contrast is 1.7); allowed: a colour such as \"#2756a8\", dark enough to be read on white (contrast 4.5, WCAG 2.2)",
        "11: [brand] colour_dark: found \"#123\"; allowed: a colour such as \"#8fb4f5\", bright enough to be read on dark grey (contrast 4.5, WCAG 2.2)",
        "12: [brand] terms_url: found \"http://chat.example/\"; allowed: an address that starts with https://",
    ];
    assert_eq!(problems_of(&format!("{START}{DOMAIN}{rest}"), Secrets::None), expected);
    let brand = read(&format!("{START}{DOMAIN}[brand]\ncolour = \"#1B6E3C\"\n")).brand;
    assert_eq!(brand.colour.as_deref(), Some("#1b6e3c"));
}

#[test]
fn a_captcha_service_is_asked_where_it_is_unless_something_else_is_said() {
    let service = "[siteverify]\nservice = \"recaptcha-v3\"\nsite_key = \"key\"\n";
    let config = read(&format!("{START}{DOMAIN}{service}"));
    let site = config.siteverify.unwrap();
    assert_eq!(site.url.as_str(), "https://www.google.com/recaptcha/api/siteverify");
    assert_eq!((site.hostname.as_str(), site.least_score), ("accounts.chat.example", Some(0.5)));
    assert_eq!((site.action, site.timeout.as_secs()), (None, 5));
    assert!(read(&format!("{START}{DOMAIN}")).siteverify.is_none());
}

#[test]
fn mistakes_in_questions_are_told_with_their_entry() {
    for (rest, expected) in [
        (
            "captcha = \"always\"\ncaptcha_kinds = [\"question\", \"work\"]\n",
            vec![
                "10: [[domain]] captcha_kinds: nobody could solve it: name \"picture\", or \"question\" and write captcha_questions",
            ],
        ),
        (
            "captcha_questions = [{ lang = \"en\", ask = \"Colour of snow?\", answers = [\"white\"] }, 5]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ lang = \"en\", ask = \"Colour of snow?\", answers = [\"white\"]... (entry 2: write { lang = ..., ask = ..., answers = [...] }); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_questions = [{ lang = \"en\", ask = \"\", answers = [\"white\"] }]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ lang = \"en\", ask = \"\", answers = [\"white\"] }] (entry 1: ask: it is empty); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_questions = [{ lang = \"en\", ask = \"Snow?\", answers = [] }]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ lang = \"en\", ask = \"Snow?\", answers = [] }] (entry 1: an answer is empty or longer than 100 characters, or there is none); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_questions = [{ lang = \"e n\", ask = \"Snow?\", answers = [\"white\"] }]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ lang = \"e n\", ask = \"Snow?\", answers = [\"white\"] }] (entry 1: lang is not a language tag such as \"en\"); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_questions = [{ ask = \"Snow?\", answers = [\"white\"] }]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ ask = \"Snow?\", answers = [\"white\"] }] (entry 1: lang is missing); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_questions = [{ lang = \"en\", ask = \"Snow?\", answers = [\"white\"], answer = \"white\" }]\n",
            vec![
                "9: [[domain]] captcha_questions: found [{ lang = \"en\", ask = \"Snow?\", answers = [\"white\"], answer =... (entry 1: \"answer\" is not known in a question); allowed: a list of { lang = \"en\", ask = \"...\", answers = [\"...\"] }",
            ],
        ),
        (
            "captcha_work_bits = 33\n",
            vec![
                "9: [[domain]] captcha_work_bits: found 33; allowed: 8 to 32; a multiple of 4 suits most programs",
            ],
        ),
    ] {
        let text = format!("{START}{DOMAIN}{rest}");
        assert_eq!(problems_of(&text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn mistakes_about_what_domains_rely_on_are_told_where_they_are() {
    for (rest, expected) in [
        (
            "[[domain_brand]]\ndomain = \"chat.example\"\ncolour = \"#ffff00\"\n[[domain_brand]]\ndomain = \"chat.example\"\n[[domain_brand]]\ndomain = \"other.example\"\n",
            vec![
                "11: [[domain_brand]] colour: found \"#ffff00\" (its contrast is 1.1); allowed: a colour such as \"#2756a8\", dark enough to be read on white (contrast 4.5, WCAG 2.2)",
                "13: [[domain_brand]] domain: chat.example is there twice",
                "15: [[domain_brand]] domain: other.example is none of the domains",
            ],
        ),
        (
            "captcha_web = \"service\"\n",
            vec!["9: [[domain]] captcha_web: needs a service: set [siteverify] service"],
        ),
        (
            "phone = \"optional\"\n",
            vec!["9: [[domain]] phone: needs somebody who takes text messages: set [sms] transport"],
        ),
        (
            "[sms]\ntransport = \"http\"\nurl = \"https://sms.example/?key={secret}\"\nheaders = [\"X-Key\"]\nbody = \"{number}\"\n",
            vec![
                "9: [sms] from: is missing; transport = \"http\" needs it",
                "11: [sms] url: found \"https://sms.example/?key={secret}\" (addresses are logged on the way; put the secret into a header or the body); allowed: an address that starts with https://, or with http:// on this machine; {account} and {to} may stand in it, no secret",
                "12: [sms] headers: found [\"X-Key\"] (entry 1: not of the form Name: value); allowed: a list of \"Name: value\"; one of them is Content-Type, application/json or application/x-www-form-urlencoded",
                "13: [sms] body: found \"{number}\" ({number} stands for nothing; there are {to}, {to_digits}, {text}, {from}, {account}, {secret} and {basic}); allowed: a text of at most 1000 bytes",
            ],
        ),
        (
            "[sms]\ntransport = \"http\"\n",
            vec![
                "9: [sms] body: is missing; transport = \"http\" needs it",
                "9: [sms] from: is missing; transport = \"http\" needs it",
                "9: [sms] url: is missing; transport = \"http\" needs it",
            ],
        ),
    ] {
        let text = format!("{START}{DOMAIN}{rest}");
        assert_eq!(problems_of(&text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn mistakes_between_options_are_told_where_they_are() {
    for (rest, expected) in [
        (
            "username_max = 3\nusername_min = 4\n",
            vec!["9: [[domain]] username_max: found 3, below username_min = 4"],
        ),
        (
            "link_lifetime = \"3d\"\n",
            vec![
                "7: [[domain]] pending_lifetime: is shorter than link_lifetime: the account would be gone while its letter still counts",
            ],
        ),
        ("[[domain]]\nname = \"CHAT.example\"\n", vec!["10: [[domain]] name: chat.example is there twice"]),
        (
            "[[domain]]\nname = \"register.chat.example\"\n",
            vec![
                "5: [component] jid: register.chat.example is one of the domains; the component needs an address of its own",
            ],
        ),
        ("name = \"again.example\"\n", vec!["9: duplicate key"]),
        (
            "[hashing]\nmemory_kib = 1024\nscram_iterations = 1000\n",
            vec![
                "10: [hashing] memory_kib: found 1024 with 2 passes; allowed: 8 to 4194304, and together with passes not below OWASP's minimum: 47104 with 1 pass, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5 or more",
                "11: [hashing] scram_iterations: found 1000; allowed: 4096 to 1000000 (RFC 7677 §4 asks for 4096 at least)",
            ],
        ),
        (
            "[http]\nlisten = [\"0.0.0.0:80\"]\n",
            vec![
                "10: [http] listen: 0.0.0.0:80 is not a loopback address, and plain HTTP would show passwords to the network: listen on 127.0.0.1, or put a reverse proxy with TLS in front and set behind_proxy = true",
            ],
        ),
        (
            "[http]\nlisten = [\"unix:http.sock\"]\nlisten_tls = [\"127.0.0.1:8443\"]\ntls_key = \"key.pem\"\n",
            vec![
                "10: [http] listen: found [\"unix:http.sock\"] (entry 1: the path of a Unix socket starts with /); allowed: a list of \"address:port\" or \"unix:/absolute/path\"; addresses other than loopback need behind_proxy = true",
                "11: [http] listen_tls: TLS needs a certificate and its key: set tls_certificate and tls_key",
            ],
        ),
        (
            "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"10.0.0.0/33\"]\n",
            vec![
                "10: [http] trusted_proxies: found [\"10.0.0.0/8\", \"10.0.0.0/33\"] (entry 2: \"10.0.0.0/33\" is not a network); allowed: a list of IP addresses or networks such as \"10.0.0.0/8\"",
            ],
        ),
        (
            "[mail]\ntransport = \"smtp\"\nhost = \"mail.example\"\nencryption = \"none\"\n",
            vec![
                "9: [mail] from: is missing; transport = \"smtp\" needs an e-mail address here",
                "12: [mail] encryption: found \"none\" for mail.example, which is not this machine: letters hold codes; use \"starttls\" or \"tls\"",
            ],
        ),
        (
            "[log]\nfilter = \"inof\"\n",
            vec![
                "10: [log] filter: found \"inof\" (not a level); allowed: a level (\"error\", \"warn\", \"info\", \"debug\", \"trace\") or a list such as \"info,ostiary::xmpp=debug\"",
            ],
        ),
        (
            "[component.tls]\n",
            vec![
                "9: [component] tls: unknown option; allowed: jid, domains, has_module, address, ca_file, secret_file, abuse_addresses, admin_addresses, feedback_addresses, sales_addresses, security_addresses, support_addresses",
            ],
        ),
    ] {
        let text = format!("{START}{DOMAIN}{rest}");
        assert_eq!(problems_of(&text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn text_that_is_no_toml_is_told_with_every_line() {
    let problems =
        problems_of(&format!("{START}{DOMAIN}registration = open\nname = \"x\"\nemail = \n"), Secrets::None);
    assert!(problems.iter().any(|line| line.starts_with("9: ")), "{problems:#?}");
    assert!(problems.iter().any(|line| line.starts_with("10: ")), "{problems:#?}");
    assert!(problems.iter().any(|line| line.starts_with("11: ")), "{problems:#?}");
}

#[test]
fn a_secret_written_into_the_file_is_refused_and_not_repeated() {
    let text = format!("{START}secret = \"hunter2\"\n{DOMAIN}[mail]\npassword = \"hunter2\"\n");
    let text = text.replace("\n\nsecret", "\nsecret");
    assert_eq!(
        problems_of(&text, Secrets::None),
        [
            "6: [component] secret: unknown option; did you mean secret_file?",
            "10: [mail] password: unknown option; did you mean password_file?",
        ]
    );
}

#[test]
fn what_is_written_is_what_is_read() {
    let config = read(&format!(
        "{START}address = \"tls:[::1]:5348\"\nca_file = \"ca.pem\"\nabuse_addresses = [\"mailto:abuse@chat.example\"]\n{DOMAIN}\
         registration = \"closed\"\nemail = \"optional\"\nusername_reserved = [\"Boss\"]\npassword_min = 12\n\
         [[domain]]\nname = \"zweite.example\"\n\
         [database]\npath = \"/var/lib/ostiary/accounts.db\"\n[hashing]\nscram = false\nthreads = 3\n\
         [http]\nlisten = [\"unix:/run/http.sock\"]\nlisten_tls = [\"[::]:443\"]\ntls_certificate = \"all.pem\"\ntls_key = \"/k.pem\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n\
         [mail]\ntransport = \"smtp\"\nfrom = \"a@chat.example\"\nhost = \"mail.example\"\nencryption = \"tls\"\n"
    ).replace("\n\naddress", "\naddress"));
    assert_eq!(config.service.base_url.as_str(), "https://accounts.chat.example/");
    assert_eq!(config.service_name(), "chat.example");
    assert_eq!(config.components[0].address, Address::Tls("::1".to_owned(), 5348));
    assert_eq!(config.components[0].ca_file.as_deref(), Some(Path::new("/etc/ostiary/ca.pem")));
    assert_eq!(config.components[0].secret_file, Path::new("/etc/ostiary/secrets/component.secret"));
    assert_eq!(config.components[0].contacts.abuse, ["mailto:abuse@chat.example"]);
    let [first, second] = config.domains.as_slice() else { panic!("two domains") };
    assert_eq!(config.components[0].domains, [first.domain.clone(), second.domain.clone()]);
    assert_eq!((first.registration, first.email), (RegistrationMode::Closed, ContactPolicy::Optional));
    assert!(first.username.reserved.iter().any(|name| name == "boss") && first.username.reserved.len() > 10);
    assert_eq!((first.password.min_length, second.password.min_length), (12, 8));
    assert_eq!(config.database.path, Path::new("/var/lib/ostiary/accounts.db"));
    assert_eq!((config.hashing.scram_iterations, config.hashing.threads), (None, 3));
    assert_eq!(config.http.listen, [ListenAddress::Unix("/run/http.sock".into())]);
    let tls = config.http.tls.unwrap();
    assert_eq!(tls.listen, ["[::]:443".parse().unwrap()]);
    assert_eq!((tls.certificate, tls.key), ("/etc/ostiary/all.pem".into(), "/k.pem".into()));
    assert_eq!(config.http.trusted_proxies, [Network { address: "10.0.0.0".parse().unwrap(), prefix: 8 }]);
    let Transport::Smtp(smtp) = config.mail.transport else { panic!("smtp") };
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example", 465));
}

const TWO_SERVERS: &str = "[service]\nbase_url = \"https://accounts.chat.example\"\n\
     [[component]]\njid = \"register.a.example\"\ndomains = [\"a.example\"]\n\
     [[component]]\njid = \"register.b.example\"\ndomains = [\"b.example\"]\nsecret_file = \"secrets/b.secret\"\n\
     [[domain]]\nname = \"a.example\"\n[[domain]]\nname = \"b.example\"\n";

#[test]
fn each_of_several_components_has_domains_and_a_secret_of_its_own() {
    let config = read(TWO_SERVERS);
    let [a, b] = config.components.as_slice() else { panic!("two components") };
    assert_eq!(
        (a.jid.as_str(), a.domains[0].as_str(), a.domains.len()),
        ("register.a.example", "a.example", 1)
    );
    assert_eq!(
        (b.jid.as_str(), b.domains[0].as_str(), b.domains.len()),
        ("register.b.example", "b.example", 1)
    );

    for (from, to, expected) in [
        (
            "\"b.example\"]",
            "\"a.example\"]",
            vec![
                "8: [component] domains: a.example belongs to register.a.example already",
                "8: [component] domains: no component has b.example among its domains",
            ],
        ),
        (
            "\"b.example\"]",
            "\"b.example\", \"c.example\"]",
            vec!["8: [component] domains: c.example is none of the domains"],
        ),
        (
            "domains = [\"b.example\"]\n",
            "",
            vec![
                "6: [component] domains: is missing; with several components each says which domains it is for",
                "6: [component] domains: no component has b.example among its domains",
            ],
        ),
        (
            "register.b.example",
            "register.a.example",
            vec!["7: [component] jid: register.a.example is there twice"],
        ),
        (
            "secret_file = \"secrets/b.secret\"\n",
            "",
            vec![
                "6: [component] secret_file: is that of register.a.example as well; each server has one of its own",
            ],
        ),
        (
            "register.b.example",
            "a.example",
            vec![
                "7: [component] jid: a.example is one of the domains; the component needs an address of its own",
            ],
        ),
    ] {
        let text = TWO_SERVERS.replacen(from, to, 1);
        assert_eq!(problems_of(&text, Secrets::None), expected, "{text}");
    }
}

#[test]
fn a_second_component_has_a_variable_of_its_own_for_its_secret() {
    let variable = |name: &str| {
        let secret = match name {
            "OSTIARY_COMPONENT_SECRET" => "the first",
            "OSTIARY_COMPONENT_SECRET_2" => "the second",
            _ => return None,
        };
        Some(secret.to_owned())
    };
    let environment = Environment { variable: &variable, secrets: Secrets::Component };
    let config = Config::parse(Path::new("ostiary.toml"), TWO_SERVERS, &environment).unwrap();
    let secrets =
        config.components.iter().map(|component| component.secret.as_ref().unwrap().expose_secret());
    assert_eq!(secrets.collect::<Vec<_>>(), ["the first", "the second"]);
}

#[test]
fn secrets_are_read_from_closed_files_or_the_environment_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ostiary.toml");
    fs::write(&file, format!("{START}{DOMAIN}")).unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    let master = folder.path().join("secrets/master.key");
    let component = folder.path().join("secrets/component.secret");
    let problems = |variable: &dyn Fn(&str) -> Option<String>| {
        let environment = Environment { variable, secrets: Secrets::All };
        Config::load(&file, &environment).err().map_or_else(String::new, |problems| problems.to_string())
    };
    let none = |_: &str| None;

    let missing = problems(&none);
    assert_eq!(missing.lines().count(), 2, "{missing}");
    assert!(missing.contains("master.key: No such file") && missing.contains("OSTIARY_COMPONENT_SECRET"));

    write(&master, "bm90IDMyIGJ5dGVz\n", 0o600);
    write(&component, "s3cret-s3cret\n", 0o640);
    let wrong = problems(&none);
    assert!(wrong.contains("[keys] master_file: is no key; allowed:"), "{wrong}");
    assert!(wrong.contains(&format!("(mode 0640): run chmod 600 {}", component.display())), "{wrong}");
    assert!(!wrong.contains("s3cret-s3cret") && !wrong.contains("bm90"), "{wrong}");

    write(&master, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0o400);
    write(&component, "s3cret-s3cret\n", 0o600);
    assert_eq!(problems(&none), "");
    fs::remove_file(&component).unwrap();
    let variable = |name: &str| (name == "OSTIARY_COMPONENT_SECRET").then(|| "from-env".to_owned());
    assert_eq!(problems(&variable), "");
    write(&component, "two\nlines\n", 0o600);
    assert!(problems(&none).contains("must hold one line of text"));
}

#[test]
fn a_file_that_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment { variable: &|_| None, secrets: Secrets::None };
    let said = |file: PathBuf| Config::load(&file, &environment).unwrap_err().to_string();
    let missing = said(folder.path().join("none.toml"));
    assert!(
        missing.ends_with("none.toml: no such file; `ostiary init` makes one, `--config FILE` names another"),
        "{missing}"
    );
    assert!(said(folder.path().to_owned()).contains("directory"));
    let binary = folder.path().join("binary.toml");
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    assert!(said(binary).contains("UTF-8"));
    let huge = folder.path().join("huge.toml");
    fs::write(&huge, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert!(said(huge).ends_with("is larger than 1 MiB"));
}

#[test]
fn the_manual_and_the_examples_are_those_of_the_code() {
    let answers = Answers {
        domain: "chat.example".to_owned(),
        component_jid: "register.chat.example".to_owned(),
        base_url: "https://accounts.chat.example".to_owned(),
    };
    for (file, text) in [
        ("docs/configuration.md", manual::markdown()),
        ("examples/ostiary.toml", manual::commented(&answers)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        if std::env::var_os("OSTIARY_BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap();
        assert!(there == text, "{file} is not what the code says: OSTIARY_BLESS=1 cargo test --test config");
    }
    let minimal = include_str!("../examples/minimal.toml");
    assert_eq!(read(minimal).domains, read(&manual::commented(&answers)).domains);
}

fn write(path: &Path, text: &str, mode: u32) {
    let _ = fs::remove_file(path);
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
