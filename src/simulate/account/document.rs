//! A JSON document that remembers its text. The account is written after every change, so that
//! nothing that terraform was told can get lost; only what changed is put into words again.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::Value as Json;
use serde_json::value::{RawValue, to_raw_value};

/// Reads as the value that it holds; is changed through [`Document::edit`] alone.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    value: Json,
    text: OnceLock<Box<RawValue>>,
}

impl Document {
    /// The value, to change it.
    pub(crate) fn edit(&mut self) -> &mut Json {
        self.text.take();
        &mut self.value
    }

    /// The value alone.
    pub(crate) fn into_value(self) -> Json {
        self.value
    }
}

impl From<Json> for Document {
    fn from(value: Json) -> Self {
        Self { value, text: OnceLock::new() }
    }
}

impl Deref for Document {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.value
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.text.get() {
            return text.serialize(serializer);
        }
        let text = to_raw_value(&self.value).map_err(ser::Error::custom)?;
        self.text.get_or_init(|| text).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_changed_is_written_as_it_is_now() {
        let mut document = Document::from(json!({ "size": 1 }));
        assert_eq!(serde_json::to_string(&document).unwrap(), r#"{"size":1}"#);
        document.edit()["size"] = json!(2);
        assert_eq!(serde_json::to_string(&document).unwrap(), r#"{"size":2}"#);
        assert_eq!(document["size"], 2);
    }
}
