//! Typed values: what shape a value must have, and how it is written for the process.

use serde_json::Value as Json;

use crate::hcl::parse_duration;
use crate::kit::model::ValueType;
use crate::kit::types::{fits, whole, word};

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'a> {
    /// `None` follows the value.
    pub(super) kind: Option<ValueType>,
    /// How it is written; `None` is the kind's usual way.
    pub(super) format: Option<&'a str>,
    /// The only values allowed; empty means any.
    pub(super) values: &'a [String],
    /// Must match, as a whole.
    pub(super) pattern: Option<&'a str>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// Why a value does not fit, and what would.
pub(super) type Misfit = (String, String);

fn misfit<T>(why: impl Into<String>, help: impl Into<String>) -> Result<T, Misfit> {
    Err((why.into(), help.into()))
}

impl Shape<'_> {
    /// The value as the process gets it.
    pub(super) fn write(&self, value: &Json) -> Result<String, Misfit> {
        let text = plain(value);
        if !self.values.is_empty() && !self.values.contains(&text) {
            return misfit(
                "it is not one of the allowed values",
                format!("values: {}", self.values.join(", ")),
            );
        }
        if let Some(pattern) = self.pattern
            && !whole(pattern, &text)
        {
            return misfit(
                format!("it does not match the kit's pattern {pattern}"),
                "write a value that matches as a whole",
            );
        }
        match self.kind {
            None => Ok(text),
            Some(kind) => self.write_as(kind, value, text),
        }
    }

    fn write_as(&self, kind: ValueType, value: &Json, text: String) -> Result<String, Misfit> {
        match kind {
            ValueType::Bool => return self.write_bool(&text),
            ValueType::Duration => return self.write_duration(&text),
            ValueType::Json => return write_json(value, text),
            ValueType::List => return self.write_list(value),
            ValueType::Secret => {
                return misfit(
                    "a secret has no value in a file (G2)",
                    "take it from a secret: `from = secret.name`",
                );
            }
            _ if value.is_array() || value.is_object() || value.is_null() => {
                return misfit("one value is expected", "write a text, a number, true or false");
            }
            ValueType::Int | ValueType::Float => self.range(&text)?,
            _ => {}
        }
        match fits(kind, &text) {
            Ok(()) => Ok(text),
            Err(wanted) => misfit(format!("its type is {}", word(kind)), format!("write {wanted}")),
        }
    }

    fn range(&self, text: &str) -> Result<(), Misfit> {
        let Ok(number) = text.parse::<f64>() else { return Ok(()) }; // Not a number: told later.
        let (low, high) = (self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
        if (low..=high).contains(&number) {
            return Ok(());
        }
        let bound = match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("of at least {min}"),
            (_, max) => format!("of at most {}", max.unwrap_or_default()),
        };
        misfit("it is out of range", format!("write a number {bound}"))
    }

    fn write_bool(&self, text: &str) -> Result<String, Misfit> {
        let flag = match text {
            "true" => true,
            "false" => false,
            _ => return misfit("true or false is expected", "write true or false"),
        };
        let (yes, no) =
            self.format.and_then(|words| words.split_once('/')).unwrap_or(("true", "false"));
        Ok(if flag { yes } else { no }.to_owned())
    }

    fn write_duration(&self, text: &str) -> Result<String, Misfit> {
        let Some(duration) = parse_duration(text) else {
            return misfit(
                "a duration is a whole number and s, m, h or d",
                "write it like \"90s\" or \"30m\"",
            );
        };
        Ok(match self.format {
            Some("s") => duration.as_secs().to_string(),
            Some("ms") => duration.as_millis().to_string(),
            Some("m") => (duration.as_secs() / 60).to_string(),
            _ => text.to_owned(),
        })
    }

    fn write_list(&self, value: &Json) -> Result<String, Misfit> {
        let Some(items) = value.as_array() else {
            return misfit("a list is expected", "write it like [\"a\", \"b\"]");
        };
        let texts: Vec<String> = items.iter().map(plain).collect();
        match self.format {
            Some("json") => Ok(value.to_string()),
            Some("space") => Ok(texts.join(" ")),
            _ if texts.iter().any(|text| text.contains(',')) => misfit(
                "the process gets it with commas between, and an item has one",
                "write items without commas",
            ),
            _ => Ok(texts.join(",")),
        }
    }
}

/// A document as it was written, or a value as JSON.
fn write_json(value: &Json, text: String) -> Result<String, Misfit> {
    if !value.is_string() {
        return Ok(value.to_string());
    }
    match serde_json::from_str::<Json>(&text) {
        Ok(_) => Ok(text),
        Err(error) => {
            misfit(format!("it is not JSON: {error}"), "write it like jsonencode({ a = 1 })")
        }
    }
}

/// A value without a type: texts as they are, lists and maps as JSON.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn shape(kind: ValueType) -> Shape<'static> {
        Shape { kind: Some(kind), format: None, values: &[], pattern: None, min: None, max: None }
    }

    #[test]
    fn values_are_written_as_the_kit_wants_them() {
        let as_format = |kind, format| Shape { format: Some(format), ..shape(kind) };
        let cases = [
            (shape(ValueType::Bool), json!(true), "true"),
            (as_format(ValueType::Bool, "1/0"), json!(false), "0"),
            (as_format(ValueType::Duration, "ms"), json!("90s"), "90000"),
            (as_format(ValueType::Duration, "s"), json!("2h"), "7200"),
            (shape(ValueType::List), json!(["a", "b"]), "a,b"),
            (as_format(ValueType::List, "json"), json!(["a", "b"]), "[\"a\",\"b\"]"),
            (shape(ValueType::Json), json!({"a": 1}), "{\"a\":1}"),
            (shape(ValueType::Float), json!(0.5), "0.5"),
            (shape(ValueType::Int), json!("42"), "42"),
            (shape(ValueType::Url), json!("https://a.example/x"), "https://a.example/x"),
        ];
        for (shape, value, expected) in cases {
            assert_eq!(shape.write(&value).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let bad = [
            (ValueType::Int, json!(1.5)),
            (ValueType::Bool, json!("yes")),
            (ValueType::Email, json!("nobody")),
            (ValueType::Host, json!("https://a.example")),
            (ValueType::Url, json!("a.example")),
            (ValueType::Duration, json!("90")),
            (ValueType::Json, json!("{")),
            (ValueType::List, json!("a")),
            (ValueType::Float, json!("NaN")),
            (ValueType::List, json!(["a,b"])),
            (ValueType::String, json!(["a"])),
            (ValueType::Secret, json!("x")),
        ];
        for (kind, value) in bad {
            assert!(shape(kind).write(&value).is_err(), "{kind:?} {value}");
        }
        let ranged = Shape { min: Some(1.0), max: Some(9.0), ..shape(ValueType::Int) };
        assert_eq!(ranged.write(&json!(10)).unwrap_err().1, "write a number from 1 to 9");
        let pattern = Shape { pattern: Some("[a-z]+"), ..shape(ValueType::String) };
        assert!(pattern.write(&json!("ab1")).is_err());
    }
}
