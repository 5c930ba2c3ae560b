//! `ostiary integrate`: what an XMPP server needs to work with the broker.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, zeroize::Zeroizing};

use super::{ending::Ending, output::Output};
use crate::config::{Address, Config};

#[derive(Debug, Args)]
pub struct IntegrateArguments {
    #[command(subcommand)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum Server {
    /// Write Prosody's modules (0.12 and 13.0) to a folder and print the configuration to paste.
    #[command(after_help = PROSODY_HELP)]
    Prosody {
        /// The folder; made if it is not there. Older versions of the modules in it are replaced.
        #[arg(long, default_value = "/etc/prosody/ostiary", value_name = "DIR")]
        dir: PathBuf,
    },
}

const PROSODY_HELP: &str = "\
Example:
  ostiary integrate prosody --dir /etc/prosody/ostiary

The component's secret is not printed: it goes into a file with mode 0600 beside the modules, which Prosody's
configuration includes.
";

/// The files of the modules, by their place in the folder.
pub const PROSODY_MODULES: &[(&str, &str)] = &[
    ("mod_ostiary/mod_ostiary.lua", include_str!("../../integrations/prosody/mod_ostiary/mod_ostiary.lua")),
    ("mod_ostiary/link.lib.lua", include_str!("../../integrations/prosody/mod_ostiary/link.lib.lua")),
    ("mod_ostiary/README.md", include_str!("../../integrations/prosody/mod_ostiary/README.md")),
    (
        "mod_auth_ostiary/mod_auth_ostiary.lua",
        include_str!("../../integrations/prosody/mod_auth_ostiary/mod_auth_ostiary.lua"),
    ),
    ("mod_auth_ostiary/README.md", include_str!("../../integrations/prosody/mod_auth_ostiary/README.md")),
];

/// The file with the component and its secret.
const COMPONENT_FILE: &str = "component.cfg.lua";

/// Writes the files and tells what to put where.
pub fn integrate(arguments: &IntegrateArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let Server::Prosody { dir } = &arguments.server;
    let dir = std::path::absolute(dir)?;
    let mut written = write_prosody_modules(&dir)?;
    written.push(write_component(&dir, config)?);
    let paste = prosody_configuration(&dir, config);
    let written: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
    let value = serde_json::json!({ "written": written, "configuration": paste });
    let mut text = String::new();
    for path in &written {
        let _ = writeln!(text, "wrote {path}");
    }
    let dir = dir.display();
    let _ = write!(
        text,
        "
Let Prosody, and nobody else, read the secret:

  chown prosody {dir}/{COMPONENT_FILE}

Put this into Prosody's configuration (prosody.cfg.lua), then restart Prosody:

{paste}
Take register, register_ibr and user_account_management out of modules_enabled for these hosts:
ostiary does what they did.
"
    );
    output.result(&value, text)?;
    Ok(())
}

/// Writes Prosody's modules to a folder, over older versions of them.
pub fn write_prosody_modules(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (place, text) in PROSODY_MODULES {
        let path = dir.join(place);
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o755)
                .create(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// Prosody 0.12 cannot read a secret from a file (`FileLine` came with 13.0), but both versions can include a file that only
/// Prosody's user may read.
fn write_component(dir: &Path, config: &Config) -> anyhow::Result<PathBuf> {
    let component = &config.component;
    let secret =
        component.secret.as_ref().context("the configuration was read without the component's secret")?;
    let text = Zeroizing::new(format!(
        "-- Written by `ostiary integrate prosody`.\n\
         Component {}\n    \
             component_secret = {}\n    \
             component_conflict_resolve = \"kick_old\" -- a restarted ostiary is not locked out by its old connection\n",
        *lua_string(component.jid.as_str()),
        *lua_string(secret.expose_secret()),
    ));
    let path = dir.join(COMPONENT_FILE);
    let context = || format!("{} cannot be written", path.display());
    // Written beside and moved over, so that neither a reader sees half of it nor an old, open mode is kept.
    let new = dir.join(format!("{COMPONENT_FILE}.new"));
    let _ = fs::remove_file(&new);
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).with_context(context)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(context)?;
    fs::rename(&new, &path).with_context(context)?;
    Ok(path)
}

fn prosody_configuration(dir: &Path, config: &Config) -> String {
    let dir = dir.to_string_lossy();
    let mut text =
        format!("-- At the top, outside of every VirtualHost:\nplugin_paths = {{ {} }}\n", *lua_string(&dir));
    if let Address::Tcp(host, port) = &config.component.address {
        let _ = writeln!(text, "component_ports = {{ {port} }}");
        if let Ok(address) = host.parse::<std::net::IpAddr>() {
            let _ = writeln!(text, "component_interfaces = {{ {} }}", *lua_string(&address.to_string()));
        }
    }
    let _ = writeln!(text, "Include {}\n", *lua_string(&format!("{dir}/{COMPONENT_FILE}")));
    for policy in &config.domains {
        let _ = write!(
            text,
            "VirtualHost {}\n    authentication = \"ostiary\"\n    modules_enabled = {{ \"ostiary\" }} -- or add \"ostiary\" to the list that is there\n",
            *lua_string(policy.domain.as_str())
        );
        if config.hashing.scram_iterations.is_none() {
            text.push_str("    disable_sasl_mechanisms = { \"DIGEST-MD5\", \"SCRAM-SHA-1\", \"SCRAM-SHA-1-PLUS\", \"SCRAM-SHA-256\", \"SCRAM-SHA-256-PLUS\" }\n");
        }
        text.push('\n');
    }
    text
}

/// A text as Lua reads it: every byte but plain ones in its decimal form (Lua 5.1 manual §2.1).
fn lua_string(text: &str) -> Zeroizing<String> {
    let mut quoted = Zeroizing::new(String::with_capacity(text.len() * 4 + 2));
    quoted.push('"');
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'"' && byte != b'\\' => quoted.push(char::from(byte)),
            _ => {
                let _ = write!(quoted, "\\{byte:03}");
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lua_reads_back_what_was_quoted() {
        assert_eq!(*lua_string("a-b_c 1"), "\"a-b_c 1\"");
        assert_eq!(*lua_string("\"\\\né"), "\"\\034\\092\\010\\195\\169\"");
    }

    #[test]
    fn every_file_of_the_modules_is_written() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/prosody");
        let mut there = Vec::new();
        for module in fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir())
        {
            for file in fs::read_dir(&module).unwrap() {
                let name = module.file_name().unwrap().to_str().unwrap().to_owned();
                there.push(format!("{name}/{}", file.unwrap().file_name().to_str().unwrap()));
            }
        }
        there.sort();
        let mut embedded: Vec<_> = PROSODY_MODULES.iter().map(|(place, _)| (*place).to_owned()).collect();
        embedded.sort();
        assert_eq!(embedded, there);
    }
}
