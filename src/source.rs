//! Files that people write, places in them, and everything that is wrong with them at once.
//!
//! A [`Place`] is a span in a [`Source`]; a [`Problem`] says what is wrong there, why, and what
//! would be right; [`Problems`] collects all of them before anything is written. They render as
//! `path:line:column` with a snippet of the file.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::failure::{Exit, Failure};

/// A file as it was read.
#[derive(Debug)]
pub struct Source {
    /// As shown to people: relative to the root where possible.
    pub path: PathBuf,
    /// The whole text, UTF-8.
    pub text: String,
}

impl Source {
    /// Takes over a text under the name that people know it by.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }
}

/// A span in a file. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    source: Arc<Source>,
    span: Range<usize>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl Eq for Source {}

impl Place {
    /// A byte range of a file; cut to the file's length and to character boundaries.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let text = &source.text;
        let floor =
            |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let start = floor(span.start).unwrap_or(0);
        let end = floor(span.end).unwrap_or(0).max(start);
        Self { source: Arc::clone(source), span: start..end }
    }

    /// The file's path as shown to people.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.span.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The text at this place.
    pub fn text(&self) -> &str {
        &self.source.text[self.span.clone()]
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(formatter, "{}:{line}:{column}", self.source.path.display())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One thing that is wrong in a file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where; without a place the problem is about the whole (a missing file, a missing block).
    pub place: Option<Place>,
    /// What, with the value that was given: lower case, no trailing period.
    pub what: String,
    /// Why it is wrong.
    pub why: String,
    /// What would be right.
    pub help: String,
}

impl Problem {
    /// All four parts; `place` may be a `Place`, a `&Place` through `clone`, or `None`.
    pub fn new(
        place: impl Into<Option<Place>>,
        what: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), what: what.into(), why: why.into(), help: help.into() }
    }
}

/// Longest line of a snippet; a longer one is shown by its start so that ten megabytes on one
/// line stay readable.
const LONGEST_LINE: usize = 200;

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut group = Level::ERROR
            .primary_title(self.what.as_str())
            .elements(std::iter::empty::<annotate_snippets::Element<'_>>());
        let (line, path, text, span);
        if let Some(place) = &self.place {
            (line, text, span) = place.excerpt();
            path = place.path().display().to_string();
            group = group.element(
                Snippet::source(text)
                    .line_start(line)
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(span)),
            );
        }
        if !self.why.is_empty() {
            group = group.element(Level::NOTE.no_name().message(format!("why: {}", self.why)));
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(self.help.as_str()));
        }
        formatter.write_str(&Renderer::plain().render(&[group]))
    }
}

impl Place {
    /// The line number, the first line of the place (cut), and the span within it.
    fn excerpt(&self) -> (usize, String, Range<usize>) {
        let text = &self.source.text;
        let start = text[..self.span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..start].matches('\n').count() + 1;
        let cut = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(at);
        // A window around the place when the line is too long to show.
        let from =
            if self.span.start - start > LONGEST_LINE { cut(self.span.start - 20) } else { start };
        let to = cut(end.min(from + LONGEST_LINE));
        let within = |at: usize| at.clamp(from, to) - from;
        // An empty place still gets a mark: the character that stands there.
        let next = text[self.span.start..].chars().next().map_or(1, char::len_utf8);
        let span = within(self.span.start)..within(self.span.end.max(self.span.start + next));
        (line, text[from..to].replace('\t', " "), span)
    }
}

/// Everything that is wrong, in the order it was found.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

/// How many problems are shown; a file of ten thousand mistakes has one.
const MOST_SHOWN: usize = 50;

impl Problems {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Takes over the problems of another part.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// `Ok` with the value if nothing is wrong, else a failure with exit code 2 that shows
    /// every problem.
    pub fn check<T>(self, value: T) -> Result<T, Failure> {
        if self.0.is_empty() { Ok(value) } else { Err(self.into()) }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let count = problems.0.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        let mut shown: Vec<String> = problems
            .0
            .iter()
            .take(MOST_SHOWN)
            .map(|problem| problem.to_string().trim_end().to_owned())
            .collect();
        if count > MOST_SHOWN {
            shown.push(format!("and {} more", count - MOST_SHOWN));
        }
        Failure::report(Exit::Input, format!("{count} {noun}, nothing was written"), shown)
    }
}
