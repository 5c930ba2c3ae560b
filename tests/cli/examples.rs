//! The examples of `docs/api.md`, run as they stand there against the service with TLS.

use super::*;

const HOST: &str = "accounts.chat.example";

/// The blocks of shell commands that call the service.
fn blocks() -> Vec<String> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api.md")).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.filter(|block| block.contains("curl ")).collect()
}

/// Runs a block in a shell; the status lines that came.
fn run(house: &House, block: &str, variables: &[(&str, String)]) -> Vec<String> {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", block]).env("HOME", house.folder.path());
    command.envs(variables.iter().map(|(name, value)| (*name, value.as_str())));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = ended(crate::Running(command.spawn().unwrap()));
    assert_eq!(ended.code, 0, "{block}\n{}{}", ended.out, ended.err);
    // A body need not end its line.
    let heads = ended.out.match_indices("HTTP/2 ");
    heads.map(|(at, _)| ended.out[at..].lines().next().unwrap().trim_end().to_owned()).collect()
}

/// The code in the letter that was put into the folder.
fn code(house: &House) -> String {
    let end = Instant::now() + LIMIT;
    loop {
        let letters = fs::read_dir(house.path("spool")).map(|files| files.flatten().collect::<Vec<_>>());
        let letter = letters
            .unwrap_or_default()
            .into_iter()
            .find(|file| file.path().extension().is_some_and(|e| e == "eml"));
        if let Some(letter) = letter {
            let text = fs::read_to_string(letter.path()).unwrap();
            let code = text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
            return code.unwrap().to_owned();
        }
        assert!(Instant::now() < end, "no letter");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_examples_of_the_documentation_do_what_it_says() {
    let house = House::new();
    let port = free_port();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new([HOST.to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(house.path("key.pem"), key.serialize_pem()).unwrap();
    fs::write(house.path("all.pem"), certificate.pem()).unwrap();
    house.edit(|text| {
        let base = text.lines().find(|line| line.starts_with("base_url = ")).unwrap().to_owned();
        text.replace(&base, &format!("base_url = \"https://{HOST}\""))
            .replace("#listen_tls = []", &format!("listen_tls = [\"127.0.0.1:{port}\"]"))
            .replace("#tls_certificate = \"/etc/ostiary/fullchain.pem\"", "tls_certificate = \"all.pem\"")
            .replace("#tls_key = \"/etc/ostiary/privkey.pem\"", "tls_key = \"key.pem\"")
    });
    let curlrc = format!(
        "silent\nshow-error\ncacert = \"{}\"\nconnect-to = \"{HOST}:443:127.0.0.1:{port}\"\n",
        house.path("all.pem").display()
    );
    fs::write(house.path(".curlrc"), curlrc).unwrap();
    let branch = house.json(&["branch", "create", "--owner", "Acme Leeds"]);
    let made = house.json(&["key", "create", "--owner", "Acme App", "--limit", "5"]);
    let (serve, seen, _) = house.serve();
    assert!(seen.contains("listening for https"), "{seen}");

    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let variables = [
        ("branch_id", text(&branch["branch"])),
        ("branch_secret", text(&branch["secret"])),
        ("activation_token", text(&branch["activation_token"])),
    ];
    let [register, create, further] = &*blocks() else { panic!("three blocks: {:?}", blocks()) };
    assert_eq!(run(&house, register, &variables), ["HTTP/2 200"]);
    let variables = [("key", text(&made["key"])), ("secret", text(&made["secret"]))];
    assert_eq!(run(&house, create, &variables), ["HTTP/2 200"]);
    assert_eq!(run(&house, further, &[("code", code(&house))]), ["HTTP/2 200"; 3]);
    signal(&serve, "TERM");
    assert_eq!(ended(serve).code, 0);
    let states: Vec<_> = house
        .json(&["account", "list"])
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (text(&account["username"]), text(&account["state"])))
        .collect();
    assert_eq!(states, [("ada", "active"), ("grace", "active")].map(|(a, b)| (a.to_owned(), b.to_owned())));
}
