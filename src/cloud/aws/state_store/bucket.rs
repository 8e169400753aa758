//! The bucket itself: is it there, is it ours, make it, and see that its settings hold.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::create_bucket::CreateBucketError;
use aws_sdk_s3::operation::head_bucket::HeadBucketError;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership, Tag, Tagging,
};

use super::settings::Setting;
use super::{read, write};
use crate::cloud::StateStore;
use crate::cloud::aws::Aws;
use crate::cloud::aws::call::Call;
use crate::failure::{Failure, Result};

/// How often the settings are read back: S3 brings them to all its servers within seconds.
const READS: u32 = 20;

/// The region whose buckets have no `LocationConstraint`.
const HOME_OF_S3: &str = "us-east-1";

type HeadError = SdkError<HeadBucketError, aws_sdk_s3::config::http::HttpResponse>;

/// The bucket as it is; `None` if there is none.
pub(in crate::cloud::aws) async fn find(aws: &Aws, bucket: &str) -> Result<Option<StateStore>> {
    if !exists(aws, bucket).await? {
        return Ok(None);
    }
    let missing = read::missing(aws, bucket, &Setting::SHOWN).await?;
    Ok(Some(state_store(bucket, false, &missing)))
}

/// Makes the bucket if it is absent and gives it each setting that it lacks. What a person set
/// beyond that is kept.
pub(in crate::cloud::aws) async fn ensure(aws: &Aws, bucket: &str) -> Result<StateStore> {
    let created = !exists(aws, bucket).await? && create(aws, bucket).await?;
    if created {
        tag(aws, bucket).await?;
    }
    let mut missing = read::missing(aws, bucket, &Setting::ALL).await?;
    for setting in &missing {
        write::apply(aws, bucket, *setting).await?;
    }
    for _ in 0..READS {
        missing = read::missing(aws, bucket, &missing).await?;
        if missing.is_empty() {
            return Ok(state_store(bucket, created, &missing));
        }
        tokio::time::sleep(aws.settle).await;
    }
    Err(not_settled(bucket, &missing))
}

fn state_store(bucket: &str, created: bool, missing: &[Setting]) -> StateStore {
    StateStore {
        bucket: bucket.to_owned(),
        created,
        versioned: !missing.contains(&Setting::Versioning),
        encrypted: !missing.contains(&Setting::Encryption),
        private: !missing.contains(&Setting::PublicAccessBlock),
    }
}

fn not_settled(bucket: &str, missing: &[Setting]) -> Failure {
    let mut failure =
        Failure::failed(format!("the state bucket `{bucket}` does not keep its settings"));
    for setting in missing {
        failure = failure.because(format!("{} was set, and reads back as not set", setting.name()));
    }
    failure.next("see in CloudTrail who changes the bucket, then run the same command again")
}

async fn exists(aws: &Aws, bucket: &str) -> Result<bool> {
    let call = aws
        .call(
            format!("look for the state bucket `{bucket}`"),
            "s3:ListBucket",
            format!("`arn:{}:s3:::{bucket}`", aws.partition()),
        )
        .denial_may_mean(taken_note(aws));
    let sent = aws.s3.head_bucket().bucket(bucket).expected_bucket_owner(&aws.account).send().await;
    match sent {
        Ok(_) => Ok(true),
        Err(error) => absent(aws, bucket, &call, &error).map(|()| false),
    }
}

/// `HeadBucket` answers without a body: the status says it all.
fn absent(aws: &Aws, bucket: &str, call: &Call, error: &HeadError) -> Result<()> {
    let response = error.raw_response();
    let region = response.and_then(|response| response.headers().get("x-amz-bucket-region"));
    match response.map(|response| response.status().as_u16()) {
        Some(404) => Ok(()),
        Some(301) => {
            Err(Failure::failed(format!("the state bucket `{bucket}` exists in another region"))
                .because(format!(
                    "it is in {}, the target is {}",
                    region.unwrap_or("a region that S3 does not name"),
                    aws.region
                ))
                .because(taken_note(aws))
                .next(another_name()))
        }
        Some(403) => Err(call.failed(error).next(format!(
            "if the bucket is not account {}'s, do not use it: {}",
            aws.account,
            another_name()
        ))),
        _ => Err(call.failed(error)),
    }
}

/// Makes the bucket; `false` if it turned out to be there and ours.
async fn create(aws: &Aws, bucket: &str) -> Result<bool> {
    let call = aws.call(
        format!("make the state bucket `{bucket}`"),
        "s3:CreateBucket",
        format!("`arn:{}:s3:::{bucket}`", aws.partition()),
    );
    let place = (aws.region != HOME_OF_S3).then(|| {
        CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(aws.region.as_str()))
            .build()
    });
    let sent = aws
        .s3
        .create_bucket()
        .bucket(bucket)
        .set_create_bucket_configuration(place)
        .object_ownership(ObjectOwnership::BucketOwnerEnforced)
        .send()
        .await;
    let Err(error) = sent else { return Ok(true) };
    match error.as_service_error() {
        Some(CreateBucketError::BucketAlreadyOwnedByYou(_)) => Ok(false),
        Some(CreateBucketError::BucketAlreadyExists(_)) => {
            Err(call.failed(&error).because(taken_note(aws)).next(another_name()))
        }
        _ => Err(call.failed(&error)),
    }
}

/// Tells the account's owner what this bucket is. Only on a bucket that we made: tags are
/// replaced as a whole.
async fn tag(aws: &Aws, bucket: &str) -> Result<()> {
    let call = aws.call(
        format!("tag the state bucket `{bucket}`"),
        "s3:PutBucketTagging",
        format!("`arn:{}:s3:::{bucket}`", aws.partition()),
    );
    let tags = [("managed-by", "landfall"), ("purpose", "terraform-state")];
    let tags: Result<Vec<Tag>, _> =
        tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
    let tagging = tags.and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build());
    let tagging = tagging.map_err(|error| call.refused("its tags are wrong").caused_by(error))?;
    aws.s3
        .put_bucket_tagging()
        .bucket(bucket)
        .expected_bucket_owner(&aws.account)
        .tagging(tagging)
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    Ok(())
}

fn taken_note(aws: &Aws) -> String {
    format!(
        "bucket names are global: someone outside account {} may have taken this one (squatting)",
        aws.account
    )
}

fn another_name() -> &'static str {
    "choose another name in environment.hcl: `state { bucket = \"...\" }`"
}
