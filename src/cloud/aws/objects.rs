//! The objects of the state bucket. Every call names the account that must own the bucket, so a
//! bucket that changed hands gets an error instead of our records.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;

use super::Aws;
use super::call::{Call, status};
use crate::cloud::Versioned;
use crate::failure::Result;

pub(super) async fn get(aws: &Aws, bucket: &str, key: &str) -> Result<Option<Versioned>> {
    let call = object_call(aws, "read", "s3:GetObject", bucket, key);
    let sent = aws
        .s3
        .get_object()
        .bucket(bucket)
        .key(key)
        .expected_bucket_owner(&aws.account)
        .send()
        .await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
            return Ok(None);
        }
        Err(error) => return Err(call.failed(&error)),
    };
    // The ETag of equal contents is equal; only the version differs with every write.
    let version = answer.version_id.filter(|version| version != "null");
    let tag = version.or(answer.e_tag).unwrap_or_default().trim_matches('"').to_owned();
    let body = answer.body.collect().await.map_err(|error| {
        call.refused("the connection broke while the object was read").caused_by(error)
    })?;
    Ok(Some(Versioned { body: body.to_vec(), tag }))
}

pub(super) async fn put(aws: &Aws, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
    let call = object_call(aws, "write", "s3:PutObject", bucket, key);
    aws.s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .expected_bucket_owner(&aws.account)
        .body(ByteStream::from(body))
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    Ok(())
}

/// Writes unless there is an object.
///
/// A write that S3 carried out although its answer got lost is repeated by the SDK and refused
/// then, because of ourselves. So a refusal is followed by a look at what is there: our own body
/// means that we wrote it.
pub(super) async fn put_if_absent(
    aws: &Aws,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
) -> Result<bool> {
    let call = object_call(aws, "write", "s3:PutObject", bucket, key);
    let sent = aws
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .expected_bucket_owner(&aws.account)
        .if_none_match("*")
        .body(ByteStream::from(body.clone()))
        .send()
        .await;
    match sent {
        Ok(_) => Ok(true),
        // 412: there is one. 409: another write of the same key was under way.
        Err(error) if matches!(status(&error), Some(409 | 412)) => {
            match get(aws, bucket, key).await? {
                Some(found) => Ok(found.body == body),
                None => Err(call
                    .refused("another one wrote and deleted it at the same moment")
                    .next("run the same command again")),
            }
        }
        Err(error) => Err(call.failed(&error)),
    }
}

pub(super) async fn delete(aws: &Aws, bucket: &str, key: &str) -> Result<()> {
    let call = object_call(aws, "delete", "s3:DeleteObject", bucket, key);
    aws.s3
        .delete_object()
        .bucket(bucket)
        .key(key)
        .expected_bucket_owner(&aws.account)
        .send()
        .await
        .map_err(|error| call.failed(&error))?;
    Ok(())
}

pub(super) async fn list(aws: &Aws, bucket: &str, prefix: &str) -> Result<Vec<String>> {
    let call = aws
        .call(
            format!("list `{prefix}` in the state bucket `{bucket}`"),
            "s3:ListBucket",
            format!("`arn:{}:s3:::{bucket}`", aws.partition()),
        )
        .denial_may_mean(owner_note(aws, bucket));
    let mut pages = aws
        .s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .expected_bucket_owner(&aws.account)
        .into_paginator()
        .send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| call.failed(&error))?;
        keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
    }
    keys.sort_unstable();
    Ok(keys)
}

fn object_call(aws: &Aws, verb: &str, right: &'static str, bucket: &str, key: &str) -> Call {
    let resource = format!("`arn:{}:s3:::{bucket}/{key}`", aws.partition());
    aws.call(format!("{verb} `{key}` in the state bucket `{bucket}`"), right, resource)
        .denial_may_mean(owner_note(aws, bucket))
}

fn owner_note(aws: &Aws, bucket: &str) -> String {
    format!("the right is missing, or bucket `{bucket}` does not belong to account {}", aws.account)
}
