//! A pinned tag is the same bytes for ever (G3): what is found under it is held against what was
//! verified under it.

use crate::failure::{Failure, Result};

/// What a tag stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// `v1.0.0`.
    pub tag: String,
    /// The git commit; `None` for a kit that lies in a folder.
    pub commit: Option<String>,
    /// Hash of the kit's tree: `sha256:...`.
    pub tree: String,
    /// Hash of `kit.lock`: `sha256:...`.
    pub lock: String,
}

/// The release that waives the hashes: its bytes may change.
const DEV: &str = "dev";

/// Fails with exit code 2 and every moved value, old and new, if the same tag now stands for
/// something else. Another tag is another release and nothing that moved.
pub fn check(locked: &Pinned, found: &Pinned) -> Result<()> {
    if locked.tag != found.tag || found.tag == DEV {
        return Ok(());
    }
    let both = locked.commit.as_ref().zip(found.commit.as_ref());
    let commits = both.map(|(locked, found)| ("the git commit", locked, found));
    let hashes =
        [("the kit's tree", &locked.tree, &found.tree), ("kit.lock", &locked.lock, &found.lock)];
    let moved = commits.into_iter().chain(hashes).filter(|(_, locked, found)| locked != found);
    let lines: Vec<String> =
        moved.map(|(what, locked, found)| format!("{what} was {locked}, is now {found}")).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let what = format!("the release {} moved: it is no longer what was verified", found.tag);
    let failure = lines.into_iter().fold(Failure::input(what), Failure::because);
    Err(failure
        .because("a pinned tag is the same bytes for ever (G3); nothing was touched")
        .next("ask the vendor why it moved; what is changed is released under a new tag"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(tag: &str, commit: Option<&str>, tree: &str, lock: &str) -> Pinned {
        Pinned {
            tag: tag.to_owned(),
            commit: commit.map(str::to_owned),
            tree: tree.to_owned(),
            lock: lock.to_owned(),
        }
    }

    #[test]
    fn the_same_tag_is_the_same_bytes() {
        let locked = pinned("v1.0.0", Some("c1"), "t1", "l1");
        let cases = [
            (locked.clone(), &[][..]),
            (pinned("v1.1.0", Some("c2"), "t2", "l2"), &[]),
            // A checkout of it beside the environment has no commit to compare.
            (pinned("v1.0.0", None, "t1", "l1"), &[]),
            (pinned("v1.0.0", Some("c2"), "t1", "l1"), &["commit was c1, is now c2"]),
            (pinned("v1.0.0", None, "t2", "l1"), &["tree was t1, is now t2"]),
            (
                pinned("v1.0.0", Some("c2"), "t2", "l2"),
                &["was c1, is now c2", "was t1, is now t2", "was l1, is now l2"],
            ),
        ];
        for (found, told) in cases {
            let text = check(&locked, &found).err().map(|failure| failure.to_string());
            assert_eq!(text.is_some(), !told.is_empty(), "{found:?}");
            let text = text.unwrap_or_default();
            assert!(told.iter().all(|part| text.contains(part)), "{text}");
            assert_eq!(text.matches("is now").count(), told.len(), "{text}");
        }
        let dev = pinned("dev", None, "t1", "l1");
        assert!(check(&dev, &pinned("dev", None, "t2", "l2")).is_ok());
    }
}
