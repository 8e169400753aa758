//! The way from one release to another: what an update may start from, and which releases have to
//! be verified in between.

use semver::Version;

use crate::failure::{Failure, Result};
use crate::kit::model::Release;

/// Releases that must be installed and verified before this one, oldest first.
pub fn stops(from: &Version, to: &Release) -> Vec<Version> {
    let between = |stop: &&Version| *from < **stop && **stop < to.version;
    let mut stops: Vec<Version> = to.stops.iter().filter(between).cloned().collect();
    stops.sort();
    stops
}

/// The tag of another version of the same kit: named as this release names its own.
pub fn tag_of(version: &Version, like: &Release) -> String {
    like.tag.replace(&like.version.to_string(), &version.to_string())
}

/// The version that a tag of the same kit names; `None` if it is named in another way.
pub fn version_of(tag: &str, like: &Release) -> Option<Version> {
    let version = like.version.to_string();
    let (before, after) = like.tag.split_once(&version)?;
    tag.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
}

/// Fails unless an update may go straight from one version to the other; names the releases that
/// come first, with the commands.
pub fn check(environment: &str, from: &Version, to: &Release) -> Result<()> {
    let stops = stops(from, to);
    let reachable = to.from.as_ref().is_none_or(|constraint| constraint.matches(from));
    if stops.is_empty() && reachable {
        return Ok(());
    }
    let tags: Vec<String> = stops.iter().map(|stop| tag_of(stop, to)).collect();
    let mut failure = if tags.is_empty() {
        Failure::input(format!("{} cannot be reached from {from}", to.tag))
    } else {
        Failure::input(format!("{} must be verified first", tags.join(", then ")))
    };
    failure = failure.because(format!("{environment} runs {from}, {} was asked for", to.tag));
    if let Some(constraint) = to.from.as_ref().filter(|_| !reachable) {
        failure = failure.because(format!("{} can be updated to from {constraint}", to.tag));
    }
    failure = failure.because("nothing was touched");
    if tags.is_empty() {
        return Err(failure.next("ask the vendor which release lies between the two"));
    }
    for tag in tags.iter().chain([&to.tag]) {
        failure = failure.next(format!("landfall update {environment} {tag}"));
    }
    Err(failure.next(format!(
        "or all of them, each with its own approval: `landfall update {environment} {} --stops`",
        to.tag
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::kit::model::Update;

    fn release(version: &str, from: Option<&str>, stops: &[&str]) -> Release {
        Release {
            version: version.parse().unwrap(),
            tag: format!("v{version}"),
            from: from.map(|it| it.parse().unwrap()),
            stops: stops.iter().map(|it| it.parse().unwrap()).collect(),
            window: None,
            update: Update::Rolling,
            rollback: true,
        }
    }

    fn said(from: &str, to: &Release) -> String {
        check("acme", &from.parse().unwrap(), to).map_or_else(|it| it.to_string(), |()| "ok".into())
    }

    #[test]
    fn a_release_in_between_is_named_with_the_commands() {
        let to = release("1.4.0", Some(">= 1.2.0"), &["1.1.0", "1.3.0", "1.2.0"]);
        assert_eq!(said("1.3.0", &to), "ok");
        let expected = "\
error: v1.2.0, then v1.3.0 must be verified first
  because: acme runs 1.1.0, v1.4.0 was asked for
  because: v1.4.0 can be updated to from >=1.2.0
  because: nothing was touched
  next: landfall update acme v1.2.0
  next: landfall update acme v1.3.0
  next: landfall update acme v1.4.0
  next: or all of them, each with its own approval: `landfall update acme v1.4.0 --stops`";
        assert_eq!(said("1.1.0", &to), expected);
        let expected = "\
error: v2.0.0 cannot be reached from 1.0.0
  because: acme runs 1.0.0, v2.0.0 was asked for
  because: v2.0.0 can be updated to from >=1.2
  because: nothing was touched
  next: ask the vendor which release lies between the two";
        assert_eq!(said("1.0.0", &release("2.0.0", Some(">= 1.2"), &[])), expected);
    }

    #[test]
    fn a_tag_names_its_version_as_the_kit_does() {
        let like = release("1.4.0", None, &[]);
        assert_eq!(version_of("v1.0.0", &like), Some(Version::new(1, 0, 0)));
        assert_eq!(version_of("dev", &like), None);
        assert_eq!(tag_of(&Version::new(1, 0, 0), &like), "v1.0.0");
    }

    #[test]
    fn going_back_passes_nothing() {
        let to = release("1.0.0", None, &["0.9.0", "1.1.0"]);
        assert!(stops(&"1.4.0".parse().unwrap(), &to).is_empty());
    }
}
