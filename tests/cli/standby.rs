//! `ostiary serve --standby`.

use super::*;

/// What the monitoring says at a path: status and body.
fn watch(port: u16, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

/// A house with monitoring, and the configuration of a standby with its own; with the ports of both.
fn watched_house() -> (House, u16, u16) {
    let house = House::new();
    let (active, standby) = (free_port(), free_port());
    let text = fs::read_to_string(house.path("ostiary.toml")).unwrap();
    let watched =
        |port| text.replace("[monitoring]", &format!("[monitoring]\nlisten = [\"127.0.0.1:{port}\"]"));
    fs::write(house.path("standby.toml"), watched(standby)).unwrap();
    fs::write(house.path("ostiary.toml"), watched(active)).unwrap();
    (house, active, standby)
}

#[test]
fn a_standby_takes_over_when_the_service_is_killed_and_is_not_ready_before() {
    let (house, _, port) = watched_house();
    let (mut active, ..) = house.serve();
    house.add("alice", &[]);
    let arguments = ["--config", "standby.toml", "serve", "--standby"];
    let (standby, seen, mut log) = house.started(&arguments, "standing by");
    assert!(seen.contains(&format!("process={}", active.id())), "{seen}");
    assert_eq!(watch(port, "/healthz"), ("200".to_owned(), "ok\n".to_owned()));
    let not_ready = "standing by: another ostiary serves the database\n";
    assert_eq!(watch(port, "/readyz"), ("503".to_owned(), not_ready.to_owned()));
    assert_eq!(watch(port, "/metrics").0, "404");

    // A frozen service still has its lock: nobody takes the database from under it.
    signal(&active, "STOP");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(watch(port, "/readyz").0, "503");
    active.kill().unwrap();
    active.wait().unwrap();
    let seen = read_until(&mut log, "ostiary serves");
    assert!(seen.contains("the other ostiary has ended: taking over"), "{seen}");
    assert_eq!(watch(port, "/healthz").0, "200");
    assert!(watch(port, "/metrics").1.contains("ostiary_accounts{state=\"active\"} 1"));
    assert_eq!(house.bare(&["serve"]).code, 1, "the lock is the standby's now");

    signal(&standby, "TERM");
    assert_eq!(ended(standby).code, 0);
}

#[test]
fn a_standby_with_the_same_configuration_takes_its_addresses_when_they_are_free_and_ends_when_told() {
    let (house, port, _) = watched_house();
    let (active, ..) = house.serve();
    let (first, seen, mut log) = house.started(&["serve", "--standby"], "standing by");
    assert!(seen.contains("the other ostiary listens for monitoring here, this one later"), "{seen}");
    let (second, _, rest) = house.started(&["serve", "--standby"], "standing by");
    signal(&second, "TERM");
    assert_eq!(ended(second).code, 0);
    let rest: String = rest.map(Result::unwrap).collect();
    assert!(rest.contains("stopped while standing by"), "{rest}");

    signal(&active, "TERM");
    assert_eq!(ended(active).code, 0);
    read_until(&mut log, "ostiary serves");
    assert_eq!(watch(port, "/healthz").0, "200");
    signal(&first, "TERM");
    assert_eq!(ended(first).code, 0);
}

#[test]
fn a_standby_alone_serves_at_once() {
    let house = House::new();
    let (standby, seen, _) = house.started(&["serve", "--standby"], "ostiary serves");
    assert!(seen.contains("ostiary serves") && !seen.contains("standing by"), "{seen}");
    signal(&standby, "INT");
    assert_eq!(ended(standby).code, 0);
}
