//! Reads the Lua data that Prosody's internal storage writes: `return { ["key"] = "value"; … };`. Nothing is evaluated: whatever is not
//! a plain value is refused. (A parser of the whole language would leave the values of its literals to us all the same.)

use zeroize::Zeroizing;

/// How deep tables may be; Prosody writes at most 127.
const DEEPEST: usize = 128;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum LuaValue {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number that is none of those.
    Float(f64),
    /// Bytes.
    Text(Zeroizing<Vec<u8>>),
    /// Keys and values, in the order in which they are written.
    Table(Vec<(LuaValue, LuaValue)>),
}

/// Why a text is no Lua data. Shows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct NotLuaData {
    line: usize,
    problem: &'static str,
}

impl LuaValue {
    /// Reads a whole file.
    pub fn parse(text: &[u8]) -> Result<Self, NotLuaData> {
        let mut reader = Reader { text, at: 0 };
        reader.blanks()?;
        if !reader.word(b"return") {
            return Err(reader.problem("\"return\" was expected"));
        }
        let value = reader.value(0)?;
        reader.blanks()?;
        while reader.take(b';') {
            reader.blanks()?;
        }
        if reader.at < text.len() {
            return Err(reader.problem("something comes after the value"));
        }
        Ok(value)
    }

    /// The value of a key of a table, if it is there and not `nil`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Table(entries) = self else { return None };
        let of_name = |key: &Self| matches!(key, Self::Text(text) if text[..] == *name.as_bytes());
        entries.iter().find(|(key, value)| of_name(key) && *value != Self::Nil).map(|(_, value)| value)
    }

    /// The bytes of a text.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A text that is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        self.as_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<LuaValue, NotLuaData> {
        self.blanks()?;
        match self.peek() {
            Some(b'{') if depth >= DEEPEST => Err(self.problem("tables are nested too deep")),
            Some(b'{') => self.table(depth + 1),
            Some(quote @ (b'"' | b'\'')) => self.string(quote).map(LuaValue::Text),
            Some(b'-' | b'.' | b'0'..=b'9' | b'(') => self.number(),
            _ if self.word(b"true") => Ok(LuaValue::Boolean(true)),
            _ if self.word(b"false") => Ok(LuaValue::Boolean(false)),
            _ if self.word(b"nil") => Ok(LuaValue::Nil),
            _ => Err(self.problem("a plain value was expected; nothing is evaluated")),
        }
    }

    fn table(&mut self, depth: usize) -> Result<LuaValue, NotLuaData> {
        self.at += 1;
        let mut entries = Vec::new();
        let mut position = 0;
        loop {
            self.blanks()?;
            if self.take(b'}') {
                return Ok(LuaValue::Table(entries));
            }
            let key = if let Some(key) = self.key(depth)? {
                key
            } else {
                position += 1;
                LuaValue::Integer(position)
            };
            entries.push((key, self.value(depth)?));
            self.blanks()?;
            if !(self.take(b';') || self.take(b',')) && self.peek() != Some(b'}') {
                return Err(self.problem("\";\" or \"}\" was expected"));
            }
        }
    }

    /// `[key] =` or `key =`; `None` where a value comes without a key.
    fn key(&mut self, depth: usize) -> Result<Option<LuaValue>, NotLuaData> {
        if self.take(b'[') {
            let key = self.value(depth)?;
            self.blanks()?;
            if !self.take(b']') {
                return Err(self.problem("\"]\" was expected"));
            }
            self.blanks()?;
            if !self.take(b'=') {
                return Err(self.problem("\"=\" was expected"));
            }
            return Ok(Some(key));
        }
        let start = self.at;
        let name = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let name = Zeroizing::new(name.to_vec());
        self.blanks()?;
        if name.first().is_some_and(|byte| !byte.is_ascii_digit()) && self.take(b'=') {
            return Ok(Some(LuaValue::Text(name)));
        }
        self.at = start;
        Ok(None)
    }

    fn string(&mut self, quote: u8) -> Result<Zeroizing<Vec<u8>>, NotLuaData> {
        self.at += 1;
        // As long as what is read at most: a growing buffer would leave copies behind.
        let longest =
            self.text[self.at..].iter().position(|byte| *byte == b'\n').unwrap_or(self.text.len() - self.at);
        let mut bytes = Zeroizing::new(Vec::with_capacity(longest));
        loop {
            match self.next() {
                Some(byte) if byte == quote => return Ok(bytes),
                Some(b'\\') => self.escape(&mut bytes)?,
                None | Some(b'\n' | b'\r') => return Err(self.problem("a text does not end")),
                Some(byte) => bytes.push(byte),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), NotLuaData> {
        bytes.push(match self.next() {
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n' | b'\n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 11,
            Some(same @ (b'\\' | b'"' | b'\'')) => same,
            Some(digit @ b'0'..=b'9') => {
                let mut number = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'9') = self.peek() else { break };
                    number = number * 10 + u32::from(digit - b'0');
                    self.at += 1;
                }
                u8::try_from(number).map_err(|_| self.problem("a byte in a text is above 255"))?
            }
            _ => return Err(self.problem("an unknown escape in a text")),
        });
        Ok(())
    }

    fn number(&mut self) -> Result<LuaValue, NotLuaData> {
        // How Prosody writes what no number can say.
        for (word, value) in
            [(&b"(1/0)"[..], f64::INFINITY), (b"(-1/0)", f64::NEG_INFINITY), (b"(0/0)", f64::NAN)]
        {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(LuaValue::Float(value));
            }
        }
        let digits =
            self.take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        let whole = digits.parse().map(LuaValue::Integer);
        let number = whole.or_else(|_| digits.parse().map(LuaValue::Float));
        number.map_err(|_| self.problem("a number was expected"))
    }

    /// Passes over blanks and comments.
    fn blanks(&mut self) -> Result<(), NotLuaData> {
        loop {
            self.take_while(|byte| byte.is_ascii_whitespace());
            if !self.text[self.at..].starts_with(b"--") {
                return Ok(());
            }
            if self.text[self.at..].starts_with(b"--[[") {
                let end = self.text[self.at..].windows(2).position(|end| end == b"]]");
                self.at += end.ok_or_else(|| self.problem("a comment does not end"))? + 2;
            } else {
                self.take_while(|byte| byte != b'\n');
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let rest = &self.text[self.at..];
        let goes_on = rest.get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let is_there = rest.starts_with(word) && !goes_on;
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &[u8] {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
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

    fn problem(&self, problem: &'static str) -> NotLuaData {
        NotLuaData { line: self.text[..self.at].split(|byte| *byte == b'\n').count(), problem }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> LuaValue {
        LuaValue::Text(Zeroizing::new(bytes.to_vec()))
    }

    /// As Prosody's `util.serialization` writes it.
    fn written(value: &LuaValue) -> String {
        match value {
            LuaValue::Nil => "nil".to_owned(),
            LuaValue::Boolean(it) => it.to_string(),
            LuaValue::Integer(it) => it.to_string(),
            LuaValue::Float(it) => format!("{it:e}"),
            LuaValue::Text(bytes) => {
                let escape = |byte: &u8| match byte {
                    b'"' => "\\\"".to_owned(),
                    b'\n' => "\\n".to_owned(),
                    b' '..=b'~' if *byte != b'\\' => char::from(*byte).to_string(),
                    _ => format!("\\{byte:03}"),
                };
                format!("\"{}\"", bytes.iter().map(escape).collect::<String>())
            }
            LuaValue::Table(entries) => {
                let entry = |(key, value): &(LuaValue, LuaValue)| {
                    format!("\t[{}] = {};\n", written(key), written(value))
                };
                format!("{{\n{}}}", entries.iter().map(entry).collect::<String>())
            }
        }
    }

    #[test]
    fn an_account_of_prosody_is_read() {
        let file = b"return {\n\t[\"iteration_count\"] = 10000;\n\t[\"salt\"] = \"a\\\"\\092\\n\\000\\255'\";\n\t[\"disabled\"] = true;
\t[\"created\"] = 1.7e9; name = 'x', { 1, -2; };\n};\n\n";
        let value = LuaValue::parse(file).unwrap();
        assert_eq!(value.get("iteration_count"), Some(&LuaValue::Integer(10_000)));
        assert_eq!(value.get("salt").unwrap().as_bytes(), Some(&b"a\"\\\n\0\xff'"[..]));
        assert_eq!(value.get("disabled"), Some(&LuaValue::Boolean(true)));
        assert_eq!(value.get("created"), Some(&LuaValue::Float(1.7e9)));
        assert_eq!(value.get("name").unwrap().as_str(), Some("x"));
        let LuaValue::Table(entries) = &value else { panic!("a table") };
        let numbers =
            [(1, 1), (2, -2)].map(|(key, value)| (LuaValue::Integer(key), LuaValue::Integer(value)));
        assert_eq!(entries[5], (LuaValue::Integer(1), LuaValue::Table(numbers.to_vec())));
        assert_eq!(value.get("nothing"), None);
    }

    #[test]
    fn comments_are_passed_over_and_other_values_are_data_too() {
        assert_eq!(LuaValue::parse(b"-- one\nreturn --[[ two\n ]] \"x\" ; -- three"), Ok(text(b"x")));
        assert_eq!(LuaValue::parse(b"return nil"), Ok(LuaValue::Nil));
        assert_eq!(LuaValue::parse(b"return (1/0);"), Ok(LuaValue::Float(f64::INFINITY)));
    }

    #[test]
    fn what_would_have_to_be_evaluated_or_is_cut_is_refused_with_its_line() {
        for (bad, line) in [
            ("", 1),
            ("{}", 1),
            ("return os.exit()", 1),
            ("return {\n f() }", 2),
            ("return \"a\" .. \"b\"", 1),
            ("return function() end", 1),
            ("return {\n\n [\"a\"] = \"b", 3),
            ("return { [\"a\"] = }", 1),
            ("return { [\"a\" = 1 }", 1),
            ("return { 1 2 }", 1),
            ("return [[x]]", 1),
            ("return \"\\256\"", 1),
            ("return \"\\q\"", 1),
            ("return 1-1", 1),
            ("return returned", 1),
            ("return {} {}", 1),
            ("return --[[", 1),
        ] {
            assert_eq!(LuaValue::parse(bad.as_bytes()).map_err(|problem| problem.line), Err(line), "{bad}");
        }
        let deep = format!("return {}{}", "{".repeat(129), "}".repeat(129));
        assert!(LuaValue::parse(deep.as_bytes()).is_err());
        assert!(LuaValue::parse(format!("return {}{}", "{".repeat(128), "}".repeat(128)).as_bytes()).is_ok());
    }

    fn values() -> impl Strategy<Value = LuaValue> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(LuaValue::Boolean),
            any::<i64>().prop_map(LuaValue::Integer),
            any::<Vec<u8>>().prop_map(|bytes| text(&bytes)),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop::collection::vec((inner.clone(), inner), 0..6).prop_map(LuaValue::Table)
        })
    }

    proptest! {
        #[test]
        fn what_prosody_writes_comes_back(value in values()) {
            prop_assert_eq!(LuaValue::parse(format!("return {};\n", written(&value)).as_bytes()), Ok(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = LuaValue::parse(&text);
            let _ = LuaValue::parse(&[b"return {", &text[..]].concat());
        }
    }
}
