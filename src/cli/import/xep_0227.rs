//! Reads files of XEP-0227 (Portable Import/Export Format for XMPP-IM Servers) 1.1, one account at a time: a file of a million
//! accounts is never in memory as a whole.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rxml::{AttrMap, Event, Namespace, NcName, Options, Reader, parser::CommentMode};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::lines::{CountingLines, Line};
use crate::accounts::{ForeignAccount, ForeignKeys, ForeignSecret, Mechanism};

const NS_PORTABLE: &str = "urn:xmpp:pie:0";
const NS_SCRAM: &str = "urn:xmpp:pie:0#scram";
const NS_XINCLUDE: &str = "http://www.w3.org/2001/XInclude";

/// How deep elements may be; what people keep at a server is far from it.
const DEEPEST: usize = 100;
/// Bytes of a key, a salt or a number, as text.
const LONGEST_FIELD: usize = 1024;
/// Keys of one account; there are five mechanisms.
const MOST_KEYS: usize = 16;

/// The accounts of a file.
pub struct PortableAccounts<R: BufRead> {
    reader: Reader<CountingLines<R>>,
    path: PathBuf,
    line: Line,
    /// What the elements are that are open.
    open: Vec<Place>,
    domain: String,
    account: Option<Draft>,
    is_done: bool,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    ServerData,
    Host,
    User,
    Credentials,
    Field(Field),
    /// Nothing that matters here.
    Other,
}

/// A part of SCRAM credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Iterations,
    Salt,
    ServerKey,
    StoredKey,
}

/// An account that is being read.
#[derive(Default)]
struct Draft {
    username: String,
    password: Option<SecretString>,
    keys: Vec<ForeignKeys>,
    /// The text of the field that is being read.
    text: Zeroizing<String>,
}

impl<R: BufRead> PortableAccounts<R> {
    /// Reads from the beginning. `path` is what the file is called in errors.
    pub fn new(file: R, path: PathBuf) -> Self {
        let file = CountingLines::new(file);
        let line = file.line();
        let options = Options { comments: CommentMode::Discard, ..Options::default() };
        Self {
            reader: Reader::with_options(file, options),
            path,
            line,
            open: Vec::new(),
            domain: String::new(),
            account: None,
            is_done: false,
        }
    }

    fn next_account(&mut self) -> anyhow::Result<Option<ForeignAccount>> {
        while let Some(event) = self.reader.read()? {
            match event {
                Event::XmlDeclaration(..) => {}
                Event::StartElement(_, (namespace, name), attributes) => {
                    self.begin(&namespace, &name, attributes)?;
                }
                Event::Text(_, text) => self.text(&Zeroizing::new(text))?,
                Event::EndElement(_) => {
                    if let Some(account) = self.end() {
                        return Ok(Some(account));
                    }
                }
            }
        }
        Ok(None)
    }

    fn begin(&mut self, namespace: &Namespace, name: &NcName, mut attributes: AttrMap) -> anyhow::Result<()> {
        if self.open.len() >= DEEPEST {
            bail!("elements are nested more than {DEEPEST} deep");
        }
        let mut attribute = |name: &str| attributes.remove(Namespace::none(), name).unwrap_or_default();
        let place = match (self.open.last(), namespace.as_str(), name.as_str()) {
            (None, NS_PORTABLE, "server-data") => Place::ServerData,
            // The parts of an export in several files begin here.
            (None | Some(Place::ServerData), NS_PORTABLE, "host") => {
                self.domain = attribute("jid");
                Place::Host
            }
            (None, ..) => {
                bail!("this is no file of XEP-0227: the outermost element is <{name} xmlns='{namespace}'>")
            }
            (Some(Place::ServerData | Place::Host | Place::User), NS_XINCLUDE, "include") => bail!(
                "another file, {:?}, is included, which is not followed: name the files that hold the accounts instead of this one",
                attribute("href")
            ),
            (Some(Place::Host), NS_PORTABLE, "user") => {
                let password = attribute("password");
                self.account = Some(Draft {
                    username: attribute("name"),
                    password: (!password.is_empty()).then(|| SecretString::from(password)),
                    ..Draft::default()
                });
                Place::User
            }
            (Some(Place::User), NS_SCRAM, "scram-credentials") => {
                let keys = self.account.as_mut().map(|account| &mut account.keys);
                if let Some(keys) = keys {
                    if keys.len() >= MOST_KEYS {
                        bail!("an account has more than {MOST_KEYS} kinds of keys");
                    }
                    keys.push(ForeignKeys::empty(attribute("mechanism")));
                }
                Place::Credentials
            }
            (Some(Place::Credentials), NS_SCRAM, name) => {
                Field::from_name(name).map_or(Place::Other, Place::Field)
            }
            _ => Place::Other,
        };
        self.open.push(place);
        Ok(())
    }

    fn text(&mut self, text: &str) -> anyhow::Result<()> {
        if let (Some(Place::Field(_)), Some(account)) = (self.open.last(), &mut self.account) {
            if account.text.len() + text.len() > LONGEST_FIELD {
                bail!("a part of SCRAM credentials is longer than {LONGEST_FIELD} bytes");
            }
            account.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self) -> Option<ForeignAccount> {
        match self.open.pop() {
            Some(Place::Field(field)) => {
                if let Some(account) = &mut self.account {
                    let text = std::mem::take(&mut account.text);
                    if let Some(keys) = account.keys.last_mut() {
                        field.put(text.trim(), keys);
                    }
                }
                None
            }
            Some(Place::Credentials) => {
                if let Some(keys) = self.account.as_mut().and_then(|account| account.keys.last_mut()) {
                    decode_twice(keys);
                }
                None
            }
            Some(Place::User) => {
                let Draft { username, password, keys, .. } = self.account.take()?;
                Some(ForeignAccount {
                    domain: self.domain.clone(),
                    username,
                    // Everything can be made of the password, whatever keys are there.
                    secret: password.map_or(ForeignSecret::Keys(keys), ForeignSecret::Password),
                    is_disabled: false,
                    email: None,
                })
            }
            _ => None,
        }
    }
}

impl<R: BufRead> Iterator for PortableAccounts<R> {
    type Item = anyhow::Result<ForeignAccount>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_account().with_context(|| place(&self.path, &self.line));
        self.is_done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

/// Where something is wrong.
pub fn place(path: &Path, line: &Line) -> String {
    format!("{}, line {}", path.display(), line.number())
}

impl Field {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iter-count" => Self::Iterations,
            "salt" => Self::Salt,
            "server-key" => Self::ServerKey,
            "stored-key" => Self::StoredKey,
            _ => return None,
        })
    }

    /// What cannot be read stays empty, and the account is found unfit for it.
    fn put(self, text: &str, keys: &mut ForeignKeys) {
        let bytes = || STANDARD.decode(text).unwrap_or_default();
        match self {
            Self::Iterations => keys.iterations = text.parse().unwrap_or_default(),
            Self::Salt => keys.salt = bytes(),
            Self::ServerKey => keys.server_key = bytes(),
            Self::StoredKey => keys.stored_key = bytes(),
        }
    }
}

/// ejabberd (23.01) writes base64 of base64. That shows itself: no key is as long as its base64.
fn decode_twice(keys: &mut ForeignKeys) {
    let of_name = |mechanism: &Mechanism| mechanism.as_str() == keys.mechanism;
    let Some(mechanism) = Mechanism::ALL.into_iter().find(of_name) else { return };
    let key = |once: &[u8]| STANDARD.decode(once).ok().filter(|twice| twice.len() == mechanism.key_length());
    let parts = (key(&keys.stored_key), key(&keys.server_key), STANDARD.decode(&keys.salt));
    if let (Some(stored_key), Some(server_key), Ok(salt)) = parts {
        keys.stored_key = stored_key;
        keys.server_key = server_key;
        keys.salt = salt;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &[u8]) -> (Vec<ForeignAccount>, Option<String>) {
        let (mut accounts, mut problem) = (Vec::new(), None);
        for account in PortableAccounts::new(text, PathBuf::from("a.xml")) {
            match account {
                Ok(account) => accounts.push(account),
                Err(error) => problem = Some(format!("{error:#}")),
            }
        }
        (accounts, problem)
    }

    const PEOPLE: &str = "<?xml version='1.0'?>\n<server-data xmlns='urn:xmpp:pie:0'>\n<!-- moved -->\n<host jid='chat.example'>
<user name='alice' password='a &lt; b'><query xmlns='jabber:iq:roster'><user xmlns='urn:xmpp:pie:0' name='no'/></query></user>
<user name='bob'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count>
  <salt>AP8=</salt><server-key> AQI=\n</server-key><stored-key>AwQ=</stored-key><other>x</other></scram-credentials></user>
</host><host jid='other.example'><user name='carol'/></host></server-data>";

    #[test]
    fn accounts_come_with_their_domains_passwords_and_keys() {
        let (accounts, problem) = read(PEOPLE.as_bytes());
        assert_eq!(problem, None);
        let names: Vec<_> = accounts.iter().map(|it| format!("{}@{}", it.username, it.domain)).collect();
        assert_eq!(names, ["alice@chat.example", "bob@chat.example", "carol@other.example"]);
        let ForeignSecret::Password(password) = &accounts[0].secret else { panic!("a password") };
        assert_eq!(password.expose_secret(), "a < b");
        let ForeignSecret::Keys(keys) = &accounts[1].secret else { panic!("keys") };
        assert_eq!((keys[0].mechanism.as_str(), keys[0].iterations), ("SCRAM-SHA-1", 4096));
        assert_eq!(
            (&keys[0].salt[..], &keys[0].server_key[..], &keys[0].stored_key[..]),
            (&[0, 255][..], &[1, 2][..], &[3, 4][..])
        );
        assert!(matches!(&accounts[2].secret, ForeignSecret::Keys(keys) if keys.is_empty()));
    }

    #[test]
    fn keys_as_ejabberd_exports_them_are_those_that_it_has() {
        let twice = |bytes: &[u8]| STANDARD.encode(STANDARD.encode(bytes));
        let (key, salt) = (twice(&[7; 20]), twice(&[200; 16]));
        let text = format!(
            "<host xmlns='urn:xmpp:pie:0' jid='chat.example'><user name='alice'>\
             <scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><salt>{salt}</salt>\
             <server-key>{key}</server-key><stored-key>{key}</stored-key></scram-credentials></user></host>"
        );
        let ForeignSecret::Keys(keys) = &read(text.as_bytes()).0[0].secret else { panic!("keys") };
        assert_eq!((&keys[0].stored_key[..], &keys[0].salt[..]), (&[7; 20][..], &[200; 16][..]));
    }

    #[test]
    fn a_part_of_an_export_in_several_files_can_be_read_by_itself() {
        let (accounts, problem) =
            read(b"<host xmlns='urn:xmpp:pie:0' jid='chat.example'><user name='alice'/></host>");
        assert_eq!((accounts.len(), problem), (1, None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_came_before_is_there() {
        let cut = &PEOPLE[..PEOPLE.find("<other>").unwrap()];
        let (accounts, problem) = read(cut.as_bytes());
        assert_eq!(accounts.len(), 1);
        assert!(problem.unwrap().starts_with("a.xml, line 8: "));
        for (bad, why) in [
            ("<html/>", "no file of XEP-0227"),
            (
                "<server-data xmlns='urn:xmpp:pie:0'><x:include xmlns:x='http://www.w3.org/2001/XInclude' href='b.xml'/>",
                "\"b.xml\"",
            ),
            ("<!DOCTYPE x [<!ENTITY y 'z'>]><server-data xmlns='urn:xmpp:pie:0'/>", "a.xml, line 1"),
            (&("<server-data xmlns='urn:xmpp:pie:0'>".to_owned() + &"<a>".repeat(200)), "100 deep"),
        ] {
            let (accounts, problem) = read(bad.as_bytes());
            let problem = problem.unwrap();
            assert!(accounts.is_empty() && problem.contains(why), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "[<>/='a-z: &;]{0,200}", cut in 0..900usize) {
            read(text.as_bytes());
            read(&PEOPLE.as_bytes()[..cut.min(PEOPLE.len())]);
        }
    }
}
