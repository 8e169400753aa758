//! Terraform values without their types, as they travel between terraform and a provider.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The attributes of an object or the entries of a map.
pub(super) type Map = BTreeMap<String, Value>;

/// A value as terraform sends it. A set travels as a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Left out.
    Null,
    /// Known after apply; with the refinement that terraform sent, which goes back unchanged.
    Unknown(Option<Vec<u8>>),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// Any other number.
    Float(f64),
    /// A string; also a number that no binary float holds exactly.
    Text(String),
    /// A list, a set or a tuple.
    List(Vec<Value>),
    /// A map or an object.
    Map(Map),
}

/// Known after apply, nothing said about it.
pub(super) const UNKNOWN: Value = Value::Unknown(None);

/// What an attribute that is not there is.
pub(super) static NULL: Value = Value::Null;

impl Value {
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Null, or a list without elements: what a block that was left out looks like.
    pub(super) fn is_absent(&self) -> bool {
        self.is_null() || matches!(self, Self::List(elements) if elements.is_empty())
    }

    /// Whether anything in it is unknown.
    pub(super) fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::List(elements) => elements.iter().any(Self::has_unknown),
            Self::Map(entries) => entries.values().any(Self::has_unknown),
            _ => false,
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(elements) = self { Some(elements) } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// An attribute of an object; `None` for anything that is not an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|entries| entries.get(key))
    }

    /// The same, with null for what is not there.
    pub(super) fn at(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&NULL)
    }

    /// Its form in the account file and in templates. Unknowns never get that far.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Unknown(_) => Json::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::UInt(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                Json::Object(entries.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Every value that is set along a path through blocks and their collections.
pub(super) fn along<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    fn walk<'a>(value: &'a Value, path: &[&str], found: &mut Vec<&'a Value>) {
        match (value, path) {
            (Value::Null, _) => {}
            (Value::List(elements), [_, ..]) => {
                for element in elements {
                    walk(element, path, found);
                }
            }
            (value, [key, rest @ ..]) => walk(value.at(key), rest, found),
            (value, []) => found.push(value),
        }
    }
    let path: Vec<&str> = path.split('.').collect();
    let mut found = Vec::new();
    walk(value, &path, &mut found);
    found
}
