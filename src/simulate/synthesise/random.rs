//! Characters that follow from a seed. Nothing here is secret: plain, fast mixing is enough.

/// A seed from parts; where one part ends matters (FNV-1a with a separator).
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    parts.iter().fold(0xcbf2_9ce4_8422_2325, |state, part| {
        mix(part.iter().fold(state, |state, byte| mix(state, *byte)), 0xff)
    })
}

/// `count` characters of an alphabet (`SplitMix64`).
fn characters(seed: u64, count: usize, alphabet: &[u8]) -> String {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = u64::try_from(alphabet.len()).unwrap_or(1);
        let at = usize::try_from((mixed ^ (mixed >> 31)) % count).unwrap_or_default();
        char::from(alphabet[at])
    };
    (0..count).map(|_| next()).collect()
}

/// Hexadecimal digits.
pub(crate) fn hex(seed: u64, count: usize) -> String {
    characters(seed, count, b"0123456789abcdef")
}

/// Decimal digits, none of them zero.
pub(crate) fn digits(seed: u64, count: usize) -> String {
    characters(seed, count, b"123456789")
}

/// Upper-case letters and digits, as in unique ids of IAM and RDS.
pub(super) fn upper(seed: u64, count: usize) -> String {
    characters(seed, count, b"ABCDEFGHJKLMNPQRSTUVWXYZ234567")
}

/// Lower-case letters and digits, as at the end of a revision's name.
pub(crate) fn lower(seed: u64, count: usize) -> String {
    characters(seed, count, b"abcdefghijklmnopqrstuvwxyz0123456789")
}

/// Letters, as at the end of a secret's ARN.
pub(super) fn letters(seed: u64, count: usize) -> String {
    characters(seed, count, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

/// A random-looking UUID of version 4.
pub(crate) fn uuid(seed: u64) -> String {
    let hex = hex(seed, 32);
    let part = |range: std::ops::Range<usize>| &hex[range];
    format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}
