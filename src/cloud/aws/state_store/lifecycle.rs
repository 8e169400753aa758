//! Expiry in the state bucket. Every lock leaves a version and a delete marker behind, so locks
//! would outnumber states a thousand to one; old states are what a rescue needs, so the newest of
//! them stay for good.

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration,
};

/// Days until an old version goes, unless it is one of the newest.
const VERSION_DAYS: i32 = 365;
/// Old versions of an object that stay whatever their age.
const NEWEST_VERSIONS: i32 = 30;
/// Days until a spent lock goes.
const LOCK_DAYS: i32 = 1;
/// Days until the parts of a broken upload go.
const UPLOAD_DAYS: i32 = 7;

/// The names of our rules begin with it.
const OURS: &str = "landfall-";
/// Locks: our own, and what terraform writes beside the state of each layer. S3 filters by prefix
/// only, so each has a rule.
const LOCKS: [&str; 4] =
    ["run.lock", "foundation.tfstate.tflock", "jobs.tfstate.tflock", "services.tfstate.tflock"];

/// Whether the rules hold all of ours, switched on.
pub(super) fn complete(rules: &[LifecycleRule]) -> bool {
    ids().all(|id| {
        rules
            .iter()
            .any(|rule| rule.id.as_deref() == Some(&id) && rule.status == ExpirationStatus::Enabled)
    })
}

/// The rules with ours; those of others are kept.
pub(super) fn with_ours(mut rules: Vec<LifecycleRule>) -> Result<Vec<LifecycleRule>, BuildError> {
    rules.retain(|rule| !rule.id.as_deref().unwrap_or_default().starts_with(OURS));
    rules.push(old_versions()?);
    for lock in LOCKS {
        rules.push(spent_lock(lock)?);
    }
    Ok(rules)
}

fn ids() -> impl Iterator<Item = String> {
    std::iter::once("old-versions").chain(LOCKS).map(|name| format!("{OURS}{name}"))
}

fn old_versions() -> Result<LifecycleRule, BuildError> {
    LifecycleRule::builder()
        .id(format!("{OURS}old-versions"))
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder()
                .noncurrent_days(VERSION_DAYS)
                .newer_noncurrent_versions(NEWEST_VERSIONS)
                .build(),
        )
        .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(UPLOAD_DAYS).build(),
        )
        .build()
}

fn spent_lock(key: &str) -> Result<LifecycleRule, BuildError> {
    LifecycleRule::builder()
        .id(format!("{OURS}{key}"))
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(key).build())
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder().noncurrent_days(LOCK_DAYS).build(),
        )
        .build()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_rules_of_others_are_kept_and_ours_are_made_anew() {
        let theirs = LifecycleRule::builder().id("audit").status(ExpirationStatus::Enabled);
        let off = LifecycleRule::builder().id("landfall-run.lock");
        let rules =
            vec![theirs.build().unwrap(), off.status(ExpirationStatus::Disabled).build().unwrap()];
        assert!(!complete(&rules));
        let once = with_ours(rules).unwrap();
        assert!(complete(&once));
        assert_eq!(once[0].id(), Some("audit"));
        assert_eq!(once.len(), 2 + LOCKS.len());
        assert_eq!(with_ours(once.clone()).unwrap(), once);
        let mut off = once;
        off[2].status = ExpirationStatus::Disabled;
        assert!(!complete(&off), "a rule that is switched off does nothing");
    }
}
