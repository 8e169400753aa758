//! Reading the settings of the state bucket.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, LifecycleRule, ObjectOwnership, PublicAccessBlockConfiguration,
};

use super::settings::Setting;
use super::{lifecycle, policy};
use crate::cloud::aws::Aws;
use crate::cloud::aws::call::{Call, status};
use crate::failure::Result;

/// Those of `wanted` that the bucket does not have.
pub(super) async fn missing(aws: &Aws, bucket: &str, wanted: &[Setting]) -> Result<Vec<Setting>> {
    let mut missing = Vec::new();
    for setting in wanted {
        if !holds(aws, bucket, *setting).await? {
            missing.push(*setting);
        }
    }
    Ok(missing)
}

async fn holds(aws: &Aws, bucket: &str, setting: Setting) -> Result<bool> {
    let (s3, owner) = (&aws.s3, &aws.account);
    let call = &setting.reading(aws, bucket);
    Ok(match setting {
        Setting::Versioning => {
            let sent = s3.get_bucket_versioning().bucket(bucket).expected_bucket_owner(owner);
            let answer = sent.send().await.map_err(|error| call.failed(&error))?;
            answer.status == Some(BucketVersioningStatus::Enabled)
        }
        Setting::Encryption => {
            let sent = s3.get_bucket_encryption().bucket(bucket).expected_bucket_owner(owner);
            let answer = unless_never_made(call, sent.send().await)?;
            let rules = answer.and_then(|answer| answer.server_side_encryption_configuration);
            rules.is_some_and(|configuration| {
                configuration
                    .rules
                    .iter()
                    .any(|rule| rule.apply_server_side_encryption_by_default.is_some())
            })
        }
        Setting::PublicAccessBlock => {
            let sent = s3.get_public_access_block().bucket(bucket).expected_bucket_owner(owner);
            let answer = unless_never_made(call, sent.send().await)?;
            let blocks = answer.and_then(|answer| answer.public_access_block_configuration);
            blocks.is_some_and(|blocks| all_blocks(&blocks))
        }
        Setting::Ownership => {
            let sent = s3.get_bucket_ownership_controls().bucket(bucket);
            let answer = unless_never_made(call, sent.expected_bucket_owner(owner).send().await)?;
            let controls = answer.and_then(|answer| answer.ownership_controls);
            controls.is_some_and(|controls| {
                controls
                    .rules
                    .iter()
                    .all(|rule| rule.object_ownership == ObjectOwnership::BucketOwnerEnforced)
            })
        }
        Setting::TlsOnly => {
            let document = current_policy(aws, bucket).await?;
            document.is_some_and(|document| {
                policy::denies_plain_http(&document, aws.partition(), bucket)
            })
        }
        Setting::Lifecycle => lifecycle::complete(&current_rules(aws, bucket).await?),
    })
}

/// The policy document; `None` if there is none.
pub(super) async fn current_policy(aws: &Aws, bucket: &str) -> Result<Option<String>> {
    let call = Setting::TlsOnly.reading(aws, bucket);
    let request = aws.s3.get_bucket_policy().bucket(bucket).expected_bucket_owner(&aws.account);
    Ok(unless_never_made(&call, request.send().await)?.and_then(|answer| answer.policy))
}

/// The lifecycle rules; empty if there are none.
pub(super) async fn current_rules(aws: &Aws, bucket: &str) -> Result<Vec<LifecycleRule>> {
    let call = Setting::Lifecycle.reading(aws, bucket);
    let request = aws.s3.get_bucket_lifecycle_configuration().bucket(bucket);
    let answer =
        unless_never_made(&call, request.expected_bucket_owner(&aws.account).send().await)?;
    Ok(answer.and_then(|answer| answer.rules).unwrap_or_default())
}

fn all_blocks(blocks: &PublicAccessBlockConfiguration) -> bool {
    [
        blocks.block_public_acls,
        blocks.ignore_public_acls,
        blocks.block_public_policy,
        blocks.restrict_public_buckets,
    ]
    .iter()
    .all(|block| *block == Some(true))
}

/// An answer, or `None` where S3 says 404 for a setting that was never made. That the bucket is
/// there was seen before.
fn unless_never_made<T, E>(
    call: &Call,
    sent: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match sent {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if status(&error) == Some(404) && error.code() != Some("NoSuchBucket") => {
            Ok(None)
        }
        Err(error) => Err(call.failed(&error)),
    }
}
