//! The spool folder: one `.eml` file for each letter, whole or not there at all.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
};

use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::{CourierProblem, OutgoingMail, SendFault, SpoolSettings};

/// Letters that are written in one go: the folder itself is brought to disk once for all of them.
pub(super) const TOGETHER: usize = 32;
/// How much the writing steps back behind the threads that answer (`nice`): a letter may be a second late, an answer may not.
const NICENESS: i32 = 10;

/// The way to the folder. Files are written by a thread of their own, which ends with it.
#[derive(Debug)]
pub(super) struct Spool {
    settings: SpoolSettings,
    waiting: mpsc::Sender<Draft>,
}

/// A file that is to be written.
#[derive(Debug)]
struct Draft {
    name: String,
    bytes: Zeroizing<Vec<u8>>,
    written: oneshot::Sender<io::Result<()>>,
}

impl Spool {
    pub(super) fn new(settings: SpoolSettings) -> Result<Self, CourierProblem> {
        let folder = settings.folder.clone();
        let problem = |source| CourierProblem::Folder { folder: folder.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(problem)?;
        let (waiting, drafts) = mpsc::channel(TOGETHER);
        let place = folder.clone();
        thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || write_drafts(&place, drafts))
            .map_err(problem)?;
        Ok(Self { settings, waiting })
    }

    pub(super) async fn deliver(&self, mail: &OutgoingMail) -> Result<(), SendFault> {
        self.put(&format!("{}.eml", mail.name), mail.bytes.clone()).await
    }

    /// Writes a file that holds a secret.
    pub(super) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), SendFault> {
        self.write(name.to_owned(), bytes)
            .await
            .map_err(|error| SendFault::Unavailable(format!("{}: {error}", self.settings.folder.display())))
    }

    /// Writes and removes a file, as [`Spool::deliver`] would write it.
    pub(super) async fn try_out(&self) -> io::Result<()> {
        let name = format!(".try-{}", std::process::id());
        self.write(name.clone(), Vec::new()).await?;
        fs::remove_file(self.settings.folder.join(name))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.settings.folder
    }

    async fn write(&self, name: String, bytes: Vec<u8>) -> io::Result<()> {
        let gone = || io::Error::other("the thread that writes letters has ended");
        let (written, answer) = oneshot::channel();
        let draft = Draft { name, bytes: Zeroizing::new(bytes), written };
        self.waiting.send(draft).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// Writes what comes until nobody can send any more.
fn write_drafts(folder: &Path, mut drafts: mpsc::Receiver<Draft>) {
    // Where the system does not allow it, letters are written at the same priority.
    let _ = rustix::process::nice(NICENESS);
    let mut batch = Vec::with_capacity(TOGETHER);
    while drafts.blocking_recv_many(&mut batch, TOGETHER) > 0 {
        // All are written before the first is waited for, so that the disk takes them together.
        let begun: Vec<_> = batch.iter().map(|draft| begin(folder, draft)).collect();
        let whole: Vec<_> =
            batch.iter().zip(begun).map(|(draft, begun)| finish(folder, draft, begun)).collect();
        let kept = File::open(folder).and_then(|folder| folder.sync_all());
        for (draft, whole) in batch.drain(..).zip(whole) {
            let kept =
                kept.as_ref().map(drop).map_err(|error| io::Error::new(error.kind(), error.to_string()));
            // Nobody waits for it any more: the letter stays in the outbox, and is written again under the same name.
            let _ = draft.written.send(whole.and(kept));
        }
    }
}

fn begin(folder: &Path, draft: &Draft) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(draft.part(folder))?;
    file.write_all(&draft.bytes)?;
    Ok(file)
}

/// Another program that watches the folder sees the file only when it is complete and on disk.
fn finish(folder: &Path, draft: &Draft, begun: io::Result<File>) -> io::Result<()> {
    let part = draft.part(folder);
    let finished =
        begun.and_then(|file| file.sync_data()).and_then(|()| fs::rename(&part, folder.join(&draft.name)));
    if finished.is_err() {
        // Where even this fails, the next attempt writes over it.
        let _ = fs::remove_file(&part);
    }
    finished
}

impl Draft {
    /// Where it stands until it is whole.
    fn part(&self, folder: &Path) -> PathBuf {
        folder.join(format!(".{}.part", self.name))
    }
}

impl fmt::Display for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail folder {}", self.settings.folder.display())
    }
}
