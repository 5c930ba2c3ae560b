//! Prosody's modules and configuration.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, zeroize::Zeroizing};

use super::{Integrated, component_secret, write_files, write_private};
use crate::config::{Address, Component, Config};

/// The files of the modules, by their place in the folder.
pub const PROSODY_MODULES: &[(&str, &str)] = &[
    (
        "mod_ostiary/mod_ostiary.lua",
        include_str!("../../../integrations/prosody/mod_ostiary/mod_ostiary.lua"),
    ),
    ("mod_ostiary/link.lib.lua", include_str!("../../../integrations/prosody/mod_ostiary/link.lib.lua")),
    ("mod_ostiary/README.md", include_str!("../../../integrations/prosody/mod_ostiary/README.md")),
    (
        "mod_auth_ostiary/mod_auth_ostiary.lua",
        include_str!("../../../integrations/prosody/mod_auth_ostiary/mod_auth_ostiary.lua"),
    ),
    (
        "mod_auth_ostiary/memory.lib.lua",
        include_str!("../../../integrations/prosody/mod_auth_ostiary/memory.lib.lua"),
    ),
    ("mod_auth_ostiary/README.md", include_str!("../../../integrations/prosody/mod_auth_ostiary/README.md")),
];

/// The file with the component and its secret.
const COMPONENT_FILE: &str = "component.cfg.lua";

/// Writes the modules and the secret; tells what to put where.
pub fn integrate(dir: &Path, config: &Config, component: &Component) -> anyhow::Result<Integrated> {
    let mut written = write_prosody_modules(dir)?;
    written.push(write_component(dir, component)?);
    let configuration = prosody_configuration(dir, config, component);
    let dir = dir.display();
    let text = format!(
        "
Let Prosody, and nobody else, read the secret:

  chown prosody {dir}/{COMPONENT_FILE}

Put this into Prosody's configuration (prosody.cfg.lua), then restart Prosody:

{configuration}
Take register, register_ibr and user_account_management out of modules_enabled for these hosts:
ostiary does what they did.
"
    );
    Ok(Integrated { written, compiled: Vec::new(), configuration, text })
}

/// Writes Prosody's modules to a folder, over older versions of them.
pub fn write_prosody_modules(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    write_files(dir, PROSODY_MODULES)
}

/// Prosody 0.12 cannot read a secret from a file (`FileLine` came with 13.0), but both versions can include a file that only
/// Prosody's user may read.
fn write_component(dir: &Path, component: &Component) -> anyhow::Result<PathBuf> {
    let text = Zeroizing::new(format!(
        "-- Written by `ostiary integrate prosody`.\n\
         Component {}\n    \
             component_secret = {}\n    \
             component_conflict_resolve = \"kick_old\" -- a restarted ostiary is not locked out by its old connection\n",
        *lua_string(component.jid.as_str()),
        *lua_string(component_secret(component)?.expose_secret()),
    ));
    write_private(&dir.join(COMPONENT_FILE), &text)
}

fn prosody_configuration(dir: &Path, config: &Config, component: &Component) -> String {
    let dir = dir.to_string_lossy();
    let mut text =
        format!("-- At the top, outside of every VirtualHost:\nplugin_paths = {{ {} }}\n", *lua_string(&dir));
    if let Address::Tcp(host, port) = &component.address {
        let _ = writeln!(text, "component_ports = {{ {port} }}");
        if let Ok(address) = host.parse::<std::net::IpAddr>() {
            let _ = writeln!(text, "component_interfaces = {{ {} }}", *lua_string(&address.to_string()));
        }
    }
    let _ = writeln!(text, "Include {}\n", *lua_string(&format!("{dir}/{COMPONENT_FILE}")));
    for domain in &component.domains {
        let _ = write!(
            text,
            "VirtualHost {}\n    authentication = \"ostiary\"\n    modules_enabled = {{ \"ostiary\" }} -- or add \"ostiary\" to the list that is there\n",
            *lua_string(domain.as_str())
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
}
