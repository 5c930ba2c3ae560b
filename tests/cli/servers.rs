//! Several XMPP servers in one configuration.

use std::fs;

use crate::House;

/// A house whose broker is for two servers.
fn house() -> House {
    let house = House::new();
    let file = house.path("ostiary.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("\n[component]\n", "\n[[component]]\ndomains = [\"chat.example\"]\n");
    let second = "\n[[component]]\njid = \"register.b.example\"\ndomains = [\"b.example\"]\naddress = \"127.0.0.1:5399\"\n\
                  secret_file = \"secrets/b.secret\"\n\n[[domain]]\nname = \"b.example\"\n";
    fs::write(&file, text + second).unwrap();
    fs::copy(house.path("secrets/component.secret"), house.path("secrets/b.secret")).unwrap();
    fs::write(house.path("secrets/b.secret"), "the secret of b\n").unwrap();
    house
}

#[test]
fn integrate_asks_which_of_several_servers_is_meant_and_writes_what_is_its_own() {
    let house = house();
    let unclear = house.bare(&["integrate", "prosody", "--dir", "prosody"]);
    assert_eq!(unclear.code, 2, "{}", unclear.err);
    assert!(
        unclear.err.contains("--component") && unclear.err.contains("register.b.example"),
        "{}",
        unclear.err
    );
    assert!(!house.path("prosody").exists());
    let unknown =
        house.bare(&["integrate", "prosody", "--component", "register.c.example", "--dir", "prosody"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("register.c.example is no component"), "{}", unknown.err);

    let done = house.bare(&["integrate", "prosody", "--component", "register.b.example", "--dir", "prosody"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(
        done.out.contains("VirtualHost \"b.example\"") && !done.out.contains("chat.example"),
        "{}",
        done.out
    );
    let component = fs::read_to_string(house.path("prosody/component.cfg.lua")).unwrap();
    assert!(
        component.contains("Component \"register.b.example\"\n    component_secret = \"the secret of b\"")
    );
}

#[test]
fn check_tries_the_link_to_each_server() {
    let house = house();
    let checked = house.bare(&["check"]);
    assert_eq!(checked.code, 1, "{}", checked.out);
    for server in ["register.chat.example at 127.0.0.1:", "register.b.example at 127.0.0.1:5399"] {
        assert!(checked.out.contains(server), "{}", checked.out);
    }
}
