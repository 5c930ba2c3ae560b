//! Lines of letters in plain text.

/// Columns of the plain text part; anything near 72 reads well when quoted (RFC 3676 §4.2).
pub(super) const COLUMNS: usize = 72;

/// A subject is one line, whatever the service is called.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ")
}

/// Breaks long lines between words. A word longer than a line, such as a link, stays whole; so do indented lines.
pub(super) fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for line in text.trim_end().lines() {
        if line.starts_with(' ') || line.chars().count() <= COLUMNS {
            out.push_str(line);
        } else {
            let mut width = 0;
            // No other blank: those that do not break stand before French colons.
            for word in line.split(' ').filter(|word| !word.is_empty()) {
                let length = word.chars().count();
                if width > 0 {
                    let fits = width + 1 + length <= COLUMNS;
                    out.push(if fits { ' ' } else { '\n' });
                    width = if fits { width + 1 } else { 0 };
                }
                out.push_str(word);
                width += length;
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_stay_whole() {
        let link = "x".repeat(100);
        assert_eq!(wrap(&format!("see {link} and go\n")), format!("see\n{link}\nand go\n"));
        let french = format!("{} ici\u{202f}: {}", "a".repeat(68), "b".repeat(68));
        assert!(wrap(&french).contains("\nici\u{202f}:"), "a colon stays with its word");
    }
}
