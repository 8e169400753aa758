//! The types of inputs and variables, and which texts fit them.

use regex::Regex;

use super::model::ValueType;
use crate::hcl::parse_duration;

/// The words for the types in `kit.hcl`.
pub const TYPES: [(&str, ValueType); 12] = [
    ("string", ValueType::String),
    ("int", ValueType::Int),
    ("float", ValueType::Float),
    ("bool", ValueType::Bool),
    ("enum", ValueType::Enum),
    ("url", ValueType::Url),
    ("host", ValueType::Host),
    ("duration", ValueType::Duration),
    ("json", ValueType::Json),
    ("list", ValueType::List),
    ("email", ValueType::Email),
    ("secret", ValueType::Secret),
];

/// How a typed value may be written into the process (`as`): type → formats.
pub const FORMATS: [(ValueType, &[&str]); 3] = [
    (ValueType::Bool, &["true/false", "True/False", "1/0", "yes/no", "on/off"]),
    (ValueType::Duration, &["s", "ms"]),
    (ValueType::List, &["csv", "json", "space"]),
];

/// The word for a type.
pub fn word(kind: ValueType) -> &'static str {
    TYPES.iter().find(|(_, known)| *known == kind).map_or("string", |(word, _)| word)
}

/// Whether a text is a value of this type. A list is a JSON array of texts. The error says what
/// would be.
pub fn fits(kind: ValueType, text: &str) -> Result<(), &'static str> {
    let (fits, wanted) = match kind {
        ValueType::String | ValueType::Enum | ValueType::Secret => (true, "any text"),
        ValueType::Int => (text.parse::<i64>().is_ok(), "a whole number"),
        ValueType::Float => (text.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
        ValueType::Bool => (matches!(text, "true" | "false"), "true or false"),
        ValueType::Url => (
            whole(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*", text),
            "an absolute URL like https://host/path",
        ),
        ValueType::Host => (
            text.len() <= 253
                && whole(
                    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*",
                    text,
                ),
            "a host name like mail.acme.example",
        ),
        ValueType::Duration => (parse_duration(text).is_some(), "a duration like 90s or 30m"),
        ValueType::Json => {
            (serde_json::from_str::<serde_json::Value>(text).is_ok(), "a JSON document")
        }
        ValueType::List => (serde_json::from_str::<Vec<String>>(text).is_ok(), "a list of texts"),
        ValueType::Email => (
            whole(r"[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)+", text),
            "an address like name@acme.example",
        ),
    };
    if fits { Ok(()) } else { Err(wanted) }
}

/// Whether a text matches a pattern from its first to its last character. A pattern that does not
/// compile matches nothing; it was reported where it is written.
pub fn whole(pattern: &str, text: &str) -> bool {
    Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(text))
}

/// A fixed value of the file as text: what it is in a process. Lists and maps are JSON.
pub(super) fn as_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
