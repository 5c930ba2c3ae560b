//! Logs, to standard error. Lines have fields, mask people, and tell each failure once.

use std::{
    env,
    io::{self, IsTerminal},
};

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::{self, FmtContext, FormatEvent, FormatFields, MakeWriter, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
};

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object on each line.
    Json,
}

/// Crates whose `debug` and `trace` lines hold whole stanzas or letters, and with them passwords and codes.
const CAPPED: [&str; 7] = ["tokio_xmpp", "xmpp_parsers", "minidom", "xso", "rxml", "sasl", "lettre"];

/// Where lines end up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// On a terminal, whose colours they have.
    Terminal,
    /// In the journal of systemd, which keeps time and priority itself.
    Journal,
    /// Anywhere else.
    Other,
}

/// Starts logging for the whole process. Only the first call in a process counts.
///
/// Records of the `log` crate are not taken over: they would pass without their own target, which [`CAPPED`] goes by.
pub fn start(format: LogFormat, filter: &str) -> Result<(), String> {
    let subscriber = subscriber(format, filter, io::stderr, reader())?;
    tracing::subscriber::set_global_default(subscriber).map_err(|error| error.to_string())
}

/// Whether a text is a filter: a level, or a list such as `info,ostiary::xmpp=debug`.
///
/// A lone word counts as the name of a module for the filter's own reader, so a misspelt level would silence everything: it is
/// refused here.
pub fn check_filter(text: &str) -> Result<(), String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for part in text.split(',') {
        if !part.contains('=') && !LEVELS.contains(&part.to_ascii_lowercase().as_str()) {
            return Err("not a level".to_owned());
        }
    }
    EnvFilter::try_new(text).map(|_| ()).map_err(|error| error.to_string())
}

fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    writer: W,
    reader: Reader,
) -> Result<impl Subscriber + Send + Sync + use<W>, String>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    check_filter(filter)?;
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?.and(filter_fn(is_harmless));
    let text = || fmt::layer().with_ansi(reader == Reader::Terminal);
    let json = || fmt::layer().json().flatten_event(true).with_span_list(false);
    let layer = match (format, reader) {
        (LogFormat::Text, Reader::Journal) => {
            text().without_time().map_event_format(WithPriority).with_writer(writer).boxed()
        }
        (LogFormat::Text, _) => text().with_writer(writer).boxed(),
        (LogFormat::Json, Reader::Journal) => {
            json().map_event_format(WithPriority).with_writer(writer).boxed()
        }
        (LogFormat::Json, _) => json().with_writer(writer).boxed(),
    };
    Ok(tracing_subscriber::registry().with(layer.with_filter(filter)))
}

/// Who reads standard error. systemd says by `JOURNAL_STREAM` which stream is its journal (systemd.exec(5)); a program that passes the variable on and
/// sends standard error elsewhere is told apart by the numbers.
fn reader() -> Reader {
    let stderr = io::stderr();
    if stderr.is_terminal() {
        return Reader::Terminal;
    }
    let said = env::var("JOURNAL_STREAM").ok();
    let own = rustix::fs::fstat(&stderr).ok().map(|stat| format!("{}:{}", stat.st_dev, stat.st_ino));
    if said.is_some() && said == own { Reader::Journal } else { Reader::Other }
}

/// Puts the priority before each line (sd-daemon(3)), by which the journal files it. Every line of a text has it, so that none can bring its own.
struct WithPriority<F>(F);

impl<S, N, F> FormatEvent<S, N> for WithPriority<F>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut lines = String::new();
        self.0.format_event(context, Writer::new(&mut lines), event)?;
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        lines.lines().try_for_each(|line| writeln!(writer, "<{priority}>{}", line.trim_start()))
    }
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !CAPPED.contains(&root)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, act: impl FnOnce()) -> String {
        logged_for(Reader::Other, format, filter, act)
    }

    fn logged_for(reader: Reader, format: LogFormat, filter: &str, act: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(format, filter, move || writer.clone(), reader).unwrap();
        tracing::subscriber::with_default(subscriber, act);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn lines_that_hold_passwords_stay_shut_whatever_the_filter_says() {
        for filter in ["trace", "trace,tokio_xmpp=trace", "info,tokio_xmpp::xmlstream=trace,rxml=debug"] {
            let text = logged(LogFormat::Text, filter, || {
                tracing::trace!(target: "tokio_xmpp::xmlstream", "RECV <password>hunter2</password>");
                tracing::debug!(target: "tokio_xmpp", "hunter2");
                tracing::trace!(target: "rxml::parser", "hunter2");
                tracing::debug!(target: "xso", "hunter2");
                tracing::trace!(target: "lettre::transport::smtp", "hunter2");
                let span = tracing::debug_span!(target: "tokio_xmpp", "stanza", text = "hunter2");
                span.in_scope(|| tracing::info!(target: "ostiary", "inside"));
                tracing::info!(target: "tokio_xmpp", "connected");
            });
            assert!(!text.contains("hunter2"), "{filter}: {text}");
            assert!(text.contains("inside") && text.contains("connected"), "{filter}: {text}");
        }
    }

    #[test]
    fn the_filter_decides_about_everything_else() {
        let speak = || {
            tracing::debug!(target: "ostiary::xmpp", "quiet");
            tracing::warn!(target: "ostiary::http", "loud");
            tracing::debug!(target: "tokio_xmpp_like", "other");
        };
        let text = logged(LogFormat::Text, "warn", speak);
        assert!(text.contains("loud") && !text.contains("quiet"));
        let text = logged(LogFormat::Text, "debug", speak);
        assert!(text.contains("quiet") && text.contains("other"));
    }

    #[test]
    fn json_lines_are_objects_with_fields() {
        let text = logged(LogFormat::Json, "info", || tracing::info!(port = 8080, "listening"));
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&line["message"], &line["port"]), (&"listening".into(), &8080.into()));
    }

    #[test]
    fn every_line_in_the_journal_has_its_priority_and_none_brings_its_own() {
        let speak = || {
            tracing::error_span!("web", request = "abc").in_scope(|| tracing::error!("broken"));
            tracing::warn!(reason = %"one\n<0>two", "odd");
            tracing::info!("usual");
            tracing::debug!("small");
        };
        let text = logged_for(Reader::Journal, LogFormat::Text, "debug", speak);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(
            lines[0].starts_with("<3>ERROR web{request=") && lines[0].ends_with("broken"),
            "no time: {text}"
        );
        assert!(lines[1].starts_with("<4>WARN") && lines[2].starts_with("<4><0>two"), "{text}");
        assert!(lines[3].starts_with("<6>INFO") && lines[4].starts_with("<7>DEBUG"), "{text}");
        let text = logged_for(Reader::Journal, LogFormat::Json, "info", || tracing::warn!("odd"));
        let line: serde_json::Value = serde_json::from_str(text.strip_prefix("<4>").unwrap()).unwrap();
        assert_eq!(line["message"], "odd");
        assert!(!logged(LogFormat::Text, "info", speak).contains("<6>"));
    }

    #[test]
    fn a_misspelt_level_is_no_filter() {
        for bad in ["inof", "", "info,debgu", "ostiary=verbose"] {
            assert!(check_filter(bad).is_err(), "{bad:?}");
        }
        assert_eq!(check_filter("INFO,ostiary::xmpp=debug"), Ok(()));
    }
}
