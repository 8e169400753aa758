//! What the schema does not say about valid configurations: legal values, and which arguments go
//! together. Unknown values never count against a configuration.

use crate::simulate::catalogue::Behaviour;
use crate::simulate::value::{Value, along};

/// One thing that the provider refuses, in its own words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// The top-level attribute or block.
    pub(crate) attribute: String,
    pub(crate) summary: String,
    pub(crate) detail: String,
}

/// Everything that is wrong with a configuration.
pub(crate) fn complaints(behaviour: &Behaviour, config: &Value) -> Vec<Complaint> {
    let mut found = Complaints { config, list: Vec::new() };
    for (path, legal) in &behaviour.one_of {
        found.one_of(path, legal);
    }
    for (path, others) in &behaviour.conflicts_with {
        found.conflicts(path, others);
    }
    for group in &behaviour.exactly_one_of {
        found.exactly_one(group);
    }
    for group in &behaviour.at_least_one_of {
        if found.parent_is_set(group) && group.iter().all(|path| found.is_set(path) == Some(false))
        {
            found.missing(&group[0], format!("one of `{}` must be specified", group.join(",")));
        }
    }
    for (path, others) in &behaviour.required_with {
        let left_out = others.iter().any(|other| found.is_set(other) == Some(false));
        if found.is_set(path) == Some(true) && left_out {
            let all = others.join(",");
            found.missing(path, format!("\"{path}\": all of `{all}` must be specified"));
        }
    }
    found.list
}

struct Complaints<'a> {
    config: &'a Value,
    list: Vec<Complaint>,
}

impl Complaints<'_> {
    fn say(&mut self, path: &str, summary: impl Into<String>, detail: impl Into<String>) {
        let attribute = path.split('.').next().unwrap_or(path).to_owned();
        self.list.push(Complaint { attribute, summary: summary.into(), detail: detail.into() });
    }

    fn missing(&mut self, path: &str, detail: String) {
        self.say(path, "Missing required argument", detail);
    }

    /// `None`: cannot be told yet.
    fn is_set(&self, path: &str) -> Option<bool> {
        let values = along(self.config, path);
        let empty = |value: &Value| match value {
            Value::List(elements) => elements.is_empty(),
            Value::Map(entries) => entries.is_empty(),
            _ => false,
        };
        if values.iter().any(|value| value.is_unknown()) {
            return None;
        }
        Some(values.iter().any(|value| !empty(value)))
    }

    /// A group inside a block is checked only when the block is there.
    fn parent_is_set(&self, group: &[String]) -> bool {
        let Some(first) = group.first() else { return false };
        first.rsplit_once('.').is_none_or(|(parent, _)| self.is_set(parent) == Some(true))
    }

    fn one_of(&mut self, path: &str, legal: &[String]) {
        let plain = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            Value::Int(number) => Some(number.to_string()),
            _ => None,
        };
        let values = along(self.config, path).into_iter().flat_map(|value| match value {
            Value::List(elements) => elements.iter().filter_map(plain).collect(),
            value => plain(value).into_iter().collect::<Vec<_>>(),
        });
        let wrong: Vec<String> = values.filter(|value| !legal.contains(value)).collect();
        for value in wrong {
            self.say(path, format!("expected {path} to be one of {legal:?}, got {value}"), "");
        }
    }

    fn conflicts(&mut self, path: &str, others: &[String]) {
        if self.is_set(path) != Some(true) {
            return;
        }
        for other in others.iter().filter(|other| *other != path) {
            if self.is_set(other) == Some(true) {
                let detail = format!("\"{path}\": conflicts with {other}");
                self.say(path, "Conflicting configuration arguments", detail);
            }
        }
    }

    fn exactly_one(&mut self, group: &[String]) {
        if !self.parent_is_set(group) {
            return;
        }
        let states: Vec<Option<bool>> = group.iter().map(|path| self.is_set(path)).collect();
        let detail = match states.iter().filter(|state| **state == Some(true)).count() {
            0 if states.iter().all(Option::is_some) => "one of `{}` must be specified",
            0 | 1 => return,
            _ => "only one of `{}` can be specified",
        };
        let detail = detail.replace("{}", &group.join(","));
        self.say(&group[0], "Invalid combination of arguments", detail);
    }
}
