//! ejabberd's modules and configuration.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use secrecy::{ExposeSecret, zeroize::Zeroizing};

use super::{Integrated, component_secret, make_folder, write_files, write_private};
use crate::config::{Address, Component, Config};

/// The files of the modules, by their place in the folder.
pub const EJABBERD_MODULES: &[(&str, &str)] = &[
    ("mod_ostiary.spec", include_str!("../../../integrations/ejabberd/mod_ostiary/mod_ostiary.spec")),
    ("README.md", include_str!("../../../integrations/ejabberd/mod_ostiary/README.md")),
    ("src/mod_ostiary.erl", include_str!("../../../integrations/ejabberd/mod_ostiary/src/mod_ostiary.erl")),
    (
        "src/mod_ostiary_link.erl",
        include_str!("../../../integrations/ejabberd/mod_ostiary/src/mod_ostiary_link.erl"),
    ),
    (
        "src/mod_ostiary_accounts.erl",
        include_str!("../../../integrations/ejabberd/mod_ostiary/src/mod_ostiary_accounts.erl"),
    ),
    (
        "src/mod_ostiary_memory.erl",
        include_str!("../../../integrations/ejabberd/mod_ostiary/src/mod_ostiary_memory.erl"),
    ),
    (
        "src/ejabberd_auth_ostiary.erl",
        include_str!("../../../integrations/ejabberd/mod_ostiary/src/ejabberd_auth_ostiary.erl"),
    ),
];

/// The file with the component's secret.
const SECRET_FILE: &str = "secret.yml";
/// The name under which the configuration refers to the secret.
const SECRET_MACRO: &str = "OSTIARY_SECRET";

/// Where packages put ejabberd: Debian, the installers of its makers, and builds from source.
const PLACES: &[(&str, &str)] =
    &[("/usr/lib", "*/ejabberd-*"), ("/opt", "ejabberd-*/lib/ejabberd-*"), ("/usr/local/lib", "ejabberd-*")];

/// Mechanisms that Ostiary has no keys for, or that would pass it by.
const NOT_OFFERED: &[&str] = &["digest-md5", "scram-sha-512", "scram-sha-512-plus", "x-oauth2"];
const SCRAM: &[&str] = &["scram-sha-1", "scram-sha-1-plus", "scram-sha-256", "scram-sha-256-plus"];

/// Writes and compiles the modules, writes the secret; tells what to put where.
pub fn integrate(
    dir: &Path,
    home: Option<&Path>,
    config: &Config,
    component: &Component,
) -> anyhow::Result<Integrated> {
    let mut written = write_files(dir, EJABBERD_MODULES)?;
    written.push(write_secret(dir, component)?);
    let home = match home {
        Some(home) => Some(home.to_owned()),
        None => PLACES.iter().find_map(|(root, pattern)| newest(Path::new(root), pattern)),
    };
    let compiler = Compiler::new(dir, home.as_deref());
    let (beams, outcome) = compiler.run(dir)?;
    let configuration = configuration(dir, config, component);
    let dir = dir.display();
    let text = format!(
        "
{outcome}
Let ejabberd, and nobody else, read the secret:

  chown ejabberd {dir}/{SECRET_FILE}

Put this into ejabberd's configuration (ejabberd.yml): options that are there already are replaced, the listener is added
to the list. Then restart ejabberd:

{configuration}
Set max_stanza_size: 262144 and backlog: 128 at your ejabberd_c2s listener, too, and take mod_register out of the modules:
ostiary does what it did. Put ERL_OPTIONS=\"+sss 8192\" into ejabberdctl.cfg: without it, any user can end ejabberd 23.01
with one deeply nested stanza.
"
    );
    Ok(Integrated { written, compiled: beams, configuration, text })
}

/// The configuration refers to the secret by a macro, which ejabberd takes from a file that only its user may read.
fn write_secret(dir: &Path, component: &Component) -> anyhow::Result<PathBuf> {
    let secret = component_secret(component)?.expose_secret();
    let text = Zeroizing::new(format!(
        "# Written by `ostiary integrate ejabberd`.\ndefine_macro:\n  {SECRET_MACRO}: {}\n",
        *Zeroizing::new(yaml_string(secret)?)
    ));
    write_private(&dir.join(SECRET_FILE), &text)
}

/// A text in double quotes as JSON has it, which is YAML, too.
fn yaml_string(text: &str) -> anyhow::Result<String> {
    serde_json::to_string(text).context("a text cannot be quoted")
}

fn configuration(dir: &Path, config: &Config, component: &Component) -> String {
    let jid = component.jid.as_str();
    let secret_file = dir.join(SECRET_FILE);
    let mut text = format!(
        "include_config_file:\n  \"{}\":\n    allow_only: [define_macro]\n\n\
         # All the time that a person has for filling in a form.\nnegotiation_timeout: 300\n\n",
        secret_file.display()
    );
    let mechanisms = if config.hashing.scram_iterations.is_none() {
        [NOT_OFFERED, SCRAM].concat()
    } else {
        NOT_OFFERED.to_vec()
    };
    text.push_str("host_config:\n");
    for domain in &component.domains {
        let _ = write!(
            text,
            "  \"{}\":\n    auth_method: [ostiary]\n    \
             auth_use_cache: false # it would keep passwords in clear, and old ones good\n    \
             disable_sasl_mechanisms: [{}]\n",
            domain.as_str(),
            mechanisms.join(", ")
        );
    }
    text.push_str("\nappend_host_config:\n");
    for domain in &component.domains {
        let _ = write!(
            text,
            "  \"{}\":\n    modules:\n      mod_ostiary:\n        component: \"{jid}\"\n",
            domain.as_str()
        );
    }
    text.push_str("\nlisten:\n");
    let _ = match &component.address {
        Address::Tcp(host, port) | Address::Tls(host, port) => {
            let ip = host
                .parse::<std::net::IpAddr>()
                .map_or_else(|_| String::from("127.0.0.1"), |ip| ip.to_string());
            writeln!(text, "  - port: {port}\n    ip: \"{ip}\"")
        }
        Address::Unix(path) => writeln!(text, "  - port: \"unix:{}\"", path.display()),
    };
    text.push_str("    module: ejabberd_service\n");
    if matches!(component.address, Address::Tls(..)) {
        text.push_str("    tls: true # and certfile\n");
    }
    let _ = write!(
        text,
        "    check_from: true # false would let the component send under other names\n    \
         max_stanza_size: 524288\n    backlog: 128\n    hosts:\n      \
         \"{jid}\":\n        password: {SECRET_MACRO}\n"
    );
    text
}

/// The folder that matches `pattern` (with `*` inside of names) and holds `ebin`; of several the last by name.
fn newest(root: &Path, pattern: &str) -> Option<PathBuf> {
    let (name, rest) = match pattern.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (pattern, None),
    };
    let start = name.trim_end_matches('*');
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|found| found.starts_with(start)))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.iter().rev().find_map(|folder| match rest {
        Some(rest) => newest(folder, rest),
        None => folder.join("ebin").is_dir().then(|| folder.clone()),
    })
}

/// `erlc` with everything that it has to be told.
struct Compiler {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Where ejabberd's libraries are; unknown when ejabberd was not found.
    libraries: Option<PathBuf>,
}

impl Compiler {
    fn new(dir: &Path, home: Option<&Path>) -> Self {
        let mut arguments: Vec<OsString> = Vec::new();
        let libraries = home.and_then(Path::parent).map(Path::to_owned);
        let home = home.map_or_else(|| PathBuf::from("/path/to/ejabberd"), Path::to_owned);
        let mut includes = vec![home.join("include")];
        for (root, pattern) in
            [(libraries.as_deref(), "xmpp-*"), (Some(Path::new("/usr/lib/erlang/lib")), "p1_xmpp-*")]
        {
            includes.extend(root.and_then(|root| newest(root, pattern)).map(|xmpp| xmpp.join("include")));
        }
        arguments.extend(["-pa".into(), home.join("ebin").into_os_string()]);
        for include in includes {
            arguments.extend(["-I".into(), include.into_os_string()]);
        }
        arguments.extend(["-o".into(), dir.join("ebin").into_os_string()]);
        arguments.extend(sources().map(|place| dir.join(place).into_os_string()));
        // The installers of ejabberd's makers bring an Erlang of their own.
        let own = libraries.as_deref().and_then(Path::parent).map(|root| root.join("bin/erlc"));
        let program = own.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from("erlc"));
        Self { program, arguments, libraries }
    }

    /// Returns what was compiled, and a sentence about it.
    fn run(&self, dir: &Path) -> anyhow::Result<(Vec<PathBuf>, String)> {
        make_folder(&dir.join("ebin"))?;
        let Some(libraries) = &self.libraries else {
            return Ok((
                Vec::new(),
                format!(
                    "ejabberd was not found: give its folder with --ejabberd, or compile the modules with:\n\n  {self}\n"
                ),
            ));
        };
        match Command::new(&self.program).args(&self.arguments).env("ERL_LIBS", libraries).output() {
            Ok(done) if done.status.success() => {
                let beams = sources()
                    .filter_map(|place| Path::new(place).file_stem())
                    .map(|name| dir.join("ebin").join(name).with_extension("beam"))
                    .collect();
                let home = libraries.display();
                Ok((beams, format!("Compiled with {} for the ejabberd in {home}.\n", self.program.display())))
            }
            Ok(done) => anyhow::bail!(
                "the modules cannot be compiled:\n{}{}",
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&done.stderr)
            ),
            Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => Ok((
                Vec::new(),
                format!(
                    "There is no erlc here. Install it (Debian: erlang-base) and run this again, or compile the modules with:\n\n  {self}\n"
                ),
            )),
            Err(failure) => Err(failure).context("erlc cannot be run"),
        }
    }
}

impl std::fmt::Display for Compiler {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(libraries) = &self.libraries {
            write!(formatter, "ERL_LIBS={} ", libraries.display())?;
        }
        write!(formatter, "{}", self.program.display())?;
        self.arguments.iter().try_for_each(|argument| write!(formatter, " {}", argument.to_string_lossy()))
    }
}

fn sources() -> impl Iterator<Item = &'static str> {
    EJABBERD_MODULES.iter().map(|(place, _)| *place).filter(|place| place.starts_with("src/"))
}
