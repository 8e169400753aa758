//! Logs of jobs are shown and kept, so what looks like a secret in them is masked first: the
//! values that this run wrote, passwords in URLs, and `password=...` in all its spellings.

use regex::Regex;

use crate::secret::Secret;

/// What stands in a line instead of a secret.
const MASK: &str = "[redacted]";

/// Shorter values would mask half of every line.
const SHORTEST: usize = 6;

/// Masks secrets in lines.
pub(super) struct Redact<'a> {
    values: &'a [Secret],
    patterns: Vec<(Regex, &'static str)>,
}

impl<'a> Redact<'a> {
    pub(super) fn new(values: &'a [Secret]) -> Self {
        let patterns = [
            (r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@", "$1:[redacted]@"),
            (
                r#"(?i)\b([a-z0-9_-]*(?:password|passwd|secret|token|api_?key|authorization))(["']?\s*[=:]\s*["']?)[^\s"',;]+"#,
                "$1$2[redacted]",
            ),
        ];
        let patterns = patterns
            .into_iter()
            .filter_map(|(pattern, mask)| Regex::new(pattern).ok().map(|regex| (regex, mask)))
            .collect();
        Self { values, patterns }
    }

    pub(super) fn line(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for value in self.values.iter().map(Secret::expose).filter(|it| it.len() >= SHORTEST) {
            if line.contains(value) {
                line = line.replace(value, MASK);
            }
        }
        for (pattern, mask) in &self.patterns {
            line = pattern.replace_all(&line, *mask).into_owned();
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_masks() {
        let values = [Secret::new("hunter22".to_owned())];
        let redact = Redact::new(&values);
        assert_eq!(redact.patterns.len(), 2, "both patterns are valid");
        assert_eq!(redact.line("key is hunter22."), "key is [redacted].");
        assert_eq!(
            redact.line("connecting to postgres://web:p4ss@db:5432/x"),
            "connecting to postgres://web:[redacted]@db:5432/x"
        );
        assert_eq!(redact.line("DB_PASSWORD=abc next"), "DB_PASSWORD=[redacted] next");
        assert_eq!(redact.line(r#"{"token": "abc"}"#), r#"{"token": "[redacted]"}"#);
        assert_eq!(redact.line("applied 3 migrations"), "applied 3 migrations");
    }
}
