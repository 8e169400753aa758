//! What is collected while a kit is read: problems, places, names and who mentions whom.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use super::model::{Consumer, Expression, Kit, Unsupported, ValueType};
use crate::hcl::{Body, Label, Value};
use crate::source::{Place, Problem, Problems};

/// Names in a kit: they become parts of resource names, so they are short and plain.
pub(super) const NAME: &str = "^[a-z][a-z0-9_-]{0,18}[a-z0-9]$";

/// The workbench of one reading.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) problems: Problems,
    /// Every block and attribute: `service.web.cpu` → where.
    pub(super) places: BTreeMap<String, Place>,
    /// What exists: kind → name → where.
    pub(super) names: BTreeMap<&'static str, BTreeMap<String, Place>>,
    /// Every reference, with what it is for.
    pub(super) mentions: Vec<Mention>,
    /// What the grammar knows and this version cannot render.
    pub(super) unsupported: Vec<Unsupported>,
    /// Fields that an `external` block gives: name → fields.
    pub(super) external_fields: BTreeMap<String, Vec<String>>,
    /// Names of the `url` blocks: `cache.main` → names.
    pub(super) cache_urls: BTreeMap<String, Vec<String>>,
    /// Caches whose URL holds a password.
    pub(super) cache_passwords: Vec<String>,
}

/// A reference in the kit.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    /// Split at the dots.
    pub(super) path: Vec<String>,
    pub(super) place: Place,
    /// Who says it.
    pub(super) by: By,
    /// What for.
    pub(super) role: Role,
    /// Whether the reference is the whole value, not a part of a template or a call.
    pub(super) whole: bool,
}

/// A block, for messages: `service "web"`; and the consumer it is, if it is one.
#[derive(Clone, Debug)]
pub(super) struct By {
    pub(super) title: String,
    pub(super) consumer: Option<Consumer>,
}

impl fmt::Display for By {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.title)
    }
}

/// What a reference is for: decides which kinds fit, and whether it may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `image = image.app`
    Image,
    /// `uses = [database.main]`
    Uses,
    /// `needs = [service.api]`
    Needs,
    /// `to = [service.web]` of a variable
    Receiver,
    /// `to = service.web` of a route
    Route,
    /// `probe = job.version`
    Probe,
    /// `pull = secret.registry`
    Pull,
    /// `trigger = queue.mail`
    Trigger,
    /// `requires = [secret.licence]`
    Requires,
    /// `when = feature.x`
    When,
    /// The value of a variable, with its type if it says one.
    Variable(Option<ValueType>),
    /// A value in `set`.
    Set,
    /// A value in `args`.
    Argument,
    /// `equals` of a check.
    Equals,
    /// A field of an `external` block.
    Field,
    /// `password` of an `external` block.
    Password,
    /// The content of a file, and whether the file is secret.
    Content(bool),
}

impl Draft {
    /// A named block begins: its name is checked and it, with its attributes, gets a place.
    pub(super) fn enter(&mut self, kind: &'static str, label: &Label, body: &Body) -> String {
        let name = label.text.clone();
        if !matches(NAME, &name) {
            self.problems.push(Problem::new(
                label.place.clone(),
                format!("the name \"{name}\" of a {kind} cannot be used"),
                format!("a name matches {NAME}: it becomes part of names in the cloud"),
                "2 to 20 lower-case letters, digits, - and _, starting with a letter",
            ));
        }
        self.names.entry(kind).or_default().insert(name.clone(), label.place.clone());
        self.place(&format!("{kind}.{name}"), body);
        name
    }

    /// Remembers where a block and its attributes stand.
    pub(super) fn place(&mut self, address: &str, body: &Body) {
        self.places.insert(address.to_owned(), body.place().clone());
        for value in body.attributes() {
            self.places.insert(format!("{address}.{}", value.name()), value.place());
        }
    }

    /// Where something of an assembled kit stands.
    pub(super) fn place_of(kit: &Kit, address: &str) -> Option<Place> {
        kit.places.get(address).cloned()
    }

    /// Whether the block `["secret", "licence"]` exists; one that does not is reported once, where
    /// it is mentioned.
    pub(super) fn has(&self, block: &[String]) -> bool {
        self.names.get(block[0].as_str()).is_some_and(|names| names.contains_key(&block[1]))
    }

    /// A reference that stands alone.
    pub(super) fn reference(&mut self, value: &Value, by: &By, role: Role) -> Option<Vec<String>> {
        let path = value.reference(&mut self.problems)?;
        self.mention(path.clone(), value.place(), by, role, true);
        Some(path)
    }

    /// A list of references.
    pub(super) fn references(
        &mut self,
        value: Option<Value>,
        by: &By,
        role: Role,
    ) -> Vec<Vec<String>> {
        let items = value.and_then(|value| value.list(&mut self.problems)).unwrap_or_default();
        let mut paths: Vec<Vec<String>> = Vec::new();
        for item in &items {
            let Some(path) = self.reference(item, by, role) else { continue };
            if paths.contains(&path) {
                self.problems.push(Problem::new(
                    item.place(),
                    format!("`{}` is listed twice in {by}", path.join(".")),
                    "once is enough",
                    "remove one of them",
                ));
            } else {
                paths.push(path);
            }
        }
        paths
    }

    /// Anything that is evaluated later.
    pub(super) fn expression(&mut self, value: &Value, by: &By, role: Role) -> Option<Expression> {
        let written = value.expression(&mut self.problems)?;
        let whole = matches!(written.expression, Expression::Reference(_));
        for reference in written.references {
            self.mention(reference.path, reference.place, by, role, whole);
        }
        Some(written.expression)
    }

    /// `when = expr`.
    pub(super) fn when(&mut self, body: &mut Body, by: &By) -> Option<Expression> {
        body.take("when").and_then(|value| self.expression(&value, by, Role::When))
    }

    fn mention(&mut self, path: Vec<String>, place: Place, by: &By, role: Role, whole: bool) {
        self.mentions.push(Mention { path, place, by: by.clone(), role, whole });
    }

    /// Something that is right but cannot be rendered yet.
    pub(super) fn not_yet(&mut self, what: impl Into<String>, place: Place) {
        self.unsupported.push(Unsupported { what: what.into(), place });
    }

    /// A text that must match a pattern.
    pub(super) fn matching(
        &mut self,
        value: &Value,
        pattern: &'static str,
        help: &str,
    ) -> Option<String> {
        let text = value.string(&mut self.problems)?;
        if !matches(pattern, &text) {
            self.problems.push(value.problem(format!("it must match {pattern}"), help));
        }
        Some(text)
    }

    /// A path of a URL.
    pub(super) fn url_path(&mut self, value: &Value) -> Option<String> {
        self.matching(value, r"^/[^\s?#]*$", "start it with / and leave out ? and #")
    }
}

impl By {
    /// A block that is no consumer.
    pub(super) fn block(body: &Body) -> Self {
        Self { title: body.title().to_owned(), consumer: None }
    }

    /// A service or a job.
    pub(super) fn consumer(body: &Body, consumer: Consumer) -> Self {
        Self { title: body.title().to_owned(), consumer: Some(consumer) }
    }
}

/// Whether a text matches one of the fixed patterns of this room. Compiling takes a thousand times
/// as long as matching, and a kit has hundreds of names: each pattern is compiled once.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<BTreeMap<&'static str, Option<Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let pattern = compiled.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    })
}
