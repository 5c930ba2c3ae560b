//! Erlang terms as text, as far as ejabberd's accounts need them. Nothing is evaluated.

use zeroize::Zeroizing;

/// How deep tuples and lists may be.
const DEEPEST: usize = 32;

/// A term.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// An atom.
    Atom(String),
    /// A whole number.
    Integer(i64),
    /// `<<...>>`.
    Binary(Zeroizing<Vec<u8>>),
    /// `{...}`.
    Tuple(Vec<Term>),
    /// `[...]`, also one that is written as text.
    List(Vec<Term>),
}

/// Why a text is no term. Shows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Erlang term that an account is made of: {0}")]
pub struct NotATerm(&'static str);

impl Term {
    /// Reads one term, without the dot behind it.
    pub fn parse(text: &[u8]) -> Result<Self, NotATerm> {
        let mut reader = Reader { text, at: 0 };
        let term = reader.term(0)?;
        reader.blanks();
        if reader.at < text.len() {
            return Err(NotATerm("something comes after it"));
        }
        Ok(term)
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn term(&mut self, depth: usize) -> Result<Term, NotATerm> {
        self.blanks();
        if depth > DEEPEST {
            return Err(NotATerm("it is nested too deep"));
        }
        match self.peek() {
            Some(b'{') => self.terms(b'}', depth).map(Term::Tuple),
            Some(b'[') => self.terms(b']', depth).map(Term::List),
            Some(b'<') => self.binary().map(Term::Binary),
            Some(b'"') => {
                let bytes = self.quoted(b'"')?;
                Ok(Term::List(bytes.iter().map(|byte| Term::Integer((*byte).into())).collect()))
            }
            Some(b'\'') => atom(&self.quoted(b'\'')?),
            Some(b'a'..=b'z') => {
                let start = self.at;
                while matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'@')) {
                    self.at += 1;
                }
                atom(&self.text[start..self.at])
            }
            Some(b'-' | b'0'..=b'9') => self.integer().map(Term::Integer),
            _ => Err(NotATerm("it is of a kind that is not read")),
        }
    }

    fn terms(&mut self, end: u8, depth: usize) -> Result<Vec<Term>, NotATerm> {
        self.at += 1;
        let mut terms = Vec::new();
        self.blanks();
        if self.take(end) {
            return Ok(terms);
        }
        loop {
            terms.push(self.term(depth + 1)?);
            self.blanks();
            if self.take(end) {
                return Ok(terms);
            }
            if !self.take(b',') {
                return Err(NotATerm("a comma is missing"));
            }
        }
    }

    /// `<<"text">>`, `<<"text"/utf8>>` or `<<1,2,3>>`, or several of these.
    fn binary(&mut self) -> Result<Zeroizing<Vec<u8>>, NotATerm> {
        if !(self.take(b'<') && self.take(b'<')) {
            return Err(NotATerm("it is of a kind that is not read"));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        self.blanks();
        loop {
            match self.peek() {
                Some(b'"') => {
                    bytes.extend_from_slice(&self.quoted(b'"')?);
                    if self.text[self.at..].starts_with(b"/utf8") {
                        self.at += 5;
                    }
                }
                Some(b'0'..=b'9') => {
                    let byte = u8::try_from(self.integer()?);
                    bytes.push(byte.map_err(|_| NotATerm("a byte is above 255"))?);
                }
                Some(b'>') if bytes.is_empty() => {}
                _ => return Err(NotATerm("a binary is not made of bytes")),
            }
            self.blanks();
            if self.take(b'>') && self.take(b'>') {
                return Ok(bytes);
            }
            if !self.take(b',') {
                return Err(NotATerm("a binary does not end"));
            }
            self.blanks();
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<Zeroizing<Vec<u8>>, NotATerm> {
        self.at += 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        loop {
            match self.next() {
                Some(byte) if byte == quote => return Ok(bytes),
                Some(b'\\') => bytes.push(self.escape()?),
                Some(byte) => bytes.push(byte),
                None => return Err(NotATerm("a text does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<u8, NotATerm> {
        const BAD: NotATerm = NotATerm("an unknown escape in a text");
        Ok(match self.next().ok_or(BAD)? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'b' => 8,
            b'f' => 12,
            b'e' => 27,
            b's' => b' ',
            b'd' => 127,
            digit @ b'0'..=b'7' => {
                let mut number = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    number = number * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                u8::try_from(number).map_err(|_| BAD)?
            }
            b'x' => {
                let braced = self.take(b'{');
                let start = self.at;
                while self.peek().is_some_and(|byte| byte.is_ascii_hexdigit())
                    && (braced || self.at < start + 2)
                {
                    self.at += 1;
                }
                let digits = std::str::from_utf8(&self.text[start..self.at]).map_err(|_| BAD)?;
                let byte = u8::from_str_radix(digits, 16).map_err(|_| BAD)?;
                if braced && !self.take(b'}') {
                    return Err(BAD);
                }
                byte
            }
            same if !same.is_ascii_alphanumeric() => same,
            _ => return Err(BAD),
        })
    }

    fn integer(&mut self) -> Result<i64, NotATerm> {
        let start = self.at;
        self.take(b'-');
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        digits.parse().map_err(|_| NotATerm("a whole number was expected"))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

fn atom(name: &[u8]) -> Result<Term, NotATerm> {
    let name = std::str::from_utf8(name).map_err(|_| NotATerm("an atom is no text"))?;
    Ok(Term::Atom(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn binary(bytes: &[u8]) -> Term {
        Term::Binary(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn terms_are_read_as_erlang_writes_them() {
        let term = Term::parse(
            br#"{passwd, {<<"al\"ice">>,<<1,255>>}, ['A b', -4096, <<>>, "ab", <<"\303\x{a8}\n"/utf8>>]}"#,
        );
        let list = ["a", "b"].map(|c| Term::Integer(c.as_bytes()[0].into())).to_vec();
        assert_eq!(
            term,
            Ok(Term::Tuple(vec![
                Term::Atom("passwd".to_owned()),
                Term::Tuple(vec![binary(b"al\"ice"), binary(&[1, 255])]),
                Term::List(vec![
                    Term::Atom("A b".to_owned()),
                    Term::Integer(-4096),
                    binary(b""),
                    Term::List(list),
                    binary("è\n".as_bytes()),
                ]),
            ]))
        );
    }

    #[test]
    fn what_is_no_data_or_is_cut_is_refused() {
        let deep = "{".repeat(40) + &"}".repeat(40);
        for bad in [
            "", "{", "{a,", "{a b}", "<<\"a\"", "<<256>>", "<<a>>", "<a>", "\"\\q\"", "f()", "X", "#{}",
            "{a}.", "1.5", "<<\"a>>", &deep,
        ] {
            assert!(Term::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back_however_they_are_written(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let octal = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect::<Vec<_>>().concat();
            let numbers = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
            for text in [format!("<<\"{octal}\">>"), format!("<<{numbers}>>")] {
                prop_assert_eq!(Term::parse(text.as_bytes()), Ok(binary(&bytes)));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Term::parse(&text);
            let _ = Term::parse(&[b"{<<", &text[..]].concat());
        }
    }
}
