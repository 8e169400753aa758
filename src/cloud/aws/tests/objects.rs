//! Objects of the state bucket: versions, conditional writes, absence, other people's buckets.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use wiremock::matchers::{body_string, header, query_param, query_param_is_missing};
use wiremock::{MockBuilder, ResponseTemplate};

use super::{REGION, Stand, aws, config, owned, s3_error, xml};
use crate::cloud::{Cloud, Versioned};

const LOCK: &str = "/states/run.lock";

fn write_if_absent() -> MockBuilder {
    owned("PUT", LOCK).and(header("if-none-match", "*")).and(body_string("mine"))
}

fn holds(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(body).insert_header("etag", "\"d41d8\"")
}

#[tokio::test]
async fn an_object_comes_with_its_version() {
    let stand = Stand::new().await;
    stand.s3(owned("GET", LOCK), holds("x").insert_header("x-amz-version-id", "v7")).await;
    let found = stand.aws.get_object("states", "run.lock").await.unwrap();
    assert_eq!(found, Some(Versioned { body: b"x".to_vec(), tag: "v7".to_owned() }));
}

#[tokio::test]
async fn without_versions_the_tag_is_the_checksum() {
    let stand = Stand::new().await;
    stand.s3(owned("GET", LOCK), holds("x").insert_header("x-amz-version-id", "null")).await;
    let found = stand.aws.get_object("states", "run.lock").await.unwrap().unwrap();
    assert_eq!(found.tag, "d41d8");
}

#[tokio::test]
async fn an_absent_object_is_none_but_an_absent_bucket_is_a_failure() {
    let stand = Stand::new().await;
    stand.s3(owned("GET", LOCK), s3_error(404, "NoSuchKey")).await;
    assert_eq!(stand.aws.get_object("states", "run.lock").await.unwrap(), None);
    stand.s3(owned("GET", LOCK), s3_error(404, "NoSuchBucket")).await;
    let failure = stand.aws.get_object("states", "run.lock").await.unwrap_err();
    assert_eq!(failure.what(), "cannot read `run.lock` in the state bucket `states`");
}

#[tokio::test]
async fn writing_and_deleting_name_the_owner() {
    let stand = Stand::new().await;
    stand.s3(owned("PUT", LOCK).and(body_string("mine")), ResponseTemplate::new(200)).await;
    stand.aws.put_object("states", "run.lock", b"mine".to_vec()).await.unwrap();
    stand.s3(owned("DELETE", LOCK), ResponseTemplate::new(204)).await;
    stand.aws.delete_object("states", "run.lock").await.unwrap();
}

#[tokio::test]
async fn a_free_name_is_taken() {
    let stand = Stand::new().await;
    stand.s3(write_if_absent(), ResponseTemplate::new(200)).await;
    assert!(stand.aws.put_object_if_absent("states", "run.lock", b"mine".to_vec()).await.unwrap());
}

#[tokio::test]
async fn a_taken_name_is_left_alone() {
    for status in [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")] {
        let stand = Stand::new().await;
        stand.s3(write_if_absent(), s3_error(status.0, status.1)).await;
        stand.s3(owned("GET", LOCK), holds("theirs")).await;
        assert!(
            !stand.aws.put_object_if_absent("states", "run.lock", b"mine".to_vec()).await.unwrap()
        );
    }
}

#[tokio::test]
async fn our_own_write_whose_answer_got_lost_counts_as_ours() {
    let stand = Stand::new().await;
    stand.s3(write_if_absent(), s3_error(500, "InternalError")).await;
    stand.s3(write_if_absent(), s3_error(412, "PreconditionFailed")).await;
    stand.s3(owned("GET", LOCK), holds("mine")).await;
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = config(&stand.server.uri(), REGION).into_builder().retry_config(retries).build();
    let written = aws(&config).put_object_if_absent("states", "run.lock", b"mine".to_vec()).await;
    assert!(written.unwrap());
}

#[tokio::test]
async fn a_name_that_came_and_went_is_a_failure_with_a_way_on() {
    let stand = Stand::new().await;
    stand.s3(write_if_absent(), s3_error(409, "ConditionalRequestConflict")).await;
    stand.s3(owned("GET", LOCK), s3_error(404, "NoSuchKey")).await;
    let failure =
        stand.aws.put_object_if_absent("states", "run.lock", b"mine".to_vec()).await.unwrap_err();
    assert!(failure.to_string().contains("next: run the same command again"));
}

#[tokio::test]
async fn a_listing_has_all_pages_sorted() {
    let stand = Stand::new().await;
    let list = || owned("GET", "/states/").and(query_param("prefix", "records/"));
    let first = "<ListBucketResult><IsTruncated>true</IsTruncated>\
                 <NextContinuationToken>more</NextContinuationToken>\
                 <Contents><Key>records/b</Key></Contents></ListBucketResult>";
    let second = "<ListBucketResult><IsTruncated>false</IsTruncated>\
                  <Contents><Key>records/a</Key></Contents></ListBucketResult>";
    stand.s3(list().and(query_param_is_missing("continuation-token")), xml(first)).await;
    stand.s3(list().and(query_param("continuation-token", "more")), xml(second)).await;
    let keys = stand.aws.list_objects("states", "records/").await.unwrap();
    assert_eq!(keys, ["records/a", "records/b"]);
}

#[tokio::test]
async fn a_denied_write_names_the_right_the_object_and_the_owner() {
    let stand = Stand::new().await;
    stand.s3(owned("PUT", LOCK), s3_error(403, "AccessDenied")).await;
    let failure = stand.aws.put_object("states", "run.lock", b"mine".to_vec()).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "error: cannot write `run.lock` in the state bucket `states`\
         \n  because: AWS says AccessDenied: AccessDenied in words (account 111122223333, \
         eu-central-1, request id req-1)\
         \n  because: the right is missing, or bucket `states` does not belong to account \
         111122223333\
         \n  next: ask the admin of account 111122223333 for `s3:PutObject` on \
         `arn:aws:s3:::states/run.lock`"
    );
}
