//! Durations and sizes as people write them: `90s`, `30m`, `2h`, `1d`; `512Mi`, `1Gi`.

use std::time::Duration;

/// Most seconds of a duration: ten years. Longer is a typing mistake, and every cloud field that
/// a duration ends in is far below it.
const LONGEST: u64 = 10 * 365 * 24 * 3600;

/// Most MiB of a size: 64 TiB, the largest disk either cloud sells.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A whole number with a unit: `s`, `m`, `h` or `d`. `None` for anything else, also for more than
/// ten years.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, seconds) = [("s", 1), ("m", 60), ("h", 3600), ("d", 24 * 3600)]
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
    let total = digits(number)?.checked_mul(seconds)?;
    (total <= LONGEST).then(|| Duration::from_secs(total))
}

/// A whole number of `Mi` or `Gi`, at least one, as MiB. `None` for anything else, also for more
/// than 64 TiB.
pub fn parse_size_mib(text: &str) -> Option<u64> {
    let (number, factor) = [("Mi", 1), ("Gi", 1024)]
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
    let total = digits(number)?.checked_mul(factor)?;
    (1..=LARGEST).contains(&total).then_some(total)
}

/// Decimal digits only: no sign, no space.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
