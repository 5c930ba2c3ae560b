//! The file of XEP-0227 (Portable Import/Export Format for XMPP-IM Servers) 1.1, with SCRAM keys as Prosody reads them.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rxml::{Encoder, Item, Namespace, NcNameStr, XmlVersion, writer::SimpleNamespaces, xml_ncname};
use zeroize::Zeroizing;

use crate::{
    accounts::{Domain, ScramKeys, Username},
    cli::ending::Ending,
};

const NS_PORTABLE: &str = "urn:xmpp:pie:0";
const NS_SCRAM: &str = "urn:xmpp:pie:0#scram";

// Constants, because the macro for them trips a lint in functions.
const HOST: &NcNameStr = xml_ncname!("host");
const ITER_COUNT: &NcNameStr = xml_ncname!("iter-count");
const JID: &NcNameStr = xml_ncname!("jid");
const MECHANISM: &NcNameStr = xml_ncname!("mechanism");
const NAME: &NcNameStr = xml_ncname!("name");
const SALT: &NcNameStr = xml_ncname!("salt");
const SCRAM_CREDENTIALS: &NcNameStr = xml_ncname!("scram-credentials");
const SERVER_DATA: &NcNameStr = xml_ncname!("server-data");
const SERVER_KEY: &NcNameStr = xml_ncname!("server-key");
const STORED_KEY: &NcNameStr = xml_ncname!("stored-key");
const USER: &NcNameStr = xml_ncname!("user");

/// A file that is being written. Left alone before it is finished, it goes away again.
pub struct PortableFile<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    encoder: Encoder<SimpleNamespaces>,
    is_finished: bool,
}

impl<'a> PortableFile<'a> {
    /// Makes the file, for its owner only. A file that is there already is not touched.
    pub fn create(path: &'a Path) -> Result<Self, Ending> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = match made {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let text = format!(
                    "{} is there already, and nothing is overwritten: name another file",
                    path.display()
                );
                return Err(Ending::Usage(text));
            }
            Err(error) => {
                return Err(anyhow::Error::from(error)
                    .context(format!("cannot make {}", path.display()))
                    .into());
            }
        };
        let mut portable =
            Self { path, file: BufWriter::new(file), encoder: Encoder::new(), is_finished: false };
        portable.encode([
            Item::XmlDeclaration(XmlVersion::V1_0),
            Item::ElementHeadStart(Namespace::from(NS_PORTABLE), SERVER_DATA),
            Item::ElementHeadEnd,
            Item::Text("\n"),
        ])?;
        Ok(portable)
    }

    /// Accounts of this domain come next.
    pub fn begin_host(&mut self, domain: &Domain) -> Result<(), Ending> {
        self.encode([
            Item::ElementHeadStart(Namespace::from(NS_PORTABLE), HOST),
            Item::Attribute(Namespace::NONE, JID, domain.as_str()),
            Item::ElementHeadEnd,
            Item::Text("\n"),
        ])
    }

    /// One account; without keys, another server has to give it a new password.
    pub fn user(&mut self, username: &Username, keys: &[ScramKeys]) -> Result<(), Ending> {
        self.encode([
            Item::ElementHeadStart(Namespace::from(NS_PORTABLE), USER),
            Item::Attribute(Namespace::NONE, NAME, username.as_str()),
            Item::ElementHeadEnd,
        ])?;
        for keys in keys {
            self.keys(keys)?;
        }
        self.encode([Item::ElementFoot, Item::Text("\n")])
    }

    fn keys(&mut self, keys: &ScramKeys) -> Result<(), Ending> {
        self.encode([
            Item::ElementHeadStart(Namespace::from(NS_SCRAM), SCRAM_CREDENTIALS),
            Item::Attribute(Namespace::NONE, MECHANISM, keys.mechanism.as_str()),
            Item::ElementHeadEnd,
        ])?;
        let base64 = |bytes: &[u8]| Zeroizing::new(STANDARD.encode(bytes));
        let parts: [(&NcNameStr, Zeroizing<String>); 4] = [
            (ITER_COUNT, Zeroizing::new(keys.iterations.to_string())),
            (SALT, base64(keys.salt.as_bytes())),
            (SERVER_KEY, base64(&keys.server_key)),
            (STORED_KEY, base64(&keys.stored_key)),
        ];
        for (name, text) in &parts {
            self.encode([
                Item::ElementHeadStart(Namespace::from(NS_SCRAM), name),
                Item::ElementHeadEnd,
                Item::Text(text),
                Item::ElementFoot,
            ])?;
        }
        self.encode([Item::ElementFoot])
    }

    /// No more accounts of this domain.
    pub fn end_host(&mut self) -> Result<(), Ending> {
        self.encode([Item::ElementFoot, Item::Text("\n")])
    }

    /// Ends the file, and has it on disk.
    pub fn finish(mut self) -> Result<(), Ending> {
        self.encode([Item::ElementFoot])?;
        self.file.flush().and_then(|()| self.file.get_ref().sync_all()).with_context(|| self.trouble())?;
        // The folder, too: otherwise the name of the file can be lost.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).with_context(|| self.trouble())?;
        self.is_finished = true;
        Ok(())
    }

    fn encode<const N: usize>(&mut self, items: [Item<'_>; N]) -> Result<(), Ending> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(512));
        for item in items {
            self.encoder.encode(item, &mut *bytes).map_err(anyhow::Error::new)?;
        }
        self.file.write_all(&bytes).with_context(|| self.trouble())?;
        Ok(())
    }

    fn trouble(&self) -> String {
        format!("cannot write {}", self.path.display())
    }
}

impl Drop for PortableFile<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            // Half a file would pass for a whole one. What kept it from being written may keep it from being removed, too.
            let _ = fs::remove_file(self.path);
        }
    }
}
