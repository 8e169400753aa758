//! Type constraints of a provider schema, and JSON read by them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::value::Value;

/// A type constraint. Dynamic types and tuples do not occur in the schemas that are served.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Text,
    Number,
    Bool,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// Reads the form that `terraform providers schema -json` prints: `["set", "string"]`.
    pub(super) fn from_json(json: &Json) -> Result<Self, String> {
        let unknown = || format!("a schema has the type {json}, which is not known here");
        if let Some(name) = json.as_str() {
            return match name {
                "string" => Ok(Self::Text),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                _ => Err(unknown()),
            };
        }
        let inner = || Self::from_json(&json[1]).map(Box::new);
        match json[0].as_str() {
            Some("list") => inner().map(Self::List),
            Some("set") => inner().map(Self::Set),
            Some("map") => inner().map(Self::Map),
            Some("object") => {
                let fields = json[1].as_object().ok_or_else(unknown)?;
                let fields =
                    fields.iter().map(|(name, json)| Ok((name.clone(), Self::from_json(json)?)));
                fields.collect::<Result<_, String>>().map(Self::Object)
            }
            _ => Err(unknown()),
        }
    }

    /// The same form again: this is how types travel in the protocol.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Text => "string".into(),
            Self::Number => "number".into(),
            Self::Bool => "bool".into(),
            Self::List(inner) => json!(["list", inner.to_json()]),
            Self::Set(inner) => json!(["set", inner.to_json()]),
            Self::Map(inner) => json!(["map", inner.to_json()]),
            Self::Object(fields) => {
                let fields = fields.iter().map(|(name, field)| (name.clone(), field.to_json()));
                json!(["object", fields.collect::<serde_json::Map<_, _>>()])
            }
        }
    }

    /// Reads a JSON value of this type; lenient, because states and templates may say `"5"` for 5
    /// and one element for a list of it.
    pub(super) fn read(&self, json: &Json) -> Value {
        match (self, json) {
            (Self::Text, Json::String(text)) => Value::Text(text.clone()),
            (Self::Text, Json::Bool(_) | Json::Number(_)) => Value::Text(json.to_string()),
            (Self::Number, Json::Number(number)) => number_value(number),
            // A fraction that no binary float holds is kept as terraform sent it.
            (Self::Number, Json::String(text)) => match (text.parse(), text.parse::<f64>()) {
                (Ok(whole), _) => Value::Int(whole),
                (_, Ok(_)) => Value::Text(text.clone()),
                _ => Value::Null,
            },
            (Self::Bool, Json::Bool(value)) => Value::Bool(*value),
            (Self::Bool, Json::String(text)) => Value::Bool(text == "true" || text == "1"),
            (Self::List(inner) | Self::Set(inner), Json::Array(elements)) => {
                Value::List(elements.iter().map(|element| inner.read(element)).collect())
            }
            (Self::Map(inner), Json::Object(entries)) => {
                Value::Map(entries.iter().map(|(k, v)| (k.clone(), inner.read(v))).collect())
            }
            (Self::Object(fields), Json::Object(entries)) => {
                let field = |name| entries.get(name).unwrap_or(&Json::Null);
                Value::Map(fields.iter().map(|(n, t)| (n.clone(), t.read(field(n)))).collect())
            }
            _ => Value::Null,
        }
    }
}

/// Terraform's numbers are decimal: one that is not whole travels as text.
fn number_value(number: &serde_json::Number) -> Value {
    if let Some(number) = number.as_i64() {
        Value::Int(number)
    } else if let Some(number) = number.as_u64() {
        Value::UInt(number)
    } else {
        Value::Text(number.to_string())
    }
}
