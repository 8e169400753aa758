//! What a provider schema says, read from the output of `terraform providers schema -json`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::types::Type;
use super::value::{Map, Value};

/// The schema of the provider block, a resource type or a data source.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    /// Version of the state's form.
    pub(super) version: i64,
    pub(super) block: Block,
}

/// Attributes and nested blocks, sorted by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<NestedBlock>,
}

#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) required: bool,
    pub(super) optional: bool,
    pub(super) computed: bool,
    pub(super) sensitive: bool,
    pub(super) write_only: bool,
    pub(super) deprecated: bool,
}

#[derive(Clone, Debug)]
pub(super) struct NestedBlock {
    pub(super) name: String,
    pub(super) block: Block,
    pub(super) nesting: Nesting,
    pub(super) least: i64,
    pub(super) most: i64,
}

/// How often a nested block may stand there. Only these occur in the AWS provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    Single,
    List,
    Set,
}

impl Schema {
    /// Reads one entry of `resource_schemas`.
    pub(super) fn from_json(json: &Json) -> Result<Self, String> {
        let version = json["version"].as_i64().unwrap_or_default();
        Ok(Self { version, block: Block::from_json(&json["block"])? })
    }
}

fn entries(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flatten()
}

impl Block {
    fn from_json(json: &Json) -> Result<Self, String> {
        Ok(Self {
            attributes: entries(&json["attributes"])
                .map(|(name, json)| Attribute::from_json(name, json))
                .collect::<Result<_, _>>()?,
            blocks: entries(&json["block_types"])
                .map(|(name, json)| NestedBlock::from_json(name, json))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Without the nested blocks that a configuration does not name: terraform computes with every
    /// one of them, for every resource.
    pub(super) fn without_unnamed_blocks(&self, named: &BTreeSet<&str>) -> Self {
        let kept = self.blocks.iter().filter(|nested| named.contains(nested.name.as_str()));
        let blocks = kept.map(|nested| NestedBlock {
            block: nested.block.without_unnamed_blocks(named),
            ..nested.clone()
        });
        Self { attributes: self.attributes.clone(), blocks: blocks.collect() }
    }

    /// The attribute of that name.
    #[cfg(test)]
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// A state in JSON, fitted to this schema: what it does not know is dropped, what is missing
    /// is null or empty, write-only attributes are never kept.
    pub(super) fn read_state(&self, json: &Json) -> Value {
        if json.is_null() {
            return Value::Null;
        }
        let attributes = self.attributes.iter().map(|attribute| {
            let json = if attribute.write_only { &Json::Null } else { &json[&attribute.name] };
            (attribute.name.clone(), attribute.kind.read(json))
        });
        let blocks = self.blocks.iter().map(|nested| {
            let json = &json[&nested.name];
            let value = match nested.nesting {
                Nesting::Single => nested.block.read_state(json),
                Nesting::List | Nesting::Set => {
                    let elements = json.as_array().into_iter().flatten();
                    Value::List(elements.map(|json| nested.block.read_state(json)).collect())
                }
            };
            (nested.name.clone(), value)
        });
        Value::Map(attributes.chain(blocks).collect::<Map>())
    }
}

impl Attribute {
    fn from_json(name: &str, json: &Json) -> Result<Self, String> {
        let flag = |key: &str| json[key] == true;
        Ok(Self {
            name: name.to_owned(),
            kind: Type::from_json(&json["type"]).map_err(|error| format!("{name}: {error}"))?,
            required: flag("required"),
            optional: flag("optional"),
            computed: flag("computed"),
            sensitive: flag("sensitive"),
            write_only: flag("write_only"),
            deprecated: flag("deprecated"),
        })
    }
}

impl NestedBlock {
    fn from_json(name: &str, json: &Json) -> Result<Self, String> {
        let nesting = match json["nesting_mode"].as_str() {
            Some("single") => Nesting::Single,
            Some("list") => Nesting::List,
            Some("set") => Nesting::Set,
            other => return Err(format!("{name}: nesting {other:?} is not known here")),
        };
        let count = |key: &str| json[key].as_i64().unwrap_or_default();
        Ok(Self {
            name: name.to_owned(),
            block: Block::from_json(&json["block"])?,
            nesting,
            least: count("min_items"),
            most: count("max_items"),
        })
    }
}
