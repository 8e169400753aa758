//! Values of a plan: masked before anything is kept, and cut to what a line can show.

use serde_json::Value;

use super::differences;
use super::model::{Attribute, Shown};

/// Longest text that is shown, in characters.
const LONGEST: usize = 60;

/// How deep values are looked into; deeper ones are shown as one.
pub(super) const DEEPEST: usize = 8;

/// Shortest secret that is looked for in other attributes: shorter ones would mask ordinary words.
const SHORTEST_SECRET: usize = 4;

/// Parts of attribute names whose values are never shown, marked or not: a second net under the
/// marks of providers and modules, which forget some.
const SECRET_NAMES: [&str; 6] =
    ["password", "secret_string", "private_key", "token", "credential", "user_data"];

/// Masks and compares the two sides of one change.
pub(super) struct Values {
    before: Value,
    after: Value,
    unknown: Value,
}

/// A value that is masked, as the tree holds it.
const MASK: &str = "\u{0}sensitive";

impl Values {
    /// Takes over both sides and masks them by their marks. A text that is marked in one place
    /// is masked wherever else it turns up: providers copy inputs into unmarked attributes.
    pub(super) fn masked(
        mut before: Value,
        mut after: Value,
        unknown: Value,
        before_marks: &Value,
        after_marks: &Value,
    ) -> Self {
        let mut secrets = Vec::new();
        mask(&mut before, before_marks, &mut secrets);
        mask(&mut after, after_marks, &mut secrets);
        // Marked on one side means marked: the mark may come or go with this very change.
        mask(&mut before, after_marks, &mut secrets);
        mask(&mut after, before_marks, &mut secrets);
        if !secrets.is_empty() {
            hide(&mut before, &secrets);
            hide(&mut after, &secrets);
        }
        Self { before, after, unknown }
    }

    /// The text of an attribute, by its dotted path: as it will be, else as it was.
    pub(super) fn fact(&self, path: &str) -> Option<String> {
        match shown(self.value(path)?) {
            Shown::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same in full: for names that are compared, not shown.
    pub(super) fn name(&self, path: &str) -> Option<String> {
        let text = self.value(path)?.as_str()?;
        (!text.contains(MASK)).then(|| text.to_owned())
    }

    fn value(&self, path: &str) -> Option<&Value> {
        at(if self.after.is_object() { &self.after } else { &self.before }, path)
    }

    /// The tag `Name` as it will be; a provider's default tags are among them.
    pub(super) fn name_tag(&self) -> Option<String> {
        let tag = |all: &str| self.after.get(all)?.get("Name")?.as_str().map(str::to_owned);
        tag("tags_all").or_else(|| tag("tags"))
    }

    /// A top-level attribute on both sides, in full; only for texts that are parsed further.
    pub(super) fn texts(&self, name: &str) -> [Option<&str>; 2] {
        [&self.before, &self.after]
            .map(|side| side.get(name)?.as_str().filter(|text| !text.contains(MASK)))
    }

    /// Both sides, masked, and what of the second is known after the apply.
    pub(super) fn sides(&self) -> [&Value; 3] {
        [&self.before, &self.after, &self.unknown]
    }

    /// What differs between both sides, in the order of names.
    pub(super) fn differences(&self, kind: &str) -> Vec<Attribute> {
        differences::between(kind, self.sides())
    }
}

/// What lies at a dotted path; positions are numbers.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// The text of a value for words that quote it; of a masked one only that it is sensitive.
pub(super) fn quoted(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.contains(MASK) => Some("(sensitive)".to_owned()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Replaces what `marks` marks: `true` marks a whole value.
fn mask(value: &mut Value, marks: &Value, secrets: &mut Vec<String>) {
    match (marks, value) {
        (Value::Bool(true), value) if !value.is_null() => {
            collect(value, secrets, 0);
            *value = Value::String(MASK.to_owned());
        }
        (Value::Object(marks), Value::Object(fields)) => {
            for (name, marks) in marks {
                if let Some(field) = fields.get_mut(name) {
                    mask(field, marks, secrets);
                }
            }
        }
        // Sets are lists here; their marks lie at the same positions.
        (Value::Array(marks), Value::Array(items)) => {
            items.iter_mut().zip(marks).for_each(|(item, marks)| mask(item, marks, secrets));
        }
        _ => {}
    }
}

/// The texts inside a marked value.
fn collect(value: &Value, secrets: &mut Vec<String>, depth: usize) {
    match value {
        Value::String(text) if text.len() >= SHORTEST_SECRET && text != MASK => {
            secrets.push(text.clone());
        }
        Value::Array(items) if depth < DEEPEST => {
            for item in items {
                collect(item, secrets, depth + 1);
            }
        }
        Value::Object(fields) if depth < DEEPEST => {
            for field in fields.values() {
                collect(field, secrets, depth + 1);
            }
        }
        _ => {}
    }
}

/// Masks every text that contains one of `secrets`.
fn hide(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) if secrets.iter().any(|secret| text.contains(secret.as_str())) => {
            MASK.clone_into(text);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| hide(field, secrets)),
        _ => {}
    }
}

pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|part| lower.contains(part))
}

/// A value as one line can show it.
pub(super) fn shown(value: &Value) -> Shown {
    match value {
        Value::Null => Shown::Absent,
        Value::String(text) if text.contains(MASK) => Shown::Sensitive,
        Value::String(text) => {
            let text = with_short_digest(text);
            if is_short(&text) { Shown::Text(text) } else { Shown::Long }
        }
        Value::Bool(_) | Value::Number(_) => Shown::Text(value.to_string()),
        Value::Array(items) => {
            let texts: Vec<Shown> = items.iter().map(shown).collect();
            if texts.contains(&Shown::Sensitive) {
                return Shown::Sensitive;
            }
            let plain = texts.iter().all(|text| matches!(text, Shown::Text(_)));
            let line = texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            match plain && is_short(&line) {
                true if line.is_empty() => Shown::Text("none".to_owned()),
                true => Shown::Text(line),
                false => Shown::Long,
            }
        }
        Value::Object(fields) if fields.is_empty() => Shown::Text("none".to_owned()),
        Value::Object(_) => Shown::Long,
    }
}

/// A text with the digest at its end cut to what tells two apart.
fn with_short_digest(text: &str) -> String {
    const MARK: &str = "sha256:";
    match text.rsplit_once(MARK) {
        Some((before, hex)) if hex.len() == 64 && hex.is_ascii() => {
            format!("{before}{MARK}{}…", &hex[..8])
        }
        _ => text.to_owned(),
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}
