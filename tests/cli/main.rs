//! The command line, driven as an operator drives it: the built binary, real files, a real database.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test ends at what it does not expect, and waits in real time"
)]

mod branches;
mod examples;
mod export;
mod import;
mod invitations;
mod keys;
mod language;
mod servers;
mod standby;

use std::{
    fs,
    io::{BufRead, BufReader, Lines, Read, Write},
    net::{TcpListener, TcpStream},
    ops::{Deref, DerefMut},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery";

/// A folder with what `ostiary init` wrote.
struct House {
    folder: tempfile::TempDir,
}

struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl House {
    /// Made by `init`, with trivial derivations and ports of its own.
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        let made = house.bare(&["init", "--dir", ".", "--domain", "chat.example"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let (nobody, http) = (free_port(), free_port());
        house.edit(|text| {
            text.replace("#insecure_for_tests = false", "insecure_for_tests = true")
                .replace("#memory_kib = 19456", "memory_kib = 8")
                .replace("#passes = 2", "passes = 1")
                .replace("#scram_iterations = 10000", "scram_iterations = 1")
                .replace("#threads = \"auto\"", "threads = 1")
                .replace("#address = \"127.0.0.1:5347\"", &format!("address = \"127.0.0.1:{nobody}\""))
                .replace("#listen = [\"127.0.0.1:8080\"]", &format!("listen = [\"127.0.0.1:{http}\"]"))
        });
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn edit(&self, change: impl FnOnce(String) -> String) {
        let file = self.path("ostiary.toml");
        fs::write(&file, change(fs::read_to_string(&file).unwrap())).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ostiary"));
        command.current_dir(self.folder.path()).env_remove("OSTIARY_CONFIG").env_remove("OSTIARY_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Started; what it said until it served, and the rest.
    fn serve(&self) -> (Running, String, Lines<BufReader<ChildStderr>>) {
        self.started(&["serve"], "ostiary serves")
    }

    /// Started; what it said until it said `wanted` or ended, and the rest.
    fn started(&self, arguments: &[&str], wanted: &str) -> (Running, String, Lines<BufReader<ChildStderr>>) {
        let mut child = Running(self.command().args(arguments).spawn().unwrap());
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let seen = read_until(&mut log, wanted);
        (child, seen, log)
    }

    fn bare(&self, arguments: &[&str]) -> Ended {
        ended(Running(self.command().args(arguments).spawn().unwrap()))
    }

    fn with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let command = self.command().args(arguments).stdin(Stdio::piped()).spawn();
        let mut child = Running(command.unwrap());
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ended(child)
    }

    /// Runs with `--json`, must succeed.
    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.bare(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.out, ended.err);
        serde_json::from_str(&ended.out).unwrap()
    }

    fn add(&self, name: &str, more: &[&str]) {
        let arguments = [&["account", "add", name, "--password-stdin"], more].concat();
        let ended = self.with_input(&arguments, &format!("{PASSWORD}\n"));
        assert_eq!(ended.code, 0, "{}", ended.err);
    }
}

/// A process that does not outlive its test.
struct Running(Child);

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, where the test went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ended(mut child: Running) -> Ended {
    let end = Instant::now() + LIMIT;
    // Read while it runs: a command whose output nobody takes waits for ever once it has filled the pipe.
    let (out, err) = (read_all(child.stdout.take()), read_all(child.stderr.take()));
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("the command does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Ended { code, out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read_until(log: &mut Lines<BufReader<ChildStderr>>, wanted: &str) -> String {
    let mut seen = String::new();
    for line in log.by_ref() {
        seen.push_str(&line.unwrap());
        seen.push('\n');
        if seen.contains(wanted) {
            break;
        }
    }
    seen
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    // The test may have taken it to read along.
    std::thread::spawn(move || pipe.map_or_else(String::new, |pipe| std::io::read_to_string(pipe).unwrap()))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn init_writes_closed_secrets_and_never_overwrites() {
    let house = House { folder: tempfile::tempdir().unwrap() };
    let made = house.json(&["init", "--dir", "new/ostiary", "--domain", "chat.example"]);
    assert_eq!(made["written"].as_array().unwrap().len(), 3);
    let permissions = |name: &str| fs::metadata(house.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(permissions("new/ostiary/secrets"), 0o700);
    for name in ["new/ostiary/secrets/master.key", "new/ostiary/secrets/component.secret"] {
        assert_eq!(permissions(name), 0o600, "{name}");
    }
    let text = fs::read_to_string(house.path("new/ostiary/ostiary.toml")).unwrap();
    assert!(
        text.contains("jid = \"register.chat.example\"")
            && text.contains("base_url = \"https://register.chat.example\"")
    );

    let key = fs::read(house.path("new/ostiary/secrets/master.key")).unwrap();
    let again = house.bare(&["init", "--dir", "new/ostiary", "--domain", "other.example"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("is there already; nothing was written"), "{}", again.err);
    fs::remove_file(house.path("new/ostiary/ostiary.toml")).unwrap();
    let rest = house.json(&["init", "--dir", "new/ostiary", "--domain", "other.example"]);
    assert_eq!((rest["written"].as_array().unwrap().len(), rest["kept"].as_array().unwrap().len()), (1, 2));
    assert_eq!(fs::read(house.path("new/ostiary/secrets/master.key")).unwrap(), key, "keys are kept");

    let wrong = house.bare(&["init", "--dir", "elsewhere", "--domain", "no domain"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    assert!(!house.path("elsewhere").exists());
}

#[test]
fn accounts_are_made_shown_changed_and_deleted() {
    let house = House::new();
    house.add("alice", &["--email", "alice@mail.example"]);
    let list = house.bare(&["account", "list"]);
    assert!(
        list.out.contains("alice@chat.example") && list.out.contains("a***@mail.example"),
        "{}",
        list.out
    );
    assert!(house.bare(&["account", "list", "--reveal"]).out.contains("alice@mail.example"));

    let alice = house.json(&["account", "show", "alice@chat.example"]);
    assert_eq!(
        (alice["state"].as_str(), alice["email"].as_str()),
        (Some("active"), Some("alice@mail.example"))
    );
    assert_eq!(alice["history"][0]["action"], "registered");

    let reason = "Unpaid \u{1b}[31mbill";
    assert_eq!(house.json(&["account", "suspend", "alice", "--reason", reason])["state"], "suspended");
    let shown = house.bare(&["account", "show", "alice"]).out;
    assert!(shown.contains("Unpaid \u{fffd}[31mbill") && !shown.contains('\u{1b}'), "{shown:?}");
    assert_eq!(house.json(&["account", "resume", "alice"])["state"], "active");

    let set = house.json(&["account", "set-password", "alice", "--generate"]);
    assert_eq!(set["password"].as_str().unwrap().len(), 20);
    assert!(house.json(&["account", "show", "alice"])["history"].as_array().unwrap().len() >= 4);

    let unasked = house.bare(&["account", "delete", "alice"]);
    assert_eq!(unasked.code, 2);
    assert!(unasked.err.contains("use --yes"), "{}", unasked.err);
    assert_eq!(house.bare(&["account", "delete", "alice", "--yes"]).out, "deleted: alice@chat.example\n");
    assert_eq!(house.bare(&["account", "list"]).out, "no accounts\n");
}

#[test]
fn refusals_end_with_three_and_a_word_for_programs() {
    let house = House::new();
    house.add("alice", &[]);
    for (arguments, code) in [
        (&["account", "add", "alice", "--generate"][..], "name-taken"),
        (&["account", "add", "al ice", "--generate"], "invalid"),
        (&["account", "show", "nobody"], "no-such-account"),
        (&["account", "suspend", "nobody"], "no-such-account"),
        (&["account", "delete", "nobody", "--yes"], "no-such-account"),
        (&["account", "resume", "alice@elsewhere.example"], "unknown-domain"),
    ] {
        let ended = house.bare(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.err);
        let said: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!((&said["error"]["kind"], &said["error"]["code"]), (&"refused".into(), &code.into()));
        assert!(ended.err.starts_with("ostiary: refused: "), "{}", ended.err);
    }
    let weak = house.with_input(&["account", "set-password", "alice", "--password-stdin"], "short\n");
    assert_eq!(weak.code, 3);
    assert!(!weak.err.contains("short\n") && weak.err.contains("too weak"), "{}", weak.err);
}

#[test]
fn lists_are_filtered_and_go_page_by_page() {
    let house = House::new();
    for name in ["anna", "berta", "clara", "dora"] {
        house.add(name, &["--email", &format!("{name}@mail.example")]);
    }
    house.json(&["account", "suspend", "dora"]);
    let names = |arguments: &[&str]| -> Vec<String> {
        let list = house.json(&[&["account", "list"], arguments].concat());
        list.as_array().unwrap().iter().map(|a| a["username"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["anna", "berta", "clara", "dora"]);
    assert_eq!(names(&["--state", "suspended"]), ["dora"]);
    assert_eq!(names(&["--search", "lar"]), ["clara"]);
    assert_eq!(names(&["--limit", "2"]), ["anna", "berta"]);
    assert_eq!(names(&["--limit", "2", "--after", "berta@chat.example"]), ["clara", "dora"]);
    assert_eq!(names(&["--domain", "elsewhere.example"]), Vec::<String>::new());
    let page = house.bare(&["account", "list", "--limit", "2"]);
    assert!(page.out.ends_with("there are more: --after berta@chat.example\n"), "{}", page.out);
    assert!(!house.bare(&["account", "list", "--limit", "4"]).out.contains("there are more"));
}

#[test]
fn a_wrong_command_line_or_configuration_ends_with_two() {
    let house = House::new();
    for arguments in [
        &["frobnicate"][..],
        &["account", "add", "alice", "--generate", "--password-stdin"],
        &["account", "add", "alice", "--password", "hunter2"],
        &["account", "show", "a@b@/c"],
        &["account", "list", "--limit", "0"],
    ] {
        assert_eq!(house.bare(arguments).code, 2, "{arguments:?}");
    }
    house.edit(|text| text.replace("[limits]", "[limit]").replace("#port = 587", "port = 0"));
    let broken = house.bare(&["serve", "--json"]);
    assert_eq!(broken.code, 2);
    let said: Value = serde_json::from_str(&broken.out).unwrap();
    let problems = said["error"]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{said}");
    assert!(problems.iter().all(|problem| problem["line"].as_u64().unwrap() > 1));
    assert!(broken.err.contains("[mail] port: found 0; allowed: 1 to 65535"), "{}", broken.err);
    assert!(broken.err.contains("unknown section; did you mean limits?"), "{}", broken.err);
    assert!(!house.path("ostiary.db").exists(), "nothing was started");
}

#[test]
fn check_says_what_fails_and_what_to_do() {
    let house = House::new();
    let ended = house.bare(&["check", "--json"]);
    assert_eq!(ended.code, 1, "{}", ended.out);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let step = |report: &Value, name: &str| -> Value {
        report["steps"].as_array().unwrap().iter().find(|step| step["step"] == name).unwrap().clone()
    };
    assert_eq!(report["ok"], false);
    for name in ["configuration", "secrets", "database", "disk", "mail", "http", "base_url"] {
        assert_eq!(step(&report, name)["outcome"], "ok", "{}", step(&report, name));
    }
    let component = step(&report, "component");
    assert_eq!(component["outcome"], "failed");
    assert!(component["advice"].as_str().unwrap().contains("component_ports"), "{component}");
    assert_eq!(step(&report, "hashing")["outcome"], "warning", "insecure_for_tests is on");
    assert!(!house.path("ostiary.db").exists() && !house.path("spool").exists(), "check changes nothing");

    fs::set_permissions(house.path("secrets/master.key"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(house.path("ostiary.db"), "this is a letter to my aunt and not a database, I am afraid")
        .unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    house.edit(|text| {
        let listen = text.lines().find(|line| line.starts_with("listen = ")).unwrap().to_owned();
        text.replace(&listen, &format!("listen = [\"127.0.0.1:{port}\"]"))
    });
    let ended = house.bare(&["check"]);
    assert_eq!(ended.code, 1);
    for said in [
        "FAIL  secrets",
        "(mode 0644): run chmod 600",
        "FAIL  database      ./ostiary.db: the file is not a database of ostiary",
        "-     component     not tried without its secret",
        "-> set [database] path to another file",
        &format!("FAIL  http          127.0.0.1:{port}: Address already in use"),
        "3 steps failed",
    ] {
        assert!(ended.out.contains(said), "{said}\n{}", ended.out);
    }
    house.edit(|text| text.replace("[service]", "[servce]"));
    let ended = house.bare(&["check"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.out.contains("FAIL  configuration") && ended.out.contains("did you mean service?"),
        "{}",
        ended.out
    );
}

#[test]
fn a_database_from_a_newer_version_is_refused_with_both_versions() {
    let house = House::new();
    house.add("alice", &[]);
    let database = rusqlite::Connection::open(house.path("ostiary.db")).unwrap();
    let known: u32 = database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    database.execute_batch("PRAGMA user_version = 4711").unwrap();
    drop(database);
    let said = format!("the database has schema version 4711, this ostiary knows versions up to {known}");
    for arguments in [&["serve"][..], &["account", "list"]] {
        let ended = house.bare(arguments);
        assert_eq!(ended.code, 1);
        assert!(ended.err.contains(&said), "{}", ended.err);
    }
    let check = house.bare(&["check"]);
    assert_eq!(check.code, 1);
    assert!(
        check.out.contains(&said) && check.out.contains("install the ostiary that made it"),
        "{}",
        check.out
    );
}

#[test]
fn one_service_for_one_database_and_it_ends_when_told() {
    let house = House::new();
    let (serve, seen, log) = house.serve();
    assert!(seen.contains("insecure_for_tests is on"), "{seen}");
    let pid = serve.id();

    let second = house.bare(&["serve"]);
    assert_eq!(second.code, 1);
    let said = format!("another ostiary serves this database (process {pid}, which holds the lock ");
    assert!(
        second.err.contains(&said) && second.err.contains("ostiary.db.lock): end it first"),
        "{}",
        second.err
    );
    assert!(second.err.contains("--standby"), "{}", second.err);

    // The command line works beside the service, and the check does not disturb it.
    house.add("alice", &[]);
    let check = house.bare(&["check"]).out;
    assert!(check.contains(&format!("answers (pid {pid})")), "{check}");
    let text = fs::read_to_string(house.path("ostiary.toml")).unwrap();
    let listen = text
        .lines()
        .find(|line| line.starts_with("listen = "))
        .unwrap()
        .split('"')
        .nth(1)
        .unwrap()
        .to_owned();
    TcpStream::connect(&listen).unwrap();

    signal(&serve, "TERM");
    let ended = ended(serve);
    let rest: String = log.map(|line| line.unwrap() + "\n").collect();
    assert_eq!(ended.code, 0, "{rest}");
    assert!(rest.contains("SIGTERM") && rest.ends_with("stopped\n"), "{rest}");
    TcpStream::connect(&listen).unwrap_err();
    assert_eq!(house.json(&["account", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn the_pages_are_served_by_tls_and_on_a_unix_socket() {
    let house = House::new();
    let (port, socket) = (free_port(), house.path("http.sock"));
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["accounts.example".to_owned()]).unwrap();
    fs::write(house.path("key.pem"), key.serialize_pem()).unwrap();
    house.edit(|text| {
        let listen = text.lines().find(|line| line.starts_with("listen = ")).unwrap().to_owned();
        let ways = format!("listen = [\"unix:{}\"]\nlisten_tls = [\"127.0.0.1:{port}\"]", socket.display());
        text.replace(&listen, &ways)
            .replace("#tls_certificate = \"/etc/ostiary/fullchain.pem\"", "tls_certificate = \"all.pem\"")
            .replace("#tls_key = \"/etc/ostiary/privkey.pem\"", "tls_key = \"key.pem\"")
    });
    let check = house.bare(&["check"]).out;
    assert!(check.contains("FAIL  http          cannot read ./all.pem: No such file"), "{check}");
    assert!(check.contains("-> correct [http] tls_certificate and tls_key"), "{check}");
    let refused = house.bare(&["serve"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("[http] tls_certificate, tls_key: cannot read ./all.pem"),
        "{}",
        refused.err
    );

    fs::write(house.path("all.pem"), certificate.self_signed(&key).unwrap().pem()).unwrap();
    let check = house.bare(&["check"]).out;
    for said in
        ["./all.pem and its key belong together", &format!("127.0.0.1:{port} is free"), "http.sock is free"]
    {
        assert!(check.contains(said), "{said}\n{check}");
    }
    let (serve, seen, _) = house.serve();
    assert!(seen.contains(&format!("listening for https address=127.0.0.1:{port}")), "{seen}");
    let check = house.bare(&["check"]).out;
    assert!(
        check.contains(&format!("127.0.0.1:{port} answers")) && check.contains("http.sock answers"),
        "{check}"
    );
    let mut proxy = UnixStream::connect(&socket).unwrap();
    proxy.write_all(b"GET /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    proxy.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    signal(&serve, "TERM");
    assert_eq!(ended(serve).code, 0);
    assert!(!socket.exists());
}

#[test]
fn integrate_writes_the_modules_and_keeps_the_secret_off_the_screen() {
    let house = House::new();
    let done = house.bare(&["integrate", "prosody", "--dir", "prosody"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let secret = fs::read_to_string(house.path("secrets/component.secret")).unwrap();
    assert!(!done.out.contains(secret.trim()) && !done.err.contains(secret.trim()));
    assert!(
        done.out.contains("VirtualHost \"chat.example\"\n    authentication = \"ostiary\""),
        "{}",
        done.out
    );
    let component = house.path("prosody/component.cfg.lua");
    assert_eq!(fs::metadata(&component).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&component).unwrap();
    assert!(text.contains("Component \"register.chat.example\"\n    component_secret = "), "{text}");
    assert!(text.contains(secret.trim()));
    for module in [
        "mod_ostiary/mod_ostiary.lua",
        "mod_ostiary/link.lib.lua",
        "mod_auth_ostiary/mod_auth_ostiary.lua",
        "mod_auth_ostiary/memory.lib.lua",
    ] {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("integrations/prosody").join(module);
        assert_eq!(fs::read(house.path("prosody").join(module)).unwrap(), fs::read(source).unwrap());
    }
    assert_eq!(house.bare(&["integrate", "prosody", "--dir", "prosody"]).code, 0, "again, over the old ones");
}

#[test]
fn integrate_compiles_the_modules_of_ejabberd_where_it_can_and_says_how_where_it_cannot() {
    let house = House::new();
    // A folder in which there is no ejabberd, so that the compiler has nothing to go by.
    let done =
        house.bare(&["integrate", "ejabberd", "--dir", "ejabberd", "--ejabberd", "nowhere/ejabberd-1"]);
    let secret = fs::read_to_string(house.path("secrets/component.secret")).unwrap();
    assert!(!done.out.contains(secret.trim()) && !done.err.contains(secret.trim()));
    for file in [
        "mod_ostiary.erl",
        "mod_ostiary_link.erl",
        "mod_ostiary_accounts.erl",
        "mod_ostiary_memory.erl",
        "ejabberd_auth_ostiary.erl",
    ] {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("integrations/ejabberd/mod_ostiary/src")
            .join(file);
        assert_eq!(fs::read(house.path("ejabberd/src").join(file)).unwrap(), fs::read(source).unwrap());
    }
    let written = house.path("ejabberd/secret.yml");
    assert_eq!(fs::metadata(&written).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(written).unwrap().contains(&format!("OSTIARY_SECRET: \"{}\"", secret.trim())));
    if done.code == 0 {
        // Nor is there an erlc on this machine.
        assert!(done.out.contains("Install it (Debian: erlang-base)"), "{}", done.out);
        assert!(
            done.out.contains("negotiation_timeout: 300") && done.out.contains("check_from: true"),
            "{}",
            done.out
        );
    } else {
        assert!(done.err.contains("the modules cannot be compiled"), "{}", done.err);
    }
}

#[test]
fn shells_complete_the_commands_and_help_has_examples() {
    let house = House { folder: tempfile::tempdir().unwrap() };
    for shell in ["bash", "zsh", "fish"] {
        let script = house.bare(&["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.err);
        assert!(script.out.contains("set-password"), "{shell}");
    }
    let help = house.bare(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Exit codes:") && help.out.contains("Examples:"), "{}", help.out);
    let version = house.bare(&["--version"]);
    assert_eq!(version.out, format!("ostiary {}\n", env!("CARGO_PKG_VERSION")));
    let missing = house.bare(&["account", "list"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("ostiary.toml: no such file; `ostiary init` makes one"), "{}", missing.err);
}
