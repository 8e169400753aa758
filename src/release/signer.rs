//! Who must have signed a release: `signer` in `environment.hcl`.
//!
//! Proved is that the annotated tag, which names the commit and so every byte of the kit, was signed
//! by the key of that fingerprint. Not proved: that the key is still the vendor's (there is no
//! revocation), when it signed, and who pushed the images; those are held by digest in `kit.lock`,
//! which the signature covers.

use std::path::Path;

use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::git::signature::{annotation, fingerprint, signer};

/// Fails with exit code 2 unless the tag was signed by the wanted key; gives its fingerprint,
/// `sha256:` and 64 hexadecimal digits. `annotated` is the tag as git keeps it, `None` for a plain
/// one.
pub fn check(wanted: &str, tag: &str, commit: &str, annotated: Option<&Path>) -> Result<String> {
    let wanted = fingerprint(wanted).ok_or_else(|| {
        Failure::input(format!("`signer` is {wanted:?}"))
            .because("a signer is the whole fingerprint of an SSH key")
            .next("copy it from what the vendor published, or remove the line")
    })?;
    let refused = |what: String| {
        Failure::input(what)
            .because(format!("environment.hcl wants the signature of {wanted}"))
            .because("nothing was touched")
            .next("do not install it: ask the vendor")
    };
    let Some(path) = annotated else {
        return Err(refused(format!("the tag {tag} is not signed")));
    };
    let bytes = fs::read(path)?;
    let head = annotation(&bytes);
    // A signed tag could be put under another name, or back to an older release.
    if !head.is_some_and(|head| head.tag == tag && head.object == commit) {
        return Err(refused(format!("the signature under {tag} is of another tag")));
    }
    match signer(path)? {
        Some(found) if found == wanted => Ok(found),
        Some(found) => Err(refused(format!("the tag {tag} was signed by another key, {found}"))),
        None => Err(refused(format!("the tag {tag} is not signed"))),
    }
}

/// Fails with exit code 4 if the signer is another than the one that was verified last and nobody
/// accepted that: `accepted` is `--accept-signer FINGERPRINT`, or `none` where one is given up.
/// Naming a signer for the first time needs nothing.
pub fn changed(locked: Option<&str>, wanted: Option<&str>, accepted: Option<&str>) -> Result<()> {
    let whole =
        |text: Option<&str>| text.map(|it| fingerprint(it).unwrap_or_else(|| it.to_owned()));
    let (locked, wanted) = (whole(locked), whole(wanted));
    let Some(locked) = locked.filter(|locked| Some(locked) != wanted.as_ref()) else {
        return Ok(());
    };
    let now = wanted.unwrap_or_else(|| "none".to_owned());
    if whole(accepted).as_ref() == Some(&now) {
        return Ok(());
    }
    Err(Failure::new(Exit::NotApproved, "the signer of the kit changed")
        .because(format!("last verified: {locked}"))
        .because(format!("environment.hcl: {now}"))
        .because("nothing was touched")
        .next(format!("ask the vendor; if it is right: `--accept-signer {now}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_signer_is_accepted_by_name() {
        let (a, b) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
        let (a, b) = (a.as_str(), b.as_str());
        for (locked, wanted, accepted, fine) in [
            (None, None, None, true),
            (None, Some(a), None, true),
            (Some(a), Some(a), None, true),
            (Some(a), Some(b), None, false),
            (Some(a), Some(b), Some(a), false),
            (Some(a), Some(b), Some(b), true),
            (Some(a), None, None, false),
            (Some(a), None, Some("none"), true),
        ] {
            let result = changed(locked, wanted, accepted);
            assert_eq!(result.is_ok(), fine, "{locked:?} {wanted:?} {accepted:?}");
        }
        let failure = changed(Some(a), Some(b), None).expect_err("it changed");
        assert_eq!(failure.exit(), Exit::NotApproved);
    }
}
