//! G3: a tag that was verified names the same bytes for ever.

use crate::failure::{Failure, Result};
use crate::receipt::ReleaseRecord;

/// The release that is not pinned.
const DEV: &str = "dev";

/// Fails if the wanted release has the tag of the locked one, and is another; with both values.
pub(super) fn check(locked: &ReleaseRecord, wanted: &ReleaseRecord) -> Result<()> {
    if locked.tag != wanted.tag || locked.tag == DEV {
        return Ok(());
    }
    let commit = |record: &ReleaseRecord| record.commit.clone().unwrap_or_default();
    let both_fetched = locked.commit.is_some() && wanted.commit.is_some();
    let parts = [
        ("git commit", commit(locked), commit(wanted), both_fetched),
        ("files", locked.tree.clone(), wanted.tree.clone(), true),
        ("kit.lock", locked.lock.clone(), wanted.lock.clone(), true),
    ];
    let moved: Vec<_> =
        parts.into_iter().filter(|(_, locked, wanted, known)| *known && locked != wanted).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let failure = moved.into_iter().fold(
        Failure::input(format!("the tag {} has moved", wanted.tag)),
        |failure, (what, locked, wanted, _)| {
            failure
                .because(format!("its {what} was {locked} when it was verified, now is {wanted}"))
        },
    );
    Err(failure
        .because("nothing was touched: a release is the same bytes for ever")
        .next("ask the vendor who moved the tag, and for a release with a tag of its own"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(tag: &str, commit: Option<&str>, tree: &str) -> ReleaseRecord {
        ReleaseRecord {
            kit: "ledger".into(),
            tag: tag.into(),
            commit: commit.map(str::to_owned),
            tree: tree.into(),
            lock: "sha256:cc".into(),
            workspace: "sha256:dd".into(),
        }
    }

    #[test]
    fn a_moved_tag_is_told_with_both_values() {
        let locked = record("v1.0.0", Some("1111"), "sha256:aa");
        assert!(check(&locked, &locked).is_ok());
        assert!(check(&locked, &record("v1.1.0", Some("2222"), "sha256:bb")).is_ok());
        assert!(check(&locked, &record("v1.0.0", None, "sha256:aa")).is_ok(), "a folder has none");
        let failure = check(&locked, &record("v1.0.0", Some("2222"), "sha256:bb")).err();
        insta::assert_snapshot!(failure.map(|it| it.to_string()).unwrap_or_default(), @"");
    }
}
