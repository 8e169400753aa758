//! Values as they are written into `terraform.tfvars`: typed, quoted, in the order given.
//!
//! This is the only way for a string to reach HCL. `"${file("/etc/passwd")}` arrives as that text.

use std::fmt::Write as _;

/// A Terraform value that is known at render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, in its decimal text.
    Number(String),
    /// Text.
    String(String),
    /// `[a, b]`
    List(Vec<Value>),
    /// `{ a = b }`, in the order given.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// An object with the given entries.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A list of anything that is a value.
    pub fn list<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// The value as an HCL expression whose first line is already indented by its attribute.
    pub fn to_hcl(&self, indent: usize) -> String {
        let mut text = String::new();
        self.write(&mut text, indent);
        text
    }

    fn write(&self, out: &mut String, indent: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => out.push_str(&quote(text)),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::List(items) if self.is_short() => {
                let items: Vec<String> = items.iter().map(|item| item.to_hcl(0)).collect();
                let _ = write!(out, "[{}]", items.join(", "));
            }
            Self::List(items) => {
                out.push_str("[\n");
                for item in items {
                    out.push_str(&" ".repeat(indent + 2));
                    item.write(out, indent + 2);
                    out.push_str(",\n");
                }
                let _ = write!(out, "{}]", " ".repeat(indent));
            }
            Self::Object(entries) if entries.is_empty() => out.push_str("{}"),
            Self::Object(entries) => {
                out.push_str("{\n");
                for (key, value) in entries {
                    let _ = write!(out, "{}{} = ", " ".repeat(indent + 2), key_text(key));
                    value.write(out, indent + 2);
                    out.push('\n');
                }
                let _ = write!(out, "{}}}", " ".repeat(indent));
            }
        }
    }

    /// Whether a list fits on one line: plain values only, and not many characters.
    fn is_short(&self) -> bool {
        let Self::List(items) = self else { return true };
        let plain = items.iter().all(|item| !matches!(item, Self::List(_) | Self::Object(_)));
        plain && items.iter().map(|item| item.to_hcl(0).len() + 2).sum::<usize>() <= 78
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(value.to_string())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(value.to_string())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value.to_string())
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A string literal: quotes, escapes and template markers are made inert.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    out.push_str(&escape(text));
    out.push('"');
    out
}

/// The inside of a string literal, so that it can stand between `${...}` parts.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Only before a brace do these start a template; doubled, they are themselves.
            '$' | '%' if characters.peek() == Some(&'{') => {
                out.push(character);
                out.push(character);
            }
            // Terraform's lexer takes other control characters as they are, people do not.
            character if character.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out
}

/// A key of an object: bare if it is an identifier, else quoted.
pub(super) fn key_text(key: &str) -> String {
    let mut characters = key.chars();
    let identifier = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|rest| rest.is_ascii_alphanumeric() || rest == '_' || rest == '-')
        // Words that HCL reads as something else.
        && !matches!(key, "true" | "false" | "null" | "for");
    if identifier { key.to_owned() } else { in_columns(&quote(key)) }
}

/// `terraform fmt` aligns the equals signs behind keys and counts what a person sees as one
/// character (a grapheme). Characters that may be less than one, or take part in one, are escaped:
/// then every character left is a column, under any version of Unicode.
fn in_columns(quoted: &str) -> String {
    let whole = |character: char| {
        matches!(u32::from(character),
            0x20..=0x7e | 0xa1..=0xac | 0xae..=0x2ff // ASCII, Latin without the soft hyphen
            | 0x370..=0x482 | 0x48a..=0x52f // Greek, Cyrillic without combining marks
            | 0x3041..=0x3096 | 0x30a1..=0x30fa | 0x4e00..=0x9fff | 0xac00..=0xd7a3) // East Asia
    };
    let mut out = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        match u32::from(character) {
            _ if whole(character) => out.push(character),
            code @ ..=0xffff => _ = write!(out, "\\u{code:04x}"),
            code => _ = write!(out, "\\U{code:08x}"),
        }
    }
    out
}

/// The text of a `terraform.tfvars`: one attribute for each variable, aligned as
/// `terraform fmt` does, a blank line around values of several lines.
pub fn tfvars(header: &str, variables: &[(String, Value)]) -> String {
    let mut out = String::from(header);
    let mut after_block = true;
    for (name, value) in variables {
        let text = value.to_hcl(0);
        let block = text.contains('\n');
        if block || after_block {
            out.push('\n');
        }
        let _ = writeln!(out, "{name} = {text}");
        after_block = block;
    }
    super::format::align(&out)
}
