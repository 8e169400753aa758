//! "Did you mean": the nearest of the names that exist.

/// How alike two words must be (Jaro-Winkler, 0 to 1) before one is offered for the other.
const ALIKE: f64 = 0.8;

/// The nearest of the known names, if any is near enough to be meant.
pub fn suggest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        // One slip in a short word (`wbe` for `web`) makes it look unlike.
        .filter(|(alike, name)| *alike > ALIKE || strsim::osa_distance(given, name) == 1)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The help line for a name that does not exist: the nearest one first, then all of them.
/// `what` is their plural: `attributes`, `services`.
pub fn list<'a>(given: &str, what: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    if known.is_empty() {
        return format!("there are no {what} here");
    }
    let all = known.join(", ");
    match suggest(given, known) {
        Some(near) => format!("did you mean `{near}`? {what}: {all}"),
        None => format!("{what}: {all}"),
    }
}
