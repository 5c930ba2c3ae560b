//! A reader that knows in which line it is, so that what is wrong in a file of millions can be found.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
    rc::Rc,
};

/// The number of a line, shared between a reader and who wants to tell where it is.
#[derive(Debug, Clone, Default)]
pub struct Line(Rc<Cell<u64>>);

/// Counts the lines that were taken out of a reader.
#[derive(Debug)]
pub struct CountingLines<R> {
    inner: R,
    line: Line,
}

impl Line {
    /// The number of the line that is being read; the first is 1.
    pub fn number(&self) -> u64 {
        self.0.get() + 1
    }
}

impl<R: BufRead> CountingLines<R> {
    /// Begins in the first line.
    pub fn new(inner: R) -> Self {
        Self { inner, line: Line::default() }
    }

    /// Where it is, to be asked at any time.
    pub fn line(&self) -> Line {
        self.line.clone()
    }
}

impl<R: BufRead> BufRead for CountingLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is there still, so this reads nothing.
        if let Ok(filled) = self.inner.fill_buf() {
            let ends = filled.iter().take(amount).filter(|byte| **byte == b'\n').count();
            self.line.0.set(self.line.0.get() + ends as u64);
        }
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for CountingLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.inner.fill_buf()?.read(buffer)?;
        self.consume(taken);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_they_are_taken() {
        let mut reader = CountingLines::new(&b"one\ntwo\nthree"[..]);
        let line = reader.line();
        assert_eq!(line.number(), 1);
        let mut text = String::new();
        reader.read_line(&mut text).unwrap();
        assert_eq!((text.as_str(), line.number()), ("one\n", 2));
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(line.number(), 3);
    }
}
