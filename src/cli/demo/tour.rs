//! The tour: an independent client (slixmpp) plays the whole story against the running demo.

use std::{
    env,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{process::Command, time::timeout};

const SCRIPT: &str = include_str!("tour.py");
/// The version that the tour was written with.
const SLIXMPP: &str = "slixmpp==1.17.0";
const INSTALL_LIMIT: Duration = Duration::from_secs(300);
const TOUR_LIMIT: Duration = Duration::from_secs(900);

/// Plays the story; success means that every step was seen to work.
pub async fn play(demo: &Path) -> anyhow::Result<ExitStatus> {
    let python = python().await?;
    let script = demo.with_file_name("tour.py");
    std::fs::write(&script, SCRIPT).with_context(|| script.display().to_string())?;
    let mut tour = Command::new(python)
        .arg("-u")
        .arg(&script)
        .arg(demo)
        .arg(env::current_exe()?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    timeout(TOUR_LIMIT, tour.wait())
        .await
        .context("the tour takes too long")?
        .context("the tour cannot be watched")
}

/// A Python that has slixmpp: the one named by `OSTIARY_PYTHON`, the system's, or an environment of our own.
async fn python() -> anyhow::Result<PathBuf> {
    let named = env::var_os("OSTIARY_PYTHON").map(PathBuf::from);
    for candidate in named.into_iter().chain([PathBuf::from("python3")]) {
        if has_slixmpp(&candidate).await {
            return Ok(candidate);
        }
    }
    let folder = cache_folder().join("tour");
    let python = folder.join("bin/python");
    if !has_slixmpp(&python).await {
        run(Command::new("python3").arg("-m").arg("venv").arg(&folder)).await.context(
            "the tour needs Python 3 with its venv module; `apt-get install python3 python3-venv` brings them",
        )?;
        run(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            SLIXMPP,
        ]))
        .await
        .context("the tour plays with slixmpp, which could not be installed from PyPI")?;
    }
    Ok(python)
}

async fn has_slixmpp(python: &Path) -> bool {
    // Releases before 1.9 cannot register before they log in.
    let ask = "import slixmpp; raise SystemExit(slixmpp.__version_info__ < (1, 9))";
    run(Command::new(python).args(["-c", ask])).await.is_ok()
}

async fn run(command: &mut Command) -> anyhow::Result<()> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(INSTALL_LIMIT, command.output()).await.context("takes too long")??;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn cache_folder() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    base.unwrap_or_else(env::temp_dir).join("ostiary")
}
