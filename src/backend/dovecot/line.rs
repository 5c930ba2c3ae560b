//! The lines of a client: `AUTH`, `CONT`, `CANCEL`, and those that mean nothing here.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// A line that a client of the protocol may send.
#[derive(PartialEq, Eq)]
pub enum Line<'l> {
    /// Begins an exchange.
    Auth {
        /// Its number, chosen by the client.
        id: u32,
        mechanism: &'l str,
        /// What the person's client began with.
        given: Given,
    },
    /// Goes on with one.
    Cont { id: u32, given: Given },
    /// Gives one up.
    Cancel { id: u32 },
    /// Something that a later version may know.
    Other,
}

/// What the person's client has said.
#[derive(PartialEq, Eq)]
pub enum Given {
    /// It has said nothing yet.
    Nothing,
    Bytes(Zeroizing<Vec<u8>>),
    /// What is no Base64.
    Nonsense,
}

impl<'l> Line<'l> {
    /// Reads a line without its end; `None` where it breaks the protocol.
    pub fn parse(line: &'l [u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(line).ok()?.split('\t');
        Some(match parts.next()? {
            "AUTH" => {
                let (id, mechanism) = (number(parts.next()?)?, parts.next()?);
                // The last part, as the protocol demands; what stands before it (service, addresses, ...) changes nothing here.
                let given =
                    parts.find_map(|part| part.strip_prefix("resp=")).map_or(Given::Nothing, Given::decode);
                Self::Auth { id, mechanism, given }
            }
            "CONT" => {
                let (id, text) = (number(parts.next()?)?, parts.next()?);
                Self::Cont { id, given: Given::decode(text) }
            }
            "CANCEL" => Self::Cancel { id: number(parts.next()?)? },
            _ => Self::Other,
        })
    }
}

impl Given {
    fn decode(text: &str) -> Self {
        match text {
            // Prosody's module writes an equals sign for what is not there.
            "" | "=" => Self::Nothing,
            text => STANDARD.decode(text).map_or(Self::Nonsense, |bytes| Self::Bytes(Zeroizing::new(bytes))),
        }
    }
}

/// Plain decimal digits; zero is no number of a request.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &[u8]) -> Given {
        Given::Bytes(Zeroizing::new(text.to_vec()))
    }

    #[test]
    fn lines_are_read_as_clients_write_them() {
        for (line, read) in [
            (
                "AUTH\t1\tPLAIN\tservice=xmpp\tresp=AGE=",
                Line::Auth { id: 1, mechanism: "PLAIN", given: bytes(b"\0a") },
            ),
            (
                "AUTH\t2\tPLAIN\tservice=xmpp\tresp==",
                Line::Auth { id: 2, mechanism: "PLAIN", given: Given::Nothing },
            ),
            (
                "AUTH\t3\tSCRAM-SHA-1\tservice=xmpp\tnologin",
                Line::Auth { id: 3, mechanism: "SCRAM-SHA-1", given: Given::Nothing },
            ),
            (
                "AUTH\t4294967295\tX\tresp=!",
                Line::Auth { id: u32::MAX, mechanism: "X", given: Given::Nonsense },
            ),
            ("CONT\t1\tYWI=", Line::Cont { id: 1, given: bytes(b"ab") }),
            ("CONT\t1\t", Line::Cont { id: 1, given: Given::Nothing }),
            ("CANCEL\t9", Line::Cancel { id: 9 }),
            ("VERSION\t1\t2", Line::Other),
            ("", Line::Other),
        ] {
            assert!(Line::parse(line.as_bytes()) == Some(read), "{line}");
        }
    }

    #[test]
    fn what_breaks_the_protocol_is_no_line() {
        for line in [
            "AUTH",
            "AUTH\t1",
            "AUTH\t0\tPLAIN",
            "AUTH\t-1\tPLAIN",
            "AUTH\t+1\tPLAIN",
            "AUTH\t4294967296\tPLAIN",
            "CONT\t1",
            "CONT\tx\t",
            "CANCEL",
        ] {
            assert!(Line::parse(line.as_bytes()).is_none(), "{line}");
        }
        assert!(Line::parse(b"AUTH\t1\t\xff").is_none());
    }

    proptest! {
        #[test]
        fn what_a_client_says_comes_through(id in 1..=u32::MAX, said in proptest::collection::vec(any::<u8>(), 1..200)) {
            let line = format!("AUTH\t{id}\tPLAIN\tservice=xmpp\tresp={}", STANDARD.encode(&said));
            let expected = Line::Auth { id, mechanism: "PLAIN", given: bytes(&said) };
            prop_assert!(Line::parse(line.as_bytes()) == Some(expected));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let _ = Line::parse(&bytes);
        }
    }
}
