//! From a file's bytes to a [`Body`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use hcl_edit::structure::Body as Parsed;

use super::body::Body;
use super::guard::{Mode, guard};
use crate::source::{Place, Problem, Problems, Source};

/// What every body and value of one file shares.
#[derive(Debug)]
pub(super) struct Document {
    /// The file.
    pub(super) source: Arc<Source>,
    /// Quoted texts that the parser did not see, by where they start.
    pub(super) literals: BTreeMap<usize, String>,
    /// Where a name stands that was given before in the same block or map.
    pub(super) repeated: BTreeSet<usize>,
}

/// Takes over a file's bytes; bytes that are not UTF-8 are a problem with their place.
pub fn source(
    path: impl Into<PathBuf>,
    bytes: Vec<u8>,
    problems: &mut Problems,
) -> Option<Arc<Source>> {
    let path = path.into();
    match String::from_utf8(bytes) {
        Ok(text) => Some(Source::new(path, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bad = error.as_bytes()[at];
            let source = Source::new(path, String::from_utf8_lossy(error.as_bytes()));
            problems.push(Problem::new(
                one_character(&source, at),
                format!("the byte 0x{bad:02x} is not UTF-8"),
                "HCL is written in UTF-8",
                "save the file as UTF-8",
            ));
            None
        }
    }
}

/// Reads a text in which `"${x}"` is a template.
pub fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Body> {
    read_as(source, Mode::Templates, problems)
}

/// Reads a text in which `"${x}"` and `"%{ if"` are plain text: [`Value::string`] returns them as
/// they are written.
///
/// [`Value::string`]: super::Value::string
pub fn read_literal(source: &Arc<Source>, problems: &mut Problems) -> Option<Body> {
    read_as(source, Mode::Literal, problems)
}

fn read_as(source: &Arc<Source>, mode: Mode, problems: &mut Problems) -> Option<Body> {
    let guarded = guard(source, mode, problems)?;
    let (parsed, repeated) = match parse(guarded.text) {
        Ok(parsed) => parsed,
        Err(error) => {
            problems.push(syntax(source, &error));
            return None;
        }
    };
    let source = Arc::clone(source);
    let document = Arc::new(Document { source, literals: guarded.literals, repeated });
    Some(Body::of_file(&document, parsed, problems))
}

/// Most repeated names that are looked for in one file.
const MOST_REPEATED: usize = 20;

/// Parses; a name that is given twice does not end it. The parser stops at the second one, so it
/// is renamed in the text that the parser sees (same length, so spans stay true), and parsed
/// again: all other problems of the file are then found too.
fn parse(mut text: String) -> Result<(Parsed, BTreeSet<usize>), hcl_edit::parser::Error> {
    let mut repeated = BTreeSet::new();
    let mut attempt = 0_usize;
    loop {
        let error = match hcl_edit::parser::parse_body(&text) {
            Ok(body) => return Ok((body, repeated)),
            Err(error) => error,
        };
        let at = error.location().offset();
        attempt += 1;
        if !error.message().contains("redefined") || attempt > MOST_REPEATED {
            return Err(error);
        }
        repeated.insert(at);
        let start = at + usize::from(text[at..].starts_with('"'));
        let length = text[start..]
            .find(|character: char| !(character.is_alphanumeric() || "_-".contains(character)))
            .unwrap_or(text.len() - start);
        text.replace_range(start..start + length, &stand_in(attempt, length));
    }
}

/// A name of this length that nobody writes; another one at each attempt.
fn stand_in(attempt: usize, length: usize) -> String {
    let letters = "qzxjkvwybfghmpucldrnsiotae".as_bytes();
    let letter = |index: usize| char::from(letters[index % letters.len()]);
    (0..length).map(|index| letter(if index == 0 { attempt } else { 0 })).collect()
}

/// The place of the character that starts at this byte.
pub(super) fn one_character(source: &Arc<Source>, at: usize) -> Place {
    let length =
        source.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Place::new(source, at..at + length)
}

/// The parser's own error, for a person.
fn syntax(source: &Arc<Source>, error: &hcl_edit::parser::Error) -> Problem {
    let at = error.location().offset();
    let rest = source.text.get(at..).unwrap_or_default();
    let found = match rest.chars().next() {
        None => "the end of the file".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some(_) => {
            let word: String = rest
                .chars()
                .enumerate()
                .take_while(|(at, c)| *at == 0 || (*at < 30 && (c.is_alphanumeric() || *c == '_')))
                .map(|(_, character)| character)
                .collect();
            format!("`{word}`")
        }
    };
    let help = if error.message().contains("redefined") {
        "give each name once"
    } else if error.message().contains("nesting") || error.message().contains("chained") {
        "split it: nothing in these files needs an expression so large"
    } else if error.message().contains("block body") {
        "in a block with more than one attribute each one stands on a line of its own; \
         a block ends with }"
    } else {
        "an attribute is `name = value` on its line, a block is `name \"label\" { ... }`, \
         a text stands in quotes"
    };
    Problem::new(
        one_character(source, at),
        format!("the file cannot be read here: {found}"),
        error.message(),
        help,
    )
}
