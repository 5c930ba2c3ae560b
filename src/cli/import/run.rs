//! One run of an import: from the accounts that are found to what becomes of them.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;

use super::{
    report::{Reason, Report},
    source::{Found, Source},
};
use crate::{
    accounts::{Domain, ForeignAccount, Mechanism, Origin, ReadyAccount, ReadySecret},
    broker::Broker,
    cli::ending::Ending,
    store::Importation,
};

/// Accounts in one transaction: so many that the disk is waited for rarely, and so few that a running service is never held up.
const BATCH: usize = 1000;
/// Passwords in one batch: what has been derived is lost when somebody stops the command before the batch is written.
const PASSWORDS_IN_BATCH: usize = 50;

/// A run.
pub struct Run<'a> {
    broker: &'a Broker,
    origin: Origin,
    only: Option<&'a Domain>,
    left_out: Option<BufWriter<File>>,
    batch: Vec<ReadyAccount>,
    passwords: usize,
    threads: usize,
    report: Report,
}

impl<'a> Run<'a> {
    /// A run that has not begun; makes the file for what is left out. `threads` derive.
    pub fn new(
        broker: &'a Broker,
        origin: Origin,
        apply: bool,
        only: Option<&'a Domain>,
        left_out: Option<&Path>,
        threads: usize,
    ) -> Result<Self, Ending> {
        let report = Report::new(apply, left_out.map(Path::to_owned));
        let left_out = left_out.map(new_file).transpose()?.map(BufWriter::new);
        Ok(Self { broker, origin, only, left_out, batch: Vec::new(), passwords: 0, threads, report })
    }

    /// Goes through all accounts of a source.
    pub async fn through(mut self, source: Source) -> Result<Report, Ending> {
        let Source { accounts, progress } = source;
        for found in accounts {
            let found = found.with_context(|| self.so_far());
            match found {
                Ok(found) => self.take(found).await?,
                Err(error) => {
                    progress.abandon();
                    return Err(error.into());
                }
            }
        }
        self.write_batch().await?;
        progress.finish_and_clear();
        if !self.report.applied && self.report.from_passwords > 0 {
            let one = self.broker.derivation_time().await?;
            let rounds = self.report.from_passwords.div_ceil(self.threads.max(1) as u64);
            self.report.estimate = one.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX));
        }
        if let Some(mut file) = self.left_out.take() {
            file.flush().context("the report cannot be written")?;
        }
        self.report.finish();
        Ok(self.report)
    }

    async fn take(&mut self, found: Found) -> Result<(), Ending> {
        let account = match found {
            Found::Unreadable { name, problem } => {
                self.report.found += 1;
                return self.skip(&name, &Reason::Unreadable(problem));
            }
            Found::Account(account) => account,
        };
        if self.is_of_another_domain(&account) {
            return Ok(());
        }
        self.report.found += 1;
        let address = format!("{}@{}", account.username, account.domain);
        match self.broker.fit_to_import(account) {
            Ok(account) => {
                self.passwords += usize::from(matches!(account.secret, ReadySecret::Password(_)));
                self.batch.push(account);
            }
            Err(unfit) => self.skip(&address, &Reason::Unfit(unfit))?,
        }
        if self.batch.len() >= BATCH || (self.report.applied && self.passwords >= PASSWORDS_IN_BATCH) {
            self.write_batch().await?;
        }
        Ok(())
    }

    fn is_of_another_domain(&self, account: &ForeignAccount) -> bool {
        self.only.is_some_and(|only| Domain::parse(&account.domain).is_ok_and(|domain| domain != *only))
    }

    async fn write_batch(&mut self) -> Result<(), Ending> {
        let batch = std::mem::take(&mut self.batch);
        self.passwords = 0;
        let kinds: Vec<Kind> = batch.iter().map(Kind::of).collect();
        let outcomes = if self.report.applied {
            self.broker.import(&self.origin, batch).await?
        } else {
            self.broker.foresee_import(&batch).await?
        };
        for (kind, outcome) in kinds.into_iter().zip(outcomes) {
            match outcome {
                Importation::Imported => kind.count(&mut self.report),
                other => self.skip(&kind.address, &Reason::Here(other))?,
            }
        }
        Ok(())
    }

    fn skip(&mut self, account: &str, reason: &Reason) -> Result<(), Ending> {
        self.report.skip(account, reason);
        if let Some(file) = &mut self.left_out {
            let account = crate::cli::output::plain(account);
            writeln!(file, "{account}\t{}", reason.in_full()).context("the report cannot be written")?;
        }
        Ok(())
    }

    /// What to know when a source ends early.
    fn so_far(&self) -> String {
        let imported = self.report.imported;
        if self.report.applied {
            format!("{imported} accounts were imported before this; run it again when it is put right")
        } else {
            "nothing was changed".to_owned()
        }
    }
}

/// What is counted about an account that is taken over.
struct Kind {
    address: String,
    is_suspended: bool,
    from_password: bool,
    mechanisms: [bool; 2],
}

impl Kind {
    fn of(account: &ReadyAccount) -> Self {
        let mechanisms = match &account.secret {
            ReadySecret::Password(_) => [true; 2],
            ReadySecret::Keys(keys) => {
                Mechanism::ALL.map(|mechanism| keys.iter().any(|keys| keys.mechanism == mechanism))
            }
        };
        Self {
            address: format!("{}@{}", account.username, account.domain),
            is_suspended: account.is_disabled,
            from_password: matches!(account.secret, ReadySecret::Password(_)),
            mechanisms,
        }
    }

    fn count(&self, report: &mut Report) {
        let [sha_1, sha_256] = self.mechanisms;
        report.imported += 1;
        report.suspended += u64::from(self.is_suspended);
        report.from_passwords += u64::from(self.from_password);
        report.without_scram_sha_1 += u64::from(!sha_1);
        report.without_scram_sha_256 += u64::from(!sha_256);
    }
}

/// Makes a file for its owner only, over nothing.
fn new_file(path: &Path) -> Result<File, Ending> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            let path = path.display();
            Ending::Usage(format!("{path} is there already, and nothing is overwritten: name another file"))
        } else {
            anyhow::Error::from(error).context(format!("cannot make {}", path.display())).into()
        }
    })
}
