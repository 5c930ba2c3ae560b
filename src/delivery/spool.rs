//! The spool folder: one `.eml` file for each letter, whole or not there at all.

use std::{fmt, fs::DirBuilder, io, os::unix::fs::DirBuilderExt, path::Path};

use tokio::{
    fs::{self, File, OpenOptions},
    io::AsyncWriteExt,
};

use super::{CourierProblem, OutgoingMail, SendFault, SpoolSettings};

#[derive(Debug)]
pub(super) struct Spool {
    settings: SpoolSettings,
}

impl Spool {
    pub(super) fn new(settings: SpoolSettings) -> Result<Self, CourierProblem> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&settings.folder);
        match made {
            Ok(()) => Ok(Self { settings }),
            Err(source) => Err(CourierProblem::Folder { folder: settings.folder, source }),
        }
    }

    pub(super) async fn deliver(&self, mail: &OutgoingMail) -> Result<(), SendFault> {
        self.write(&format!("{}.eml", mail.name), &mail.bytes)
            .await
            .map_err(|error| SendFault::Unavailable(format!("{}: {error}", self.settings.folder.display())))
    }

    /// Writes and removes a file, as [`Spool::deliver`] would write it.
    pub(super) async fn try_out(&self) -> io::Result<()> {
        let name = format!(".try-{}", std::process::id());
        self.write(&name, b"").await?;
        fs::remove_file(self.settings.folder.join(name)).await
    }

    pub(super) fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// Another program that watches the folder sees the file only when it is complete and on disk.
    async fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = &self.settings.folder;
        let (draft, whole) = (folder.join(format!(".{name}.part")), folder.join(name));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).await?;
        let written = async {
            file.write_all(bytes).await?;
            file.sync_all().await?;
            fs::rename(&draft, &whole).await?;
            File::open(folder).await?.sync_all().await
        };
        let result = written.await;
        if result.is_err() {
            // Where even this fails, the next attempt writes over it.
            let _ = fs::remove_file(&draft).await;
        }
        result
    }
}

impl fmt::Display for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail folder {}", self.settings.folder.display())
    }
}
