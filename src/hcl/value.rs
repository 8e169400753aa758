//! A value as it was written, and the getters that turn it into what the grammar asks for.
//!
//! Every getter pushes a problem that shows the value and returns `None` when it does not fit.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hcl_edit::Span;
use hcl_edit::expr::Expression as Parsed;
use hcl_edit::template::Element;

use super::body::Body;
use super::expression::{self, Written};
use super::read::Document;
use super::suggest::list;
use super::units::{parse_duration, parse_size_mib};
use crate::source::{Place, Problem, Problems};

/// The right side of `name = value`, an item of a list or a value of a map.
#[derive(Clone, Debug)]
pub struct Value {
    document: Arc<Document>,
    name: String,
    name_start: usize,
    name_place: Place,
    parsed: Parsed,
}

/// Longest value that is repeated in a message; the snippet under it shows more.
const LONGEST_SHOWN: usize = 60;

impl Value {
    pub(super) fn new(
        document: &Arc<Document>,
        name: String,
        at: Range<usize>,
        parsed: Parsed,
    ) -> Self {
        Self {
            document: Arc::clone(document),
            name,
            name_start: at.start,
            name_place: Place::new(&document.source, at),
            parsed,
        }
    }

    pub(super) fn name_start(&self) -> usize {
        self.name_start
    }

    /// The attribute's name or the map's key; an item of a list has its list's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the name stands.
    pub fn name_place(&self) -> &Place {
        &self.name_place
    }

    /// Where the value stands.
    pub fn place(&self) -> Place {
        self.place_of(&self.parsed)
    }

    /// The value as it was written, on one line and cut, for messages.
    pub fn shown(&self) -> String {
        let place = self.place();
        let line = place.text().lines().next().unwrap_or_default();
        let mut shown: String = line.chars().take(LONGEST_SHOWN).collect();
        if shown.len() < place.text().len() {
            shown.push_str("...");
        }
        shown
    }

    /// A problem at this value: `name is VALUE`, why that is wrong, what would be right.
    pub fn problem(&self, why: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::new(self.place(), format!("`{}` is {}", self.name, self.shown()), why, help)
    }

    fn refuse<T>(
        &self,
        why: impl Into<String>,
        help: impl Into<String>,
        problems: &mut Problems,
    ) -> Option<T> {
        problems.push(self.problem(why, help));
        None
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.parsed.is_null()
    }

    /// A text without templates. After [`read_literal`](super::read_literal) a template is a text.
    pub fn string(&self, problems: &mut Problems) -> Option<String> {
        self.text().or_else(|| {
            let (why, help) = if self.parsed.is_template() {
                ("this text is needed before anything is evaluated", "write it without ${...}")
            } else {
                ("a text is expected", "put it in quotes")
            };
            self.refuse(why, help, problems)
        })
    }

    /// A text; what looks like a template is returned as it was written.
    pub fn literal_text(&self, problems: &mut Problems) -> Option<String> {
        if self.parsed.is_string_template() {
            let place = self.place();
            let text = place.text();
            return Some(text.get(1..text.len() - 1).unwrap_or_default().to_owned());
        }
        self.string(problems)
    }

    /// A text, if it is one.
    fn text(&self) -> Option<String> {
        let start = self.parsed.span()?.start;
        if let Some(literal) = self.document.literals.get(&start) {
            return Some(literal.clone());
        }
        if let Parsed::HeredocTemplate(heredoc) = &self.parsed {
            return heredoc
                .template
                .iter()
                .map(Element::as_literal)
                .try_fold(String::new(), |text, part| Some(text + part?.as_str()));
        }
        self.parsed.as_str().map(str::to_owned)
    }

    /// `true` or `false`.
    pub fn bool(&self, problems: &mut Problems) -> Option<bool> {
        self.parsed.as_bool().or_else(|| {
            self.refuse(
                "true or false is expected",
                "write true or false, without quotes",
                problems,
            )
        })
    }

    /// A whole number in a range.
    pub fn integer<T>(&self, range: RangeInclusive<T>, problems: &mut Problems) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        let number = self.parsed.as_number().and_then(|number| {
            // `2.0` is a whole number; `2.5` is not.
            number.as_i64().or_else(|| i64::from_str(&format!("{}", number.as_f64()?)).ok())
        });
        let fitting = number.and_then(|number| T::try_from(number).ok());
        fitting.filter(|number| range.contains(number)).or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.refuse(
                "a whole number is expected, without quotes",
                format!("write a number from {least} to {most}"),
                problems,
            )
        })
    }

    /// A number in a range.
    pub fn number(&self, range: RangeInclusive<f64>, problems: &mut Problems) -> Option<f64> {
        let number = self.parsed.as_number().and_then(hcl_edit::Number::as_f64);
        number.filter(|number| range.contains(number)).or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.refuse(
                "a number is expected, without quotes",
                format!("write a number from {least} to {most}"),
                problems,
            )
        })
    }

    /// A duration: `"90s"`, `"30m"`, `"2h"`, `"1d"`.
    pub fn duration(&self, problems: &mut Problems) -> Option<Duration> {
        self.text().and_then(|text| parse_duration(&text)).or_else(|| {
            self.refuse(
                "a duration is a whole number and s, m, h or d, in quotes, at most ten years",
                "write it like \"90s\", \"30m\", \"2h\" or \"1d\"",
                problems,
            )
        })
    }

    /// A size in MiB: `"512Mi"`, `"1Gi"`.
    pub fn size_mib(&self, problems: &mut Problems) -> Option<u64> {
        self.text().and_then(|text| parse_size_mib(&text)).or_else(|| {
            self.refuse(
                "a size is a whole number and Mi or Gi, in quotes, from 1Mi to 64 TiB",
                "write it like \"512Mi\" or \"1Gi\"",
                problems,
            )
        })
    }

    /// One word of a list, with or without quotes: `rolling`, `"rolling"`.
    pub fn enumeration<T: Clone>(
        &self,
        words: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let given = self.word();
        let known = || words.iter().map(|(word, _)| *word);
        let found = words.iter().find(|(word, _)| given.as_deref() == Some(*word));
        found.map(|(_, meaning)| meaning.clone()).or_else(|| {
            let help = list(given.as_deref().unwrap_or_default(), "possible", known());
            self.refuse("it is not one of the words that are possible here", help, problems)
        })
    }

    /// A text, or a single word without quotes.
    pub fn word(&self) -> Option<String> {
        self.text().or_else(|| self.parsed.as_variable().map(ToString::to_string))
    }

    /// Anything that parses from a text: a version, a constraint, a pattern. `what` says what it
    /// is, `example` how one is written.
    pub fn parsed<T: FromStr>(
        &self,
        what: &str,
        example: &str,
        problems: &mut Problems,
    ) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.string(problems)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => self.refuse(
                format!("it is not {what}: {error}"),
                format!("write it like {example}"),
                problems,
            ),
        }
    }

    /// A semantic version: `"1.4.0"`.
    pub fn version(&self, problems: &mut Problems) -> Option<semver::Version> {
        self.parsed("a semantic version", "\"1.4.0\"", problems)
    }

    /// A version constraint: `">= 1.2, < 2"`.
    pub fn constraint(&self, problems: &mut Problems) -> Option<semver::VersionReq> {
        self.parsed("a version constraint", "\">= 1.2, < 2\"", problems)
    }

    /// A regular expression, as written; it compiles.
    pub fn pattern(&self, problems: &mut Problems) -> Option<String> {
        let pattern: Option<regex::Regex> =
            self.parsed("a regular expression", "\"^[a-z]+$\"", problems);
        pattern.map(|pattern| pattern.as_str().to_owned())
    }

    /// The items of a list.
    pub fn list(&self, problems: &mut Problems) -> Option<Vec<Value>> {
        let Some(array) = self.parsed.as_array() else {
            return self.refuse("a list is expected", "write it like [a, b]", problems);
        };
        Some(array.iter().map(|item| self.part(item)).collect())
    }

    /// A list, each item through the same getter; `None` if one of them does not fit.
    pub fn list_of<T>(
        &self,
        problems: &mut Problems,
        mut item: impl FnMut(&Value, &mut Problems) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items: Vec<_> =
            self.list(problems)?.iter().map(|value| item(value, problems)).collect();
        items.into_iter().collect()
    }

    /// A list of texts.
    pub fn string_list(&self, problems: &mut Problems) -> Option<Vec<String>> {
        self.list_of(problems, Value::string)
    }

    /// A map whose keys are known, read like a block: `{ kind = "hex", bytes = 32 }`.
    pub fn map(&self, problems: &mut Problems) -> Option<Body> {
        let Some(object) = self.parsed.as_object() else {
            return self.refuse("a map is expected", "write it like { a = b }", problems);
        };
        Some(Body::of_map(&self.document, object, format!("`{}`", self.name), problems))
    }

    /// The entries of a map whose keys are free; the key is each value's [`name`](Self::name).
    pub fn entries(&self, problems: &mut Problems) -> Option<Vec<Value>> {
        Some(self.map(problems)?.take_all())
    }

    /// A map with free keys, each value through the same getter; `None` if one does not fit.
    pub fn map_of<T, C: FromIterator<(String, T)>>(
        &self,
        problems: &mut Problems,
        mut value: impl FnMut(&Value, &mut Problems) -> Option<T>,
    ) -> Option<C> {
        let entries: Vec<_> = self
            .entries(problems)?
            .iter()
            .map(|entry| Some((entry.name().to_owned(), value(entry, problems)?)))
            .collect();
        entries.into_iter().collect()
    }

    /// A map of texts.
    pub fn string_map<C: FromIterator<(String, String)>>(
        &self,
        problems: &mut Problems,
    ) -> Option<C> {
        self.map_of(problems, Value::string)
    }

    /// A single value as text: a text, a whole number, or true or false.
    pub fn scalar(&self, problems: &mut Problems) -> Option<String> {
        let number = || self.parsed.as_number().map(ToString::to_string);
        let flag = || self.parsed.as_bool().map(|flag| flag.to_string());
        self.text().or_else(number).or_else(flag).or_else(|| {
            self.refuse(
                "one fixed value is expected",
                "write a text, a number, true or false",
                problems,
            )
        })
    }

    /// A reference, split at its dots: `database.main` is `["database", "main"]`.
    pub fn reference(&self, problems: &mut Problems) -> Option<Vec<String>> {
        expression::path(&self.parsed).or_else(|| {
            let help = "write it without quotes, like database.main";
            self.refuse("a reference is expected", help, problems)
        })
    }

    /// Whatever may be evaluated later, with every reference in it and its place.
    pub fn expression(&self, problems: &mut Problems) -> Option<Written> {
        expression::convert(self, &self.parsed, problems)
    }

    pub(super) fn place_of(&self, parsed: &Parsed) -> Place {
        Place::new(&self.document.source, parsed.span().unwrap_or(self.name_start..self.name_start))
    }

    /// The text of a part of this value, where the parser did not see it.
    pub(super) fn literal_at(&self, start: usize) -> Option<&String> {
        self.document.literals.get(&start)
    }

    /// A part of this value under the same name.
    pub(super) fn part(&self, parsed: &Parsed) -> Self {
        Self {
            document: Arc::clone(&self.document),
            name: self.name.clone(),
            name_start: self.name_start,
            name_place: self.name_place.clone(),
            parsed: parsed.clone(),
        }
    }

    pub(super) fn parsed_expression(&self) -> &Parsed {
        &self.parsed
    }
}
