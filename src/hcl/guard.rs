//! What is looked at before the parser sees a text: that it can be parsed safely and quickly, and
//! that quoted texts end where people think they end.
//!
//! The parser evaluates nothing, but it does parse templates, and a template that is not one
//! (`"%{ for"`) would be an error. In literal mode every quoted text that holds `${` or `%{` is
//! therefore replaced, byte for byte, by digits; what was written is kept beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::one_character;
use crate::source::{Place, Problem, Problems, Source};

/// Whether quoted texts may hold templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// `"${x}"` is a template.
    Templates,
    /// `"${x}"` is five characters.
    Literal,
}

/// A text that is safe to parse.
pub(super) struct Guarded {
    /// Same length as the source's text, so that every span fits both.
    pub(super) text: String,
    /// Literal mode: where a replaced quoted text starts (its quote) → what it says.
    pub(super) literals: BTreeMap<usize, String>,
}

/// Largest file that is read: a kit has some hundred lines.
const MOST_BYTES: usize = 1024 * 1024;

/// Deepest nesting of brackets; the grammar needs five levels, the parser's stack holds more.
const DEEPEST: usize = 24;

/// Checks a text and, in literal mode, takes the templates out of it.
pub(super) fn guard(source: &Arc<Source>, mode: Mode, problems: &mut Problems) -> Option<Guarded> {
    let text = source.text.as_str();
    let problem = if text.len() > MOST_BYTES {
        Problem::new(
            one_character(source, 0),
            format!("the file has {} bytes", text.len()),
            "a file of this kind has some hundred lines; more than 1 MiB is not read",
            "check that this is the right file",
        )
    } else if text.starts_with('\u{feff}') {
        Problem::new(
            Place::new(source, 0..3),
            "the file starts with a byte order mark",
            "HCL is UTF-8 without it",
            "save the file as UTF-8 without a byte order mark",
        )
    } else if text.trim().is_empty() {
        Problem::new(
            Place::new(source, 0..0),
            "the file is empty",
            "nothing can be installed from it",
            "restore it from version control, or start from an example",
        )
    } else {
        match (Scanner { source, mode, at: 0, strict_until: 0 }).run() {
            Ok(guarded) => return Some(guarded),
            Err(problem) => problem,
        }
    };
    problems.push(problem);
    None
}

/// One pass over the bytes of a text.
struct Scanner<'a> {
    source: &'a Arc<Source>,
    mode: Mode,
    at: usize,
    /// No template ends before this byte: the last attempt found none. Keeps the pass linear.
    strict_until: usize,
}

impl Scanner<'_> {
    fn run(mut self) -> Result<Guarded, Problem> {
        let text = self.source.text.as_str();
        let bytes = text.as_bytes();
        let mut guarded =
            Guarded { text: String::with_capacity(text.len()), literals: BTreeMap::new() };
        let mut copied = 0;
        let mut depth = 0_usize;
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'#' => self.skip_line(),
                b'/' if bytes[self.at..].starts_with(b"//") => self.skip_line(),
                b'/' if bytes[self.at..].starts_with(b"/*") => self.skip_comment()?,
                b'<' if bytes[self.at..].starts_with(b"<<") => self.skip_heredoc()?,
                b'{' | b'[' | b'(' => {
                    depth += 1;
                    if depth > DEEPEST {
                        return Err(self.too_deep());
                    }
                    self.at += 1;
                }
                b'}' | b']' | b')' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b'"' => {
                    let (start, end) = (self.at, self.quoted_end()?);
                    let content = &text[start + 1..end];
                    if self.mode == Mode::Literal
                        && (content.contains("${") || content.contains("%{"))
                    {
                        guarded.text.push_str(&text[copied..=start]);
                        // Numbered, because two keys of a map must not become equal.
                        let filler = format!("{:0>1$}", guarded.literals.len(), content.len());
                        guarded.text.push_str(&filler[filler.len() - content.len()..]);
                        copied = end;
                        guarded.literals.insert(start, unescape(content));
                    }
                    self.at = end + 1;
                }
                _ => self.at += 1,
            }
        }
        guarded.text.push_str(&text[copied..]);
        Ok(guarded)
    }

    /// The end of the quoted text that starts here: the position of its closing quote.
    fn quoted_end(&mut self) -> Result<usize, Problem> {
        let bytes = self.source.text.as_bytes();
        let start = self.at;
        if start >= self.strict_until {
            match template_aware_end(bytes, start) {
                Ok(end) => return Ok(end),
                Err(stopped) => self.strict_until = stopped,
            }
        }
        let end = if self.mode == Mode::Literal { plain_end(bytes, start) } else { None };
        end.ok_or_else(|| {
            let line = self.source.text[start..].lines().next().unwrap_or_default().len();
            Problem::new(
                Place::new(self.source, start..start + line),
                "a quoted text does not end on its line",
                "a text starts and ends with \" on the same line, and so does a template in it",
                "add the missing \", or write a text of several lines as <<EOT",
            )
        })
    }

    fn skip_line(&mut self) {
        let rest = &self.source.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    fn skip_comment(&mut self) -> Result<(), Problem> {
        let start = self.at;
        let end = self.source.text[start + 2..].find("*/").ok_or_else(|| {
            Problem::new(
                Place::new(self.source, start..start + 2),
                "a comment is not closed",
                "a comment that starts with /* ends with */",
                "add */, or start each line with #",
            )
        })?;
        self.at = start + 2 + end + 2;
        Ok(())
    }

    fn skip_heredoc(&mut self) -> Result<(), Problem> {
        let start = self.at;
        let text = &self.source.text[start..];
        let first = text.lines().next().unwrap_or_default();
        let word = first.trim_start_matches("<<").trim_start_matches('-').trim();
        let mut end = 0;
        for line in text.split_inclusive('\n') {
            end += line.len();
            if end > first.len() + 1 && line.trim() == word {
                self.at = start + end;
                return Ok(());
            }
        }
        Err(Problem::new(
            Place::new(self.source, start..start + first.len()),
            format!("the text that starts with `{}` is not closed", first.trim()),
            "a text of several lines ends with its word alone on a line",
            format!("add a line with `{word}`"),
        ))
    }

    fn too_deep(&self) -> Problem {
        Problem::new(
            Place::new(self.source, self.at..self.at + 1),
            format!("more than {DEEPEST} brackets are open here"),
            "nothing in these files is nested so deep",
            "close the brackets that are open before this place",
        )
    }
}

/// The closing quote of a text that may hold templates, which may hold texts; or how far the
/// search went. Does not recurse: the input decides how deep this is.
fn template_aware_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    #[derive(PartialEq)]
    enum Inside {
        Text,
        Template,
    }
    let mut inside = vec![Inside::Text];
    let mut at = start + 1;
    while let Some(state) = inside.last() {
        let rest = bytes.get(at..).unwrap_or_default();
        match (state, rest.first()) {
            (_, None | Some(b'\n')) => return Err(at),
            (Inside::Text, Some(b'\\')) => at += 1,
            (Inside::Text, _) if rest.starts_with(b"$${") || rest.starts_with(b"%%{") => at += 2,
            (Inside::Text, _) if rest.starts_with(b"${") || rest.starts_with(b"%{") => {
                inside.push(Inside::Template);
                at += 1;
            }
            (Inside::Template, Some(b'{')) => inside.push(Inside::Template),
            (Inside::Template, Some(b'"')) => inside.push(Inside::Text),
            (Inside::Text, Some(b'"')) | (Inside::Template, Some(b'}')) => {
                inside.pop();
            }
            _ => {}
        }
        at += 1;
    }
    Ok(at - 1)
}

/// The closing quote of a text without templates.
fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            b'\n' => return None,
            _ => at += 1,
        }
    }
}

/// What a quoted text says when templates are plain text: escapes mean what they mean in HCL,
/// except inside of what would be a template, which stays as written.
fn unescape(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("$${") || rest.starts_with("%%{") {
            out.push_str(&rest[1..3]);
            3
        } else if rest.starts_with("${") || rest.starts_with("%{") {
            let end = template_end(rest);
            out.push_str(&rest[..end]);
            end
        } else if let Some((character, taken)) = escape(rest) {
            out.push(character);
            taken
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    out
}

/// The length of the template that starts here, or of its two opening bytes when it has no end.
fn template_end(text: &str) -> usize {
    // As a quoted text of its own: `"${...}"` ends behind the template's closing brace.
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quoted => {
                bytes.next();
            }
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    2
}

/// The character that an escape stands for and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('\\')?;
    let hexadecimal = |digits: usize| {
        let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
        Some((char::from_u32(code)?, digits + 2))
    };
    match rest.chars().next()? {
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        '"' => Some(('"', 2)),
        '\\' => Some(('\\', 2)),
        'u' => hexadecimal(4),
        'U' => hexadecimal(8),
        _ => None,
    }
}
