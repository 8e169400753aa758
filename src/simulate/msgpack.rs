//! `MessagePack`, as far as terraform uses it for values: no timestamps, no binary, string keys.
//!
//! Unknown values are extension types: code 12 carries a refinement, any other code none.

use super::value::{Map, Value};

/// Terraform's extension code of an unknown value that something is known about.
const REFINED: u8 = 12;

/// Deeper than any value that a provider schema can describe.
const DEEPEST: usize = 200;

/// Reads one value; no bytes at all are null, as terraform sends for "nothing".
pub(super) fn decode(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    match bytes.len() - reader.at {
        0 => Ok(value),
        rest => Err(format!("msgpack: {rest} bytes after the value")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or("msgpack: ends too early")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// An unsigned big-endian number of 1, 2, 4 or 8 bytes.
    fn unsigned(&mut self, width: usize) -> Result<u64, String> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn signed(&mut self, width: usize) -> Result<i64, String> {
        let unused = 64 - 8 * width;
        // Shifted up and down again, so that the sign fills the bits that were not sent.
        Ok((self.unsigned(width)? << unused).cast_signed() >> unused)
    }

    fn length(&mut self, width: usize) -> Result<usize, String> {
        usize::try_from(self.unsigned(width)?).map_err(|error| format!("msgpack: {error}"))
    }

    fn text(&mut self, length: usize) -> Result<Value, String> {
        let bytes = self.take(length)?.to_vec();
        String::from_utf8(bytes).map(Value::Text).map_err(|_| "msgpack: not UTF-8".to_owned())
    }

    fn list(&mut self, length: usize, depth: usize) -> Result<Value, String> {
        (0..length).map(|_| self.value(depth + 1)).collect::<Result<_, _>>().map(Value::List)
    }

    fn map(&mut self, length: usize, depth: usize) -> Result<Value, String> {
        let mut entries = Map::new();
        for _ in 0..length {
            let Value::Text(key) = self.value(depth + 1)? else {
                return Err("msgpack: a key that is not a string".to_owned());
            };
            let value = self.value(depth + 1)?;
            entries.insert(key, value);
        }
        Ok(Value::Map(entries))
    }

    fn unknown(&mut self, length: usize) -> Result<Value, String> {
        let code = self.take(1)?[0];
        let payload = self.take(length)?;
        Ok(Value::Unknown((code == REFINED).then(|| payload.to_vec())))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("msgpack: nested too deep".to_owned());
        }
        let tag = self.take(1)?[0];
        let small = usize::from(tag);
        Ok(match tag {
            0x00..=0x7f => Value::Int(i64::from(tag)),
            0x80..=0x8f => self.map(small & 15, depth)?,
            0x90..=0x9f => self.list(small & 15, depth)?,
            0xa0..=0xbf => self.text(small & 31)?,
            0xc0 => Value::Null,
            0xc2 | 0xc3 => Value::Bool(tag == 0xc3),
            0xc7..=0xc9 => {
                let length = self.length(1 << (tag - 0xc7))?;
                self.unknown(length)?
            }
            0xca => {
                let bits = self.unsigned(4)?;
                Value::Float(f64::from(f32::from_bits(u32::try_from(bits).unwrap_or_default())))
            }
            0xcb => Value::Float(f64::from_bits(self.unsigned(8)?)),
            0xcc..=0xcf => {
                let number = self.unsigned(1 << (tag - 0xcc))?;
                i64::try_from(number).map_or(Value::UInt(number), Value::Int)
            }
            0xd0..=0xd3 => Value::Int(self.signed(1 << (tag - 0xd0))?),
            0xd4..=0xd8 => self.unknown(1 << (tag - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.length(1 << (tag - 0xd9))?;
                self.text(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (tag - 0xdc))?;
                self.list(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (tag - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => Value::Int(i64::from(tag.cast_signed())),
            0xc1 | 0xc4..=0xc6 => {
                return Err(format!("msgpack: type 0x{tag:02x} is not used here"));
            }
        })
    }
}

/// Writes one value.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

/// The tags of a type whose length precedes it: with the length in the tag up to a limit, then
/// in one byte (strings only), two and four.
struct Head {
    fixed: (u8, usize),
    one: Option<u8>,
    two: u8,
    four: u8,
}

const TEXT: Head = Head { fixed: (0xa0, 31), one: Some(0xd9), two: 0xda, four: 0xdb };
const LIST: Head = Head { fixed: (0x90, 15), one: None, two: 0xdc, four: 0xdd };
const MAP: Head = Head { fixed: (0x80, 15), one: None, two: 0xde, four: 0xdf };

impl Head {
    fn write(&self, length: usize, bytes: &mut Vec<u8>) {
        let (tag, limit) = self.fixed;
        if let (true, Ok(small)) = (length <= limit, u8::try_from(length)) {
            bytes.push(tag | small);
        } else if let (Some(tag), Ok(length)) = (self.one, u8::try_from(length)) {
            bytes.extend([tag, length]);
        } else if let Ok(length) = u16::try_from(length) {
            bytes.push(self.two);
            bytes.extend(length.to_be_bytes());
        } else {
            bytes.push(self.four);
            bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    TEXT.write(text.len(), bytes);
    bytes.extend(text.as_bytes());
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0xc0),
        Value::Unknown(None) => bytes.extend([0xd4, 0, 0]),
        Value::Unknown(Some(payload)) => {
            bytes.push(0xc9);
            bytes.extend(u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.push(REFINED);
            bytes.extend(payload);
        }
        Value::Bool(value) => bytes.push(0xc2 | u8::from(*value)),
        Value::Int(number) => match i8::try_from(*number) {
            Ok(small) if small >= -32 => bytes.push(small.cast_unsigned()),
            _ => {
                bytes.push(0xd3);
                bytes.extend(number.to_be_bytes());
            }
        },
        Value::UInt(number) => {
            bytes.push(0xcf);
            bytes.extend(number.to_be_bytes());
        }
        Value::Float(number) => {
            bytes.push(0xcb);
            bytes.extend(number.to_be_bytes());
        }
        Value::Text(text) => write_text(text, bytes),
        Value::List(elements) => {
            LIST.write(elements.len(), bytes);
            for element in elements {
                write(element, bytes);
            }
        }
        Value::Map(entries) => {
            MAP.write(entries.len(), bytes);
            for (key, value) in entries {
                write_text(key, bytes);
                write(value, bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            Just(Value::Unknown(None)),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(|p| Value::Unknown(Some(p))),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-200_i64..300).prop_map(Value::Int),
            (u64::MAX / 2 + 1..).prop_map(Value::UInt),
            any::<f64>().prop_filter("equal to itself", |f| !f.is_nan()).prop_map(Value::Float),
            ".{0,40}".prop_map(Value::Text),
            "[a-z]{250,260}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::List),
                proptest::collection::btree_map(".{0,10}", inner, 0..20).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value)).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn lengths_at_every_boundary_survive() {
        for length in [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
            let list = Value::List(vec![Value::Null; length]);
            assert_eq!(decode(&encode(&list)).unwrap(), list);
            let text = Value::Text("x".repeat(length));
            assert_eq!(decode(&encode(&text)).unwrap(), text);
        }
    }

    #[test]
    fn numbers_of_every_width_are_read() {
        assert_eq!(decode(&[0xd0, 0x80]).unwrap(), Value::Int(-128));
        assert_eq!(decode(&[0xd1, 0xff, 0xfe]).unwrap(), Value::Int(-2));
        assert_eq!(decode(&[0xcd, 0x01, 0xbb]).unwrap(), Value::Int(443));
        assert_eq!(decode(&[0xca, 0x3f, 0x80, 0, 0]).unwrap(), Value::Float(1.0));
    }
}
