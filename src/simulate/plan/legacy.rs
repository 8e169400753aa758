//! The second half of a plan: the shape that the provider gives it. Most of the AWS provider is
//! written with the old SDK, whose plans differ from the configuration in ways that terraform
//! tolerates only from it.

use super::document::{compact, normal};
use crate::simulate::catalogue::Behaviour;
use crate::simulate::schema::{Attribute, Block, Nesting};
use crate::simulate::types::Type;
use crate::simulate::value::{Map, UNKNOWN, Value};

/// Shapes a planned block in place.
pub(crate) fn shape(
    behaviour: &Behaviour,
    block: &Block,
    planned: &mut Map,
    config: &Value,
    prior: Option<&Value>,
) {
    let place = Place { path: String::new(), in_set: false };
    Shaper { behaviour }.block(block, planned, Some(config), prior, &place);
}

struct Shaper<'a> {
    behaviour: &'a Behaviour,
}

/// Where in the resource.
struct Place {
    /// Dotted, without indices; empty at the top.
    path: String,
    /// Whether any block around it is an element of a set.
    in_set: bool,
}

impl Place {
    fn join(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl Shaper<'_> {
    /// `config` is `None` in nested blocks: there, null is what was left out.
    fn block(
        &self,
        block: &Block,
        planned: &mut Map,
        config: Option<&Value>,
        prior: Option<&Value>,
        place: &Place,
    ) {
        for attribute in block.attributes.iter().filter(|attribute| !attribute.write_only) {
            let given = config.map(|config| !config.at(&attribute.name).is_null());
            if let Some(value) = planned.get_mut(&attribute.name) {
                self.attribute(attribute, value, given, prior.is_none(), place);
            }
        }
        for nested in &block.blocks {
            let Some(value) = planned.get_mut(&nested.name) else { continue };
            let in_set = place.in_set || nested.nesting == Nesting::Set;
            let place = Place { path: place.join(&nested.name), in_set };
            let prior = prior.map(|prior| prior.at(&nested.name));
            match value {
                Value::List(elements) if elements.is_empty() => {
                    let kept = prior.filter(|prior| !prior.is_null());
                    if self.behaviour.computed_blocks.contains(&place.path) {
                        *value = kept.cloned().unwrap_or(UNKNOWN);
                    }
                }
                Value::List(elements) => {
                    for (at, element) in elements.iter_mut().enumerate() {
                        let prior = prior.and_then(Value::as_list);
                        let prior = prior.and_then(|priors| match nested.nesting {
                            Nesting::Set => {
                                priors.iter().find(|prior| agrees(&nested.block, element, prior))
                            }
                            _ => priors.get(at),
                        });
                        if let Value::Map(element) = element {
                            self.block(&nested.block, element, None, prior, &place);
                        }
                    }
                }
                Value::Map(element) => {
                    let prior = prior.filter(|prior| !prior.is_null());
                    self.block(&nested.block, element, None, prior, &place);
                }
                _ => {}
            }
        }
    }

    fn attribute(
        &self,
        attribute: &Attribute,
        value: &mut Value,
        given: Option<bool>,
        creating: bool,
        place: &Place,
    ) {
        let behaviour = self.behaviour;
        let path = place.join(&attribute.name);
        let left_out = given != Some(true)
            && (value.is_null() || value.is_unknown() && attribute.computed && creating);
        if left_out && let Some(default) = behaviour.defaults.get(&path) {
            *value = attribute.kind.read(default);
        } else if left_out && value.is_unknown() && behaviour.null_at_plan.contains(&path) {
            *value = Value::Null;
        } else if let Value::Text(text) = value {
            if let Some(kept) = self.text(&path, text, given) {
                *text = kept;
            }
        } else if behaviour.legacy && place.in_set && value.is_null() {
            match attribute.kind {
                Type::Text => *value = "".into(),
                Type::List(_) | Type::Set(_) => *value = Value::List(Vec::new()),
                _ => {}
            }
        } else if behaviour.legacy {
            collection(&attribute.kind, value, given);
        }
    }

    /// The form in which the provider keeps a text, where it has one.
    fn text(&self, path: &str, text: &str, given: Option<bool>) -> Option<String> {
        let behaviour = self.behaviour;
        if given != Some(false) && behaviour.json.contains(path) {
            normal(text)
        } else if given != Some(false) && behaviour.json_compact.contains(path) {
            compact(text)
        } else if behaviour.lower.contains(path) {
            Some(text.to_lowercase())
        } else if behaviour.upper.contains(path) {
            Some(text.to_uppercase())
        } else {
            None
        }
    }
}

/// A map, list or set of plain values with one unknown element is unknown as a whole; objects of
/// an attribute that may also be written as blocks are completed.
fn collection(kind: &Type, value: &mut Value, given: Option<bool>) {
    if matches!(value, Value::Map(_)) && given != Some(false) && value.has_unknown() {
        *value = UNKNOWN;
    }
    let (Value::List(elements), Type::List(inner) | Type::Set(inner)) = (&mut *value, kind) else {
        return;
    };
    if let Type::Object(fields) = &**inner {
        for element in elements {
            let Value::Map(element) = element else { continue };
            for (name, kind) in fields {
                if let Some(value) = element.get_mut(name) {
                    complete(kind, value);
                }
            }
        }
    } else if given != Some(false) && value.has_unknown() {
        *value = UNKNOWN;
    }
}

/// What the old SDK makes of a field that was left out of such an object.
fn complete(kind: &Type, value: &mut Value) {
    if matches!(value, Value::List(_)) && value.has_unknown() {
        *value = UNKNOWN;
    }
    if value.is_null() {
        *value = match kind {
            Type::Text => "".into(),
            Type::Bool => Value::Bool(false),
            Type::Number => Value::Int(0),
            Type::List(_) | Type::Set(_) => Value::List(Vec::new()),
            Type::Map(_) | Type::Object(_) => Value::Null,
        };
    }
}

/// Whether a prior element says the same wherever this one says something known.
fn agrees(block: &Block, element: &Value, prior: &Value) -> bool {
    block.attributes.iter().all(|attribute| {
        let value = element.at(&attribute.name);
        value.is_null() || value.is_unknown() || value == prior.at(&attribute.name)
    })
}
