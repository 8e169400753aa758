//! What differs between both sides of a change, attribute by attribute. Values are masked already.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::model::{Attribute, Shown};
use super::values::{DEEPEST, is_secret_name, quoted, shown};
use super::vocabulary;

/// How many attributes of one change are kept.
pub const MOST_ATTRIBUTES: usize = 24;

/// The same for Google's, whose templates hold templates that hold containers.
const DEEPEST_GOOGLE: usize = 14;

/// The differences of `[before, after, unknown]`, in the order of names.
pub(super) fn between(kind: &str, sides: [&Value; 3]) -> Vec<Attribute> {
    let deepest = if vocabulary::is_google(kind) { DEEPEST_GOOGLE } else { DEEPEST };
    let mut comparison = Comparison { kind, deepest, found: Vec::new() };
    comparison.compare(sides, "", 0);
    comparison.found
}

/// A walk through both sides of one resource.
struct Comparison<'a> {
    kind: &'a str,
    deepest: usize,
    found: Vec<Attribute>,
}

/// Elements of a set, by what they are told apart by, with their positions.
type Keyed<'a> = BTreeMap<String, (usize, &'a Value)>;

impl Comparison<'_> {
    /// Compares `[before, after, unknown]`.
    fn compare(&mut self, sides: [&Value; 3], path: &str, depth: usize) {
        let [before, after, unknown] = sides;
        if is_nothing(before) && is_nothing(after) && !has_unknown(unknown) {
            // The provider fills in what a configuration leaves out, and a plan takes it back.
            return;
        }
        if self.found.len() >= MOST_ATTRIBUTES || (before == after && !has_unknown(unknown)) {
            // Two masks are equal: whether a secret changed is not told, terraform's plan knows.
            return;
        }
        if vocabulary::is_status(self.kind, path) {
            return;
        }
        let deeper = depth < self.deepest && *unknown != true;
        match (before, after) {
            _ if deeper && self.compare_keyed(sides, path, depth) => {}
            (Value::Object(old), Value::Object(new)) if deeper => {
                let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
                names.extend(unknown.as_object().into_iter().flat_map(Map::keys));
                names.sort_unstable();
                names.dedup();
                for name in names {
                    let sides = [old.get(name), new.get(name), unknown.get(name)];
                    if is_secret_name(name) {
                        self.secret(sides, within(path, name));
                    } else {
                        let sides = sides.map(|side| side.unwrap_or(&Value::Null));
                        self.compare(sides, &within(path, name), depth + 1);
                    }
                }
            }
            (Value::Array(old), Value::Array(new)) if deeper && old.len() == new.len() => {
                for (at, (old, new)) in old.iter().zip(new).enumerate() {
                    let unknown = unknown.get(at).unwrap_or(&Value::Null);
                    self.compare([old, new, unknown], &within(path, &at.to_string()), depth + 1);
                }
            }
            _ => {
                let after = if has_unknown(unknown) { Shown::Unknown } else { shown(after) };
                self.found.push(Attribute { path: path.to_owned(), before: shown(before), after });
            }
        }
    }

    /// Compares two sets element by element, where these have something to be told apart by.
    fn compare_keyed(&mut self, sides: [&Value; 3], path: &str, depth: usize) -> bool {
        let [before, after, unknown] = sides;
        let block = path.rsplit('.').next().unwrap_or(path);
        let Some(key) = vocabulary::key(self.kind, block) else { return false };
        let (Some(old), Some(new)) = (keyed(before, key), keyed(after, key)) else { return false };
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            // What tells them apart is in the path already.
            let element = |side: &Keyed<'_>| {
                let mut element = side.get(name).map_or_else(Map::new, |(_, value)| {
                    value.as_object().cloned().unwrap_or_default()
                });
                if key == "name" {
                    element.remove(key);
                }
                Value::Object(element)
            };
            let (old, after) = (element(&old), element(&new));
            let unknown = new.get(name).and_then(|(at, _)| unknown.get(at));
            let path = within(path, name);
            if is_secret_name(name) {
                let value = |side: &Value| side.get("value").cloned();
                let (old, after) = (value(&old), value(&after));
                if old.is_some() || after.is_some() {
                    let unknown = unknown.and_then(|it| it.get("value"));
                    self.secret([old.as_ref(), after.as_ref(), unknown], within(&path, "value"));
                    continue;
                }
            }
            self.compare([&old, &after, unknown.unwrap_or(&Value::Null)], &path, depth + 1);
        }
        true
    }

    fn secret(&mut self, sides: [Option<&Value>; 3], path: String) {
        let [before, after, unknown] = sides;
        let unknown = unknown.is_some_and(has_unknown);
        let veiled = |value: Option<&Value>| match value {
            None | Some(Value::Null) => Shown::Absent,
            Some(_) => Shown::Sensitive,
        };
        if before != after || unknown {
            let after = if unknown { Shown::Unknown } else { veiled(after) };
            self.found.push(Attribute { path, before: veiled(before), after });
        }
    }
}

fn within(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The elements of a list; `None` if one has no key or two have the same. No list is an empty one.
fn keyed<'a>(list: &'a Value, key: &str) -> Option<Keyed<'a>> {
    let items = match list {
        Value::Null => return Some(Keyed::new()),
        Value::Array(items) => items,
        _ => return None,
    };
    let mut found = Keyed::new();
    for (at, item) in items.iter().enumerate() {
        let name = item.get(key).and_then(quoted)?;
        if found.insert(name, (at, item)).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Whether a value is the same as none to whoever reads a plan.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn has_unknown(unknown: &Value) -> bool {
    match unknown {
        Value::Bool(unknown) => *unknown,
        Value::Array(items) => items.iter().any(has_unknown),
        Value::Object(fields) => fields.values().any(has_unknown),
        _ => false,
    }
}
