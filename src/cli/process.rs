//! What the process asks of the system for itself before it serves: huge pages and file descriptors.

use std::{env, fs, os::unix::process::CommandExt as _, process::Command};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const TUNABLES: &str = "GLIBC_TUNABLES";
const HUGE_PAGES: &str = "glibc.malloc.hugetlb";
const SYSTEM_SWITCH: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
/// File descriptors beside those of web connections: database, XMPP, monitoring, mail servers, gateways, other services.
const OTHER_DESCRIPTORS: u64 = 256;

/// Starts the program anew, as the same process, so that the C library asks for huge pages. It reads its settings (glibc 2.35, "Tunables") before
/// the program begins, and nothing but this needs no `unsafe`. Does nothing where they are set already, or the system would not give any.
///
/// Derivations go through many megabytes at random: with huge pages they are 5 to 8 % faster (`docs/performance.md`).
pub(super) fn ask_for_huge_pages() {
    let set = env::var(TUNABLES).unwrap_or_default();
    // `always` needs no asking; `never` gives none.
    let on_request = fs::read_to_string(SYSTEM_SWITCH).is_ok_and(|switch| switch.contains("[madvise]"));
    if !cfg!(target_env = "gnu") || !on_request || set.contains(HUGE_PAGES) {
        return;
    }
    let wish = format!("{HUGE_PAGES}=1");
    let tunables = if set.is_empty() { wish } else { format!("{set}:{wish}") };
    let mut arguments = env::args_os();
    let mut again = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // Returns only if it fails.
    let error = again.args(arguments).env(TUNABLES, tunables).exec();
    tracing::warn!(%error, "derivations do without huge pages");
}

/// Raises the number of files this process may have open as far as it may, and says so when that is too few for `web_connections`.
pub(super) fn raise_descriptor_limit(web_connections: usize) {
    let found = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: found.maximum, maximum: found.maximum };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => found.maximum,
        Err(_) => found.current,
    };
    let wanted = u64::try_from(web_connections).unwrap_or(u64::MAX).saturating_add(OTHER_DESCRIPTORS);
    // None is no limit.
    if let Some(limit) = now.filter(|limit| *limit < wanted) {
        tracing::warn!(
            limit,
            wanted,
            "too few file descriptors for [http] max_connections: raise the hard limit (LimitNOFILE= in systemd) or lower the option"
        );
    }
}
