//! `[service] language`: for people who ask for none.

use super::*;

/// The registration page, for a browser that asks for these languages.
fn page(port: &str, languages: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    write!(stream, "GET /register HTTP/1.1\r\nHost: x\r\n{languages}Connection: close\r\n\r\n").unwrap();
    std::io::read_to_string(stream).unwrap()
}

#[test]
fn who_asks_for_no_language_or_for_one_that_is_not_there_gets_that_of_the_service() {
    let house = House::new();
    house.edit(|text| text.replace("#language = \"en\"", "language = \"de-AT\""));
    let (serve, seen, _) = house.serve();
    let port = seen.split("listening for http address=127.0.0.1:").nth(1).unwrap();
    let port = port.split_whitespace().next().unwrap();
    assert!(page(port, "").contains("<html lang=\"de\""));
    assert!(page(port, "Accept-Language: ja\r\n").contains("<html lang=\"de\""));
    assert!(page(port, "Accept-Language: fr\r\n").contains("<html lang=\"fr\""));
    signal(&serve, "TERM");
    assert_eq!(ended(serve).code, 0);
}
