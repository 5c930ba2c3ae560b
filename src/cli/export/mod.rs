//! `ostiary export`: accounts in a form that other servers take over. Works on the same database as the running service.

mod portable;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use self::portable::PortableFile;
use super::{account::read_domain, ending::Ending, output::Output, settings};
use crate::{
    accounts::{Domain, Refusal},
    broker::{Broker, Failure},
    config::Config,
    store::AccountFilter,
};

/// Accounts read at once.
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub struct ExportArguments {
    #[command(subcommand)]
    format: ExportFormat,
}

#[derive(Debug, Subcommand)]
enum ExportFormat {
    /// Write accounts with their SCRAM keys into a new file, in the form that XMPP servers exchange (XEP-0227).
    #[command(name = "xep-0227", after_help = XEP_0227_HELP)]
    Xep0227 {
        /// The file, which must not be there yet. Only its owner may read it.
        file: PathBuf,
        /// Only this domain.
        #[arg(long)]
        domain: Option<String>,
    },
}

const XEP_0227_HELP: &str = "\
Accounts that may log in are written. The file holds what proves passwords: keep it as safe as the database.

Examples:
  ostiary export xep-0227 accounts.xml
  ostiary export xep-0227 chat.xml --domain chat.example --json
";

/// What was written; also the JSON document.
#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    domains: Vec<DomainReport>,
}

/// How many accounts of a domain were written, and why others were not.
#[derive(Debug, Default, Serialize)]
struct DomainReport {
    domain: String,
    exported: u64,
    /// Of those exported: without keys, since SCRAM was off when the password was set.
    without_keys: u64,
    pending: u64,
    suspended: u64,
    being_deleted: u64,
}

/// Does one piece of work.
pub fn export(arguments: &ExportArguments, config: &Config, output: &mut Output) -> Result<(), Ending> {
    let ExportFormat::Xep0227 { file, domain } = &arguments.format;
    // Before the database is opened, and made where there is none.
    let domain = domain.as_deref().map(read_domain).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = settings::open_store(config)?;
        let broker = Broker::new(settings::operator_parts(config, store.clone())?);
        let done = write(&broker, file, domain.as_ref()).await;
        store.close().await;
        let report = done?;
        output.result(&report, report.text())?;
        Ok(())
    })
}

async fn write(broker: &Broker, file: &Path, only: Option<&Domain>) -> Result<Report, Ending> {
    let domains: Vec<&Domain> = match only {
        Some(domain) => vec![&broker.policy(domain).ok_or(Failure::Refused(Refusal::UnknownDomain))?.domain],
        None => broker.domains().map(|policy| &policy.domain).collect(),
    };
    let mut portable = PortableFile::create(file)?;
    let mut report = Report { file: file.to_owned(), domains: Vec::new() };
    for domain in domains {
        portable.begin_host(domain)?;
        report.domains.push(write_domain(broker, &mut portable, domain).await?);
        portable.end_host()?;
    }
    portable.finish()?;
    Ok(report)
}

async fn write_domain(
    broker: &Broker,
    portable: &mut PortableFile<'_>,
    domain: &Domain,
) -> Result<DomainReport, Ending> {
    let mut report = DomainReport { domain: domain.to_string(), ..DomainReport::default() };
    let mut after = None;
    loop {
        let filter =
            AccountFilter { domain: Some(domain.clone()), after, limit: PAGE, ..AccountFilter::default() };
        let page = broker.accounts(filter).await?;
        for account in &page {
            match broker.keys_to_take_along(domain, &account.username).await {
                Ok(keys) => {
                    portable.user(&account.username, &keys)?;
                    report.exported += 1;
                    report.without_keys += u64::from(keys.is_empty());
                }
                Err(Failure::Refused(Refusal::AccountPending)) => report.pending += 1,
                Err(Failure::Refused(Refusal::AccountSuspended { .. })) => report.suspended += 1,
                Err(Failure::Refused(Refusal::AccountLeaving { .. })) => report.being_deleted += 1,
                // Gone since the page was read.
                Err(Failure::Refused(Refusal::NoSuchAccount)) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        let Some(last) = page.last() else { return Ok(report) };
        after = Some((domain.clone(), last.username.clone()));
    }
}

impl Report {
    fn text(&self) -> String {
        let caution = "holds what proves passwords: keep it as safe as the database.";
        let domains = self.domains.iter().map(DomainReport::text);
        domains.chain([format!("{} {caution}\n", self.file.display())]).collect()
    }
}

impl DomainReport {
    fn text(&self) -> String {
        let Self { domain, exported, without_keys, pending, suspended, being_deleted } = self;
        let written =
            format!("exported: {exported} accounts of {domain}, {without_keys} of them without SCRAM keys");
        format!(
            "{written}\nnot exported: {pending} pending, {suspended} suspended, {being_deleted} being deleted\n"
        )
    }
}
