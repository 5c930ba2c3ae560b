//! Reads the accounts of Prosody's internal storage: `DATA/HOST/accounts/USER.dat`, with names percent-encoded.

use std::{
    fs::{self, File, ReadDir},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use indicatif::ProgressBar;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{
    lua::LuaValue,
    source::{Found, Source, bar},
};
use crate::{
    accounts::{Domain, ForeignAccount, ForeignKeys, ForeignSecret, Mechanism},
    cli::ending::Ending,
    config::hexadecimal,
};

/// Bytes of an account's file; Prosody's are about 300.
const LARGEST: u64 = 64 * 1024;

/// The accounts of every host below `data`, or of one.
pub fn prosody(data: &Path, only: Option<&Domain>) -> Result<Source, Ending> {
    let unreadable = || format!("cannot read {}", data.display());
    let mut hosts = Vec::new();
    for entry in fs::read_dir(data).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(decoded) else { continue };
        let is_wanted = only.is_none_or(|only| Domain::parse(&name).is_ok_and(|domain| domain == *only));
        if is_wanted && path.join("accounts").is_dir() {
            hosts.push(Host { name, folder: path });
        }
    }
    if hosts.is_empty() {
        let host = only.map_or_else(|| "HOST".to_owned(), |domain| encoded(domain.as_str()));
        return Err(Ending::Usage(format!(
            "there are no accounts in {0}: {0}/{host}/accounts is not there. Name the folder that data_path of Prosody names \
             (Debian: /var/lib/prosody), if the accounts are in its internal storage",
            data.display()
        )));
    }
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    let files: u64 = hosts.iter().map(Host::count).sum::<Result<_, _>>()?;
    let progress = bar(files, "{bar:40} {percent:>3} %  {pos} of {len} files, {eta} left");
    let moved = progress.clone();
    let accounts = hosts.into_iter().flat_map(move |host| Accounts::of(host, moved.clone()));
    Ok(Source { accounts: Box::new(accounts), progress })
}

#[derive(Debug)]
struct Host {
    name: String,
    folder: PathBuf,
}

impl Host {
    fn accounts(&self) -> PathBuf {
        self.folder.join("accounts")
    }

    fn count(&self) -> anyhow::Result<u64> {
        let files = fs::read_dir(self.accounts());
        Ok(files.with_context(|| format!("cannot read {}", self.accounts().display()))?.count() as u64)
    }
}

/// The accounts of one host.
struct Accounts {
    host: Host,
    /// `None` before the first.
    files: Option<ReadDir>,
    progress: ProgressBar,
    is_done: bool,
}

impl Accounts {
    fn of(host: Host, progress: ProgressBar) -> Self {
        Self { host, files: None, progress, is_done: false }
    }

    fn next_account(&mut self) -> anyhow::Result<Option<Found>> {
        let folder = self.host.accounts();
        let unreadable = || format!("cannot read {}", folder.display());
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(fs::read_dir(&folder).with_context(unreadable)?),
        };
        for entry in files {
            let path = entry.with_context(unreadable)?.path();
            self.progress.inc(1);
            if path.extension().is_some_and(|extension| extension == "dat") {
                return Ok(Some(self.read(&path)));
            }
        }
        Ok(None)
    }

    fn read(&self, path: &Path) -> Found {
        let account = || -> anyhow::Result<ForeignAccount> {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let username = stem.and_then(decoded).context("the name of the file is no name of an account")?;
            let account = read_file(path)?;
            let details = self.host.folder.join("account_details").join(path.file_name().unwrap_or_default());
            // Made by registrations with an address; most accounts have none.
            let email = read_file(&details).ok();
            let email = email.as_ref().and_then(|details| details.get("email")?.as_str());
            Ok(ForeignAccount {
                domain: self.host.name.clone(),
                username,
                secret: secret(&account)?,
                is_disabled: account.get("disabled") == Some(&LuaValue::Boolean(true)),
                email: email.map(str::to_owned),
            })
        };
        account().map_or_else(
            |error| Found::Unreadable { name: path.display().to_string(), problem: format!("{error:#}") },
            Found::Account,
        )
    }
}

impl Iterator for Accounts {
    type Item = anyhow::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_account();
        self.is_done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

fn read_file(path: &Path) -> anyhow::Result<LuaValue> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    anyhow::ensure!(length <= LARGEST, "the file is larger than {LARGEST} bytes");
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(length)? + 1));
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(LuaValue::parse(&text)?)
}

/// The password itself wins, as it does in Prosody.
fn secret(account: &LuaValue) -> anyhow::Result<ForeignSecret> {
    if let Some(password) = account.get("password").and_then(LuaValue::as_str).filter(|it| !it.is_empty()) {
        return Ok(ForeignSecret::Password(SecretString::from(password)));
    }
    let (Some(stored), Some(server)) = (account.get("stored_key"), account.get("server_key")) else {
        return Ok(ForeignSecret::Keys(Vec::new()));
    };
    let key = |value: &LuaValue| value.as_str().and_then(hexadecimal);
    let stored_key = key(stored).context("stored_key is not hexadecimal")?;
    // The hash is not written down; each has its own length.
    let mechanism = Mechanism::ALL.into_iter().find(|mechanism| mechanism.key_length() == stored_key.len());
    let mut keys = ForeignKeys::empty(mechanism.map_or("of an unknown kind", Mechanism::as_str).to_owned());
    keys.stored_key = stored_key;
    keys.server_key = key(server).context("server_key is not hexadecimal")?;
    keys.salt = account.get("salt").and_then(LuaValue::as_bytes).unwrap_or_default().to_vec();
    if let Some(LuaValue::Integer(iterations)) = account.get("iteration_count") {
        keys.iterations = u64::try_from(*iterations).unwrap_or_default();
    }
    Ok(ForeignSecret::Keys(vec![keys]))
}

/// A name out of the name of a file; `None` for one that is none.
fn decoded(file: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(file.len());
    let mut rest = file;
    while let Some((plain, escaped)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        bytes.extend_from_slice(&hexadecimal(escaped.get(..2)?)?);
        rest = &escaped[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

/// The name of a file or folder for a name.
fn encoded(name: &str) -> String {
    let byte = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    name.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn write(folder: &Path, file: &str, content: &str) {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Who is found, in the order of their names, and what cannot be read.
    fn found(data: &Path, only: Option<&str>) -> (Vec<ForeignAccount>, Vec<String>) {
        let only = only.map(|domain| Domain::parse(domain).unwrap());
        let (mut accounts, mut problems) = (Vec::new(), Vec::new());
        for found in prosody(data, only.as_ref()).ok().unwrap().accounts {
            match found.unwrap() {
                Found::Account(account) => accounts.push(account),
                Found::Unreadable { problem, .. } => problems.push(problem),
            }
        }
        accounts.sort_by(|a, b| (&a.domain, &a.username).cmp(&(&b.domain, &b.username)));
        (accounts, problems)
    }

    #[test]
    fn accounts_are_found_by_their_encoded_names_with_keys_passwords_and_addresses() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path();
        let keys =
            |length| format!("[\"stored_key\"] = \"{0}\"; [\"server_key\"] = \"{0}\";", "0a".repeat(length));
        let salted = "[\"salt\"] = \"a\\255\"; [\"iteration_count\"] = 4096;";
        write(
            folder,
            "chat%2eexample/accounts/alice%2dc.dat",
            &format!("return {{ {} {salted} }};", keys(20)),
        );
        write(
            folder,
            "chat%2eexample/accounts/%c3%a9ve.dat",
            &format!("return {{ {} {salted} [\"disabled\"] = true; }};", keys(32)),
        );
        write(folder, "chat%2eexample/accounts/bob.dat", "return { [\"password\"] = \"a \\\"b\\\"\"; };");
        write(folder, "chat%2eexample/accounts/empty.dat", "return { };");
        write(folder, "chat%2eexample/accounts/notes.txt", "not an account");
        write(folder, "chat%2eexample/accounts/cut.dat", "return { [\"password\"] = \"secret");
        write(
            folder,
            "chat%2eexample/account_details/bob.dat",
            "return { [\"email\"] = \"bob@mail.example\"; };",
        );
        write(folder, "other%2eexample/accounts/carol.dat", "return { [\"password\"] = \"x\"; };");
        write(folder, "_global/whatever.dat", "return { };");

        let (accounts, problems) = found(folder, None);
        let names: Vec<_> = accounts.iter().map(|it| format!("{}@{}", it.username, it.domain)).collect();
        let expected = ["alice-c", "bob", "empty", "ève"].map(|name| format!("{name}@chat.example"));
        assert_eq!(names[..4], expected.map(|name| name.replace('è', "é")));
        assert_eq!(names[4..], ["carol@other.example"]);
        assert_eq!(problems, ["line 1: a text does not end"]);
        let keys = |account: &ForeignAccount| match &account.secret {
            ForeignSecret::Keys(keys) => {
                keys.iter().map(|it| (it.mechanism.clone(), it.salt.clone())).collect()
            }
            ForeignSecret::Password(_) => Vec::new(),
        };
        assert_eq!(keys(&accounts[0]), [("SCRAM-SHA-1".to_owned(), b"a\xff".to_vec())]);
        assert_eq!(keys(&accounts[3]), [("SCRAM-SHA-256".to_owned(), b"a\xff".to_vec())]);
        assert_eq!(
            accounts.iter().map(|it| it.is_disabled).collect::<Vec<_>>(),
            [false, false, false, true, false]
        );
        let ForeignSecret::Password(password) = &accounts[1].secret else { panic!("a password") };
        assert_eq!(password.expose_secret(), "a \"b\"");
        assert_eq!(accounts[1].email.as_deref(), Some("bob@mail.example"));
        assert_eq!(found(folder, Some("other.example")).0.len(), 1);
    }

    #[test]
    fn a_folder_without_accounts_is_told_with_where_they_should_be() {
        let data = tempfile::tempdir().unwrap();
        let only = Domain::parse("chat.example").unwrap();
        let Err(Ending::Usage(problem)) = prosody(data.path(), Some(&only)) else {
            panic!("nothing is there")
        };
        assert!(problem.contains("/chat%2eexample/accounts is not there"), "{problem}");
    }
}
