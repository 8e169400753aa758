//! Every unknown of a planned resource becomes what the service might have answered.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::guess::guess;
use super::template::Context;
use crate::simulate::catalogue::{Answers, ResourceType};
use crate::simulate::schema::{Attribute, Block};
use crate::simulate::types::Type;
use crate::simulate::value::{Map, Value};

/// Fills a planned resource.
pub(crate) fn fill(context: Context<'_>, kind: &ResourceType, planned: &Value) -> Value {
    let choices = &kind.behaviour.one_of;
    let choices = choices
        .iter()
        .filter_map(|(path, legal)| Some((path, legal.iter().find(|l| !l.is_empty())?)));
    let choices = choices.map(|(path, legal)| (path.as_str(), legal.as_str())).collect();
    Filler { context, answers: &kind.answers, choices }.resource(&kind.schema.block, planned)
}

struct Filler<'a> {
    context: Context<'a>,
    answers: &'a Answers,
    /// Path → a legal value, where only some are.
    choices: HashMap<&'a str, &'a str>,
}

impl Filler<'_> {
    fn resource(&self, block: &Block, planned: &Value) -> Value {
        let Value::Map(planned) = planned else { return planned.clone() };
        let mut own = planned.clone();
        // The top level first: templates refer to each other there. What refers to an unknown
        // waits for the next round; in the last one, nothing is waited for.
        let mut open: Vec<&Attribute> = block.attributes.iter().collect();
        open.retain(|attribute| own.get(&attribute.name).is_some_and(Value::is_unknown));
        while !open.is_empty() {
            let before = open.len();
            open.retain(|attribute| {
                let value = self.attribute(attribute, &attribute.name, &own);
                value.is_none_or(|value| own.insert(attribute.name.clone(), value).is_none())
            });
            if open.len() == before {
                for attribute in open.drain(..) {
                    let value = guess(self.context, attribute, &attribute.name, &own);
                    own.insert(attribute.name.clone(), value);
                }
            }
        }
        let top = own.clone();
        for attribute in &block.attributes {
            if let Some(value) = own.get_mut(&attribute.name) {
                self.inside(value, &attribute.kind, attribute, &attribute.name, &top);
            }
        }
        for nested in &block.blocks {
            if let Some(value) = own.get_mut(&nested.name) {
                self.blocks(&nested.block, value, &nested.name, &top);
            }
        }
        Value::Map(own)
    }

    fn blocks(&self, block: &Block, value: &mut Value, path: &str, top: &Map) {
        match value {
            Value::Unknown(_) => *value = Value::List(Vec::new()),
            Value::List(elements) => {
                for (at, element) in elements.iter_mut().enumerate() {
                    self.blocks(block, element, &format!("{path}.{at}"), top);
                }
            }
            Value::Map(own) => {
                for attribute in &block.attributes {
                    let path = format!("{path}.{}", attribute.name);
                    let Some(value) = own.get_mut(&attribute.name) else { continue };
                    if value.is_unknown() {
                        *value = self
                            .attribute(attribute, &path, top)
                            .unwrap_or_else(|| guess(self.context, attribute, &path, top));
                    } else {
                        self.inside(value, &attribute.kind, attribute, &path, top);
                    }
                }
                for nested in &block.blocks {
                    if let Some(value) = own.get_mut(&nested.name) {
                        self.blocks(&nested.block, value, &format!("{path}.{}", nested.name), top);
                    }
                }
            }
            _ => {}
        }
    }

    /// Unknown parts of an attribute that is known in part.
    fn inside(&self, value: &mut Value, kind: &Type, of: &Attribute, path: &str, top: &Map) {
        match (&mut *value, kind) {
            (Value::Unknown(_), kind) => {
                let name = path.rsplit('.').find(|step| step.parse::<usize>().is_err());
                let part = Attribute {
                    name: name.unwrap_or(path).to_owned(),
                    kind: kind.clone(),
                    optional: false,
                    ..of.clone()
                };
                *value = self
                    .attribute(&part, path, top)
                    .unwrap_or_else(|| guess(self.context, &part, path, top));
            }
            (Value::List(elements), Type::List(inner) | Type::Set(inner)) => {
                for (at, element) in elements.iter_mut().enumerate() {
                    self.inside(element, inner, of, &format!("{path}.{at}"), top);
                }
            }
            (Value::Map(entries), Type::Map(inner)) => {
                for (name, entry) in entries {
                    self.inside(entry, inner, of, &format!("{path}.{name}"), top);
                }
            }
            (Value::Map(entries), Type::Object(fields)) => {
                for (name, entry) in entries {
                    if let Some(inner) = fields.get(name) {
                        self.inside(entry, inner, of, &format!("{path}.{name}"), top);
                    }
                }
            }
            _ => {}
        }
    }

    /// One attribute; `None` while its template waits for another attribute.
    fn attribute(&self, attribute: &Attribute, path: &str, top: &Map) -> Option<Value> {
        let steps: Vec<&str> =
            path.split('.').filter(|step| step.parse::<usize>().is_err()).collect();
        let named = steps.join(".");
        let Some(template) = self.answers.values.get(&named) else {
            let choice = self
                .choices
                .get(named.as_str())
                .filter(|_| matches!(attribute.kind, Type::Text | Type::Number));
            return Some(match choice {
                Some(choice) => attribute.kind.read(&Json::from(*choice)),
                None => guess(self.context, attribute, path, top),
            });
        };
        let expanded = self.context.expand(template, path, top).ok()?;
        Some(attribute.kind.read(&expanded))
    }
}
