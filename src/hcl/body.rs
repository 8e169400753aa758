//! A block's inside: take what you know by name, then [`Body::finish`] reports the rest.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Object, ObjectKey};
use hcl_edit::structure::{Block as ParsedBlock, BlockLabel, Body as Parsed, Structure};

use super::read::{Document, one_character};
use super::suggest::list;
use super::value::Value;
use crate::source::{Place, Problem, Problems};

/// A file, a block's inside, or a map that is read like one (`generate = { kind = "hex" }`).
#[derive(Debug)]
pub struct Body {
    title: String,
    place: Place,
    attributes: Vec<Value>,
    blocks: Vec<Block>,
    known_attributes: Vec<&'static str>,
    known_blocks: Vec<&'static str>,
}

/// A block with its labels.
#[derive(Debug)]
pub struct Block {
    /// The word in front: `service`.
    pub kind: String,
    /// The labels in quotes behind it.
    pub labels: Vec<Label>,
    /// What it holds.
    pub body: Body,
}

/// A label of a block.
#[derive(Clone, Debug)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// Where, with the quotes.
    pub place: Place,
}

impl Body {
    pub(super) fn of_file(
        document: &Arc<Document>,
        parsed: Parsed,
        problems: &mut Problems,
    ) -> Self {
        let place = one_character(&document.source, 0);
        Self::of_block(document, parsed, "the file".to_owned(), place, problems)
    }

    fn of_block(
        document: &Arc<Document>,
        parsed: Parsed,
        title: String,
        place: Place,
        problems: &mut Problems,
    ) -> Self {
        let mut body = Self::new(title, place);
        for structure in parsed {
            match structure {
                Structure::Attribute(attribute) => {
                    let span = attribute.key.span().unwrap_or_default();
                    let name =
                        document.source.text.get(span.clone()).unwrap_or_default().to_owned();
                    let value = Value::new(document, name, span, attribute.value);
                    body.add(value, document, problems);
                }
                Structure::Block(block) => body.blocks.push(Block::new(document, block, problems)),
            }
        }
        body
    }

    /// A map read like a block. Keys are words or quoted texts.
    pub(super) fn of_map(
        document: &Arc<Document>,
        object: &Object,
        title: String,
        problems: &mut Problems,
    ) -> Self {
        let span = object.span().unwrap_or_default();
        let mut from = span.start;
        let mut body = Self::new(title, Place::new(&document.source, span));
        for (key, value) in object {
            let span = value.expr().span().unwrap_or_default();
            let Some((name, key_span)) = map_key(document, key, from..span.start) else {
                problems.push(Problem::new(
                    Place::new(&document.source, from..span.start),
                    format!("a key of {} is not a name", body.title),
                    "the keys of a map are fixed texts",
                    "write the key as a word or in quotes",
                ));
                continue;
            };
            from = span.end;
            body.add(
                Value::new(document, name, key_span, value.expr().clone()),
                document,
                problems,
            );
        }
        body
    }

    fn new(title: String, place: Place) -> Self {
        Self {
            title,
            place,
            attributes: Vec::new(),
            blocks: Vec::new(),
            known_attributes: Vec::new(),
            known_blocks: Vec::new(),
        }
    }

    /// One more attribute, unless it was given before.
    fn add(&mut self, value: Value, document: &Document, problems: &mut Problems) {
        if !document.repeated.contains(&value.name_start()) {
            self.attributes.push(value);
            return;
        }
        let first = self.attributes.iter().find(|earlier| earlier.name() == value.name());
        let first = first.map_or_else(String::new, |first| {
            format!(", first on line {}", first.name_place().line_column().0)
        });
        problems.push(Problem::new(
            value.name_place().clone(),
            format!("`{}` is given twice in {}{first}", value.name(), self.title),
            "only one of the two values could be meant",
            "remove one of them",
        ));
    }

    /// How it is called in messages: `service "web"`, `the file`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where it stands: the word and labels in front of a block, a whole map.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The attributes that are not taken yet, in file order.
    pub fn attributes(&self) -> &[Value] {
        &self.attributes
    }

    /// The attribute of that name, if it is given.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known_attributes.push(name);
        self.take_unoffered(name)
    }

    /// The attribute of that name, which is read only to be refused: no message offers it.
    pub fn take_unoffered(&mut self, name: &str) -> Option<Value> {
        let at = self.attributes.iter().position(|value| value.name() == name)?;
        Some(self.attributes.remove(at))
    }

    /// The attribute of that name; a problem if it is not given.
    pub fn require(&mut self, name: &'static str, problems: &mut Problems) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            problems.push(Problem::new(
                self.place.clone(),
                format!("{} has no `{name}`", self.title),
                format!("`{name}` is required"),
                format!("add `{name} = ...`"),
            ));
        }
        value
    }

    /// All attributes that are left, in file order: for blocks whose keys are free (`env`).
    pub fn take_all(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.attributes)
    }

    /// All blocks of that kind, in file order, whatever their labels.
    pub fn blocks(&mut self, kind: &'static str) -> Vec<Block> {
        self.known_blocks.push(kind);
        self.blocks.extract_if(.., |block| block.kind == kind).collect()
    }

    /// The one block of that kind without labels, if it is given; a second one is a problem.
    pub fn block(&mut self, kind: &'static str, problems: &mut Problems) -> Option<Body> {
        let mut first: Option<Body> = None;
        for block in self.blocks(kind) {
            block.expect_labels(0, problems);
            match &first {
                Some(earlier) => problems.push(twice(block.body.place(), kind, earlier.place())),
                None => first = Some(block.body),
            }
        }
        first
    }

    /// All blocks of that kind with exactly one label each, in file order; the same label twice
    /// is a problem.
    pub fn named_blocks(
        &mut self,
        kind: &'static str,
        problems: &mut Problems,
    ) -> Vec<(Label, Body)> {
        let mut named: Vec<(Label, Body)> = Vec::new();
        for mut block in self.blocks(kind) {
            if !block.expect_labels(1, problems) {
                continue;
            }
            let label = block.labels.remove(0);
            match named.iter().find(|(earlier, _)| earlier.text == label.text) {
                Some((earlier, _)) => {
                    let title = format!("{kind} \"{}\"", label.text);
                    problems.push(twice(&label.place, &title, &earlier.place));
                }
                None => named.push((label, block.body)),
            }
        }
        named
    }

    /// Reports every attribute and block that nobody took.
    pub fn finish(self, problems: &mut Problems) {
        for value in &self.attributes {
            let name = value.name();
            let help = if self.known_blocks.contains(&name) {
                format!("`{name}` is a block: write `{name} {{ ... }}` without `=`")
            } else {
                list(name, "attributes", self.known_attributes.iter().copied())
            };
            problems.push(Problem::new(
                value.name_place().clone(),
                format!("unknown attribute `{name}` in {}", self.title),
                format!("{} has no attribute of that name", self.title),
                help,
            ));
        }
        for block in &self.blocks {
            let kind = block.kind.as_str();
            let help = if self.known_attributes.contains(&kind) {
                format!("`{kind}` is an attribute: write `{kind} = ...`")
            } else {
                list(kind, "blocks", self.known_blocks.iter().copied())
            };
            problems.push(Problem::new(
                block.body.place.clone(),
                format!("unknown block `{kind}` in {}", self.title),
                format!("{} has no block of that name", self.title),
                help,
            ));
        }
    }
}

impl Block {
    fn new(document: &Arc<Document>, block: ParsedBlock, problems: &mut Problems) -> Self {
        let kind = block.ident.to_string();
        let start = block.ident.span().unwrap_or_default();
        let labels: Vec<Label> =
            block.labels.iter().map(|label| Label::new(document, label)).collect();
        let end = block.labels.last().and_then(Span::span).unwrap_or_else(|| start.clone()).end;
        let title = labels
            .iter()
            .fold(kind.trim().to_owned(), |title, label| format!("{title} \"{}\"", label.text));
        let place = Place::new(&document.source, start.start..end);
        let body = Body::of_block(document, block.body, title, place, problems);
        Self { kind: kind.trim().to_owned(), labels, body }
    }

    /// Whether it has so many labels; a problem if not.
    pub fn expect_labels(&self, count: usize, problems: &mut Problems) -> bool {
        if self.labels.len() == count {
            return true;
        }
        let kind = &self.kind;
        let wanted = (0..count).fold(kind.clone(), |wanted, _| wanted + " \"name\"");
        problems.push(Problem::new(
            self.body.place.clone(),
            format!("`{}` has {} labels", self.body.title, self.labels.len()),
            format!("a block `{kind}` has {count}"),
            format!("write `{wanted} {{ ... }}`"),
        ));
        false
    }
}

impl Label {
    fn new(document: &Document, label: &BlockLabel) -> Self {
        let span = label.span().unwrap_or_default();
        let text = document.literals.get(&span.start).cloned();
        let text = text.unwrap_or_else(|| label.as_str().to_owned());
        Self { text, place: Place::new(&document.source, span) }
    }
}

/// The text of a map's key and where it stands. The parser keeps no span for a key that is a
/// word: it is the last such word in front of the value.
fn map_key(
    document: &Document,
    key: &ObjectKey,
    before: Range<usize>,
) -> Option<(String, Range<usize>)> {
    let text = &document.source.text;
    match key {
        ObjectKey::Ident(_) => {
            let head = text.get(before.clone())?.trim_end().trim_end_matches(['=', ':']).trim_end();
            let is_word = |c: char| c.is_alphanumeric() || "_-".contains(c);
            let start = head.char_indices().rev().take_while(|(_, c)| is_word(*c)).last()?.0;
            let span = before.start + start..before.start + head.len();
            Some((text[span.clone()].to_owned(), span))
        }
        ObjectKey::Expression(expression) => {
            let span = expression.span()?;
            let literal = document.literals.get(&span.start).cloned();
            let repeated = document.repeated.contains(&span.start);
            let written = || text.get(span.start + 1..span.end - 1).map(str::to_owned);
            let name = literal.or_else(|| {
                let name = expression.as_str()?;
                if repeated { written() } else { Some(name.to_owned()) }
            })?;
            Some((name, span))
        }
    }
}

fn twice(place: &Place, title: &str, first: &Place) -> Problem {
    Problem::new(
        place.clone(),
        format!("`{title}` is given twice, first on line {}", first.line_column().0),
        "only one of the two could be meant",
        "remove one of them, or give it another name",
    )
}
