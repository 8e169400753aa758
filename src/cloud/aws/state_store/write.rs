//! Making the settings of the state bucket.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    VersioningConfiguration,
};

use super::settings::Setting;
use super::{lifecycle, policy, read};
use crate::cloud::aws::Aws;
use crate::cloud::aws::call::Call;
use crate::failure::{Failure, Result};

/// Gives the bucket a setting. Policies and lifecycle rules that are there are kept.
pub(super) async fn apply(aws: &Aws, bucket: &str, setting: Setting) -> Result<()> {
    let call = setting.writing(aws, bucket);
    let (s3, owner) = (&aws.s3, &aws.account);
    match setting {
        Setting::Versioning => {
            let request = s3.put_bucket_versioning().bucket(bucket).expected_bucket_owner(owner);
            sent(&call, request.versioning_configuration(versions_kept()).send().await)
        }
        Setting::Encryption => {
            let request = s3.put_bucket_encryption().bucket(bucket).expected_bucket_owner(owner);
            let configuration = encryption().map_err(|error| malformed(&call, error))?;
            sent(&call, request.server_side_encryption_configuration(configuration).send().await)
        }
        Setting::PublicAccessBlock => {
            let request = s3.put_public_access_block().bucket(bucket).expected_bucket_owner(owner);
            sent(&call, request.public_access_block_configuration(all_blocks()).send().await)
        }
        Setting::Ownership => {
            let request = s3.put_bucket_ownership_controls().bucket(bucket);
            let controls = owner_enforced().map_err(|error| malformed(&call, error))?;
            let request = request.expected_bucket_owner(owner).ownership_controls(controls);
            sent(&call, request.send().await)
        }
        Setting::TlsOnly => {
            let current = read::current_policy(aws, bucket).await?;
            let document = policy::with_tls_only(current.as_deref(), aws.partition(), bucket)
                .map_err(|error| call.refused("its policy is not JSON").caused_by(error))?;
            let request = s3.put_bucket_policy().bucket(bucket).expected_bucket_owner(owner);
            sent(&call, request.policy(document).send().await)
        }
        Setting::Lifecycle => {
            let rules = lifecycle::with_ours(read::current_rules(aws, bucket).await?)
                .map_err(|error| malformed(&call, error))?;
            let configuration = BucketLifecycleConfiguration::builder()
                .set_rules(Some(rules))
                .build()
                .map_err(|error| malformed(&call, error))?;
            let request = s3.put_bucket_lifecycle_configuration().bucket(bucket);
            let request = request.expected_bucket_owner(owner);
            sent(&call, request.lifecycle_configuration(configuration).send().await)
        }
    }
}

fn all_blocks() -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build()
}

/// With the key of S3: a customer key would have to exist before the first layer does.
fn encryption() -> Result<ServerSideEncryptionConfiguration, BuildError> {
    let algorithm = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::Aes256)
        .build()?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(algorithm)
        .build();
    ServerSideEncryptionConfiguration::builder().rules(rule).build()
}

fn owner_enforced() -> Result<OwnershipControls, BuildError> {
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::BucketOwnerEnforced)
        .build()?;
    OwnershipControls::builder().rules(rule).build()
}

fn versions_kept() -> VersioningConfiguration {
    VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build()
}

fn sent<T, E>(call: &Call, sent: Result<T, SdkError<E, HttpResponse>>) -> Result<()>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    sent.map(drop).map_err(|error| call.failed(&error))
}

fn malformed(call: &Call, error: BuildError) -> Failure {
    call.refused("the request is incomplete").caused_by(error)
}
