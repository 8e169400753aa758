//! Secrets that nobody has to invent: random, in exactly the form that a kit asks for.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::failure::{Failure, Result};
use crate::kit::model::GeneratedKind;
use crate::secret::Secret;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 43 letters and digits are 256 bits.
const PASSWORD_LENGTH: usize = 43;

/// A secret of the given form. `length` counts bytes of randomness (`hex`, `base64`) or characters
/// (`alnum`), the prefix not included; `uuid` ignores it.
pub fn generate(kind: GeneratedKind, length: usize, prefix: &str) -> Result<Secret> {
    let value = match kind {
        GeneratedKind::Hex => hex(&random_bytes(length)?),
        GeneratedKind::Base64 => Zeroizing::new(STANDARD.encode(&*random_bytes(length)?)),
        GeneratedKind::Alnum => alphanumeric(length)?,
        GeneratedKind::Uuid => uuid()?,
    };
    Ok(Secret::new(format!("{prefix}{}", *value)))
}

/// A password for a database login: letters and digits, so that no tool has to escape it.
pub fn password() -> Result<Secret> {
    generate(GeneratedKind::Alnum, PASSWORD_LENGTH, "")
}

/// Fills a buffer from the operating system's random source.
pub(super) fn random(buffer: &mut [u8]) -> Result<()> {
    SystemRandom::new()
        .fill(buffer)
        .map_err(|_| Failure::failed("the operating system gave no random numbers"))
}

fn random_bytes(length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    random(&mut bytes)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Every character is equally likely: bytes above the last multiple of 62 are thrown away instead
/// of folded.
fn alphanumeric(length: usize) -> Result<Zeroizing<String>> {
    let count = ALPHANUMERIC.len();
    let fair = 256 - 256 % count;
    let mut text = Zeroizing::new(String::with_capacity(length));
    while text.len() < length {
        let bytes = random_bytes(length - text.len())?;
        let fair_bytes = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        text.extend(fair_bytes.map(|byte| char::from(ALPHANUMERIC[byte % count])));
    }
    Ok(text)
}

/// Version 4 (RFC 9562): random but for the version and the variant.
fn uuid() -> Result<Zeroizing<String>> {
    let mut bytes = random_bytes(16)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = hex(&bytes);
    for hyphen in [8, 13, 18, 23] {
        text.insert(hyphen, '-');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn make(kind: GeneratedKind, length: usize, prefix: &str) -> String {
        generate(kind, length, prefix).unwrap().expose().to_owned()
    }

    proptest! {
        #[test]
        fn has_the_exact_form(length in 1_usize..200, prefix in "[a-z]{0,8}_?") {
            let body = |kind| make(kind, length, &prefix)[prefix.len()..].to_owned();

            let hex = body(GeneratedKind::Hex);
            prop_assert_eq!(hex.len(), length * 2);
            prop_assert!(hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));

            prop_assert_eq!(STANDARD.decode(body(GeneratedKind::Base64)).unwrap().len(), length);

            let alnum = body(GeneratedKind::Alnum);
            prop_assert_eq!(alnum.len(), length);
            prop_assert!(alnum.bytes().all(|byte| byte.is_ascii_alphanumeric()));

            prop_assert!(make(GeneratedKind::Alnum, length, &prefix).starts_with(&prefix));
        }
    }

    #[test]
    fn makes_uuids_of_version_4() {
        let form = regex::Regex::new(
            "^sk-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        )
        .unwrap();
        for _ in 0..100 {
            let uuid = make(GeneratedKind::Uuid, 16, "sk-");
            assert!(form.is_match(&uuid), "{uuid}");
        }
    }

    #[test]
    fn uses_the_whole_alphabet_and_never_repeats() {
        let text = make(GeneratedKind::Alnum, 10_000, "");
        assert_eq!(text.bytes().collect::<BTreeSet<_>>().len(), ALPHANUMERIC.len());
        let made: BTreeSet<_> = (0..1000).map(|_| make(GeneratedKind::Hex, 16, "")).collect();
        assert_eq!(made.len(), 1000);
    }
}
