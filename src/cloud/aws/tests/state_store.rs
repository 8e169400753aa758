//! The state bucket: made, completed, left alone, or refused.

use serde_json::Value;
use wiremock::matchers::{
    body_string_contains, header, query_param_contains, query_param_is_missing,
};
use wiremock::{Match, MockBuilder, Request, ResponseTemplate};

use super::{Stand, owned, s3_error, xml};
use crate::cloud::{Cloud, StateStore};

const BUCKET: &str = "/states/";

/// What each setting is called in the query, what S3 says when it was never made, how it reads
/// when it is set, and what the request that sets it must hold.
const SETTINGS: [(&str, Option<&str>, &str, &str); 5] = [
    (
        "publicAccessBlock",
        Some("NoSuchPublicAccessBlockConfiguration"),
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
         <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
         <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
        "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
         <BlockPublicPolicy>true</BlockPublicPolicy>\
         <RestrictPublicBuckets>true</RestrictPublicBuckets>",
    ),
    (
        "ownershipControls",
        Some("OwnershipControlsNotFoundError"),
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>\
         </OwnershipControls>",
        "<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>",
    ),
    (
        "encryption",
        Some("ServerSideEncryptionConfigurationNotFoundError"),
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
         </ServerSideEncryptionConfiguration>",
        "<SSEAlgorithm>AES256</SSEAlgorithm>",
    ),
    (
        "versioning",
        None,
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        "<Status>Enabled</Status>",
    ),
    (
        "lifecycle",
        Some("NoSuchLifecycleConfiguration"),
        "<LifecycleConfiguration>\
         <Rule><ID>landfall-old-versions</ID><Status>Enabled</Status></Rule>\
         <Rule><ID>landfall-run.lock</ID><Status>Enabled</Status></Rule>\
         <Rule><ID>landfall-foundation.tfstate.tflock</ID><Status>Enabled</Status></Rule>\
         <Rule><ID>landfall-jobs.tfstate.tflock</ID><Status>Enabled</Status></Rule>\
         <Rule><ID>landfall-services.tfstate.tflock</ID><Status>Enabled</Status></Rule>\
         </LifecycleConfiguration>",
        "<Filter><Prefix>run.lock</Prefix></Filter>",
    ),
];

fn setting(verb: &str, name: &str) -> MockBuilder {
    owned(verb, BUCKET).and(query_param_contains(name, ""))
}

fn policy() -> String {
    serde_json::json!({ "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::states", "arn:aws:s3:::states/*"],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } }] })
    .to_string()
}

/// A policy whose only statement denies plain HTTP.
struct TlsOnly;

impl Match for TlsOnly {
    fn matches(&self, request: &Request) -> bool {
        let Ok(document) = serde_json::from_slice::<Value>(&request.body) else { return false };
        document["Statement"].as_array().is_some_and(|all| all.len() == 1)
            && document["Statement"][0]["Effect"] == "Deny"
            && document["Statement"][0]["Condition"]["Bool"]["aws:SecureTransport"] == "false"
            && document["Statement"][0]["Resource"][1] == "arn:aws:s3:::states/*"
    }
}

impl Stand {
    async fn head(&self, answer: ResponseTemplate) {
        self.s3(owned("HEAD", BUCKET), answer).await;
    }

    async fn reads_as_set(&self) {
        for (name, _, set, _) in SETTINGS {
            self.s3(setting("GET", name), xml(set)).await;
        }
        let answer = ResponseTemplate::new(200).set_body_string(policy());
        self.s3(setting("GET", "policy"), answer).await;
    }

    async fn reads_as_never_made(&self) {
        for (name, code, ..) in SETTINGS {
            self.s3(setting("GET", name), never_made(code)).await;
        }
        self.s3(setting("GET", "policy"), s3_error(404, "NoSuchBucketPolicy")).await;
    }

    /// Each setting is written once, with the body that it needs.
    async fn takes_settings(&self) {
        for (name, _, _, body) in SETTINGS {
            let request = setting("PUT", name).and(body_string_contains(body));
            self.s3(request, ResponseTemplate::new(200)).await;
        }
        self.s3(setting("PUT", "policy").and(TlsOnly), ResponseTemplate::new(204)).await;
    }

    async fn takes_tags(&self) {
        let request = setting("PUT", "tagging")
            .and(body_string_contains("<Key>managed-by</Key><Value>landfall</Value>"));
        self.s3(request, ResponseTemplate::new(204)).await;
    }

    /// A bucket is made; this call alone cannot name an owner.
    fn create() -> MockBuilder {
        wiremock::Mock::given(wiremock::matchers::method("PUT"))
            .and(wiremock::matchers::path(BUCKET))
            .and(header("x-amz-object-ownership", "BucketOwnerEnforced"))
            .and(query_param_is_missing("tagging"))
    }
}

fn never_made(code: Option<&str>) -> ResponseTemplate {
    match code {
        Some(code) => s3_error(404, code),
        None => xml("<VersioningConfiguration/>"),
    }
}

fn complete(created: bool) -> StateStore {
    let bucket = "states".to_owned();
    StateStore { bucket, created, versioned: true, encrypted: true, private: true }
}

#[tokio::test]
async fn an_absent_bucket_is_made_with_every_setting_and_read_back() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(404)).await;
    let place = "<LocationConstraint>eu-central-1</LocationConstraint>";
    stand.s3(Stand::create().and(body_string_contains(place)), ResponseTemplate::new(200)).await;
    stand.takes_tags().await;
    stand.reads_as_never_made().await;
    // Policy and rules of others are read again right before ours join them.
    stand.s3(setting("GET", "policy"), s3_error(404, "NoSuchBucketPolicy")).await;
    let none = s3_error(404, "NoSuchLifecycleConfiguration");
    stand.s3(setting("GET", "lifecycle"), none).await;
    stand.takes_settings().await;
    stand.reads_as_set().await;
    assert_eq!(stand.aws.ensure_state_store("states", None).await.unwrap(), complete(true));
}

#[tokio::test]
async fn the_home_region_of_s3_takes_no_location_constraint() {
    let stand = Stand::in_region("us-east-1").await;
    stand.head(ResponseTemplate::new(404)).await;
    stand.s3(Stand::create().and(NoBody), ResponseTemplate::new(200)).await;
    stand.takes_tags().await;
    stand.reads_as_set().await;
    assert_eq!(stand.aws.ensure_state_store("states", None).await.unwrap(), complete(true));
}

struct NoBody;

impl Match for NoBody {
    fn matches(&self, request: &Request) -> bool {
        request.body.is_empty()
    }
}

#[tokio::test]
async fn a_bucket_that_has_it_all_is_only_read() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(200)).await;
    stand.reads_as_set().await;
    assert_eq!(stand.aws.ensure_state_store("states", None).await.unwrap(), complete(false));
}

#[tokio::test]
async fn a_setting_that_takes_a_moment_is_waited_for() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(200)).await;
    let (name, code, set, body) = SETTINGS[3];
    for _ in 0..3 {
        stand.s3(setting("GET", name), never_made(code)).await;
    }
    stand
        .s3(setting("PUT", name).and(body_string_contains(body)), ResponseTemplate::new(200))
        .await;
    stand.s3(setting("GET", name), xml(set)).await;
    for (name, _, set, _) in SETTINGS.iter().filter(|(other, ..)| *other != name) {
        stand.s3(setting("GET", name), xml(set)).await;
    }
    let answer = ResponseTemplate::new(200).set_body_string(policy());
    stand.s3(setting("GET", "policy"), answer).await;
    assert_eq!(stand.aws.ensure_state_store("states", None).await.unwrap(), complete(false));
}

#[tokio::test]
async fn a_setting_that_never_holds_is_named() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(200)).await;
    let (name, code, ..) = SETTINGS[0];
    setting("GET", name).respond_with(never_made(code)).mount(&stand.server).await;
    stand.s3(setting("PUT", name), ResponseTemplate::new(200)).await;
    for (name, _, set, _) in &SETTINGS[1..] {
        stand.s3(setting("GET", name), xml(set)).await;
    }
    let answer = ResponseTemplate::new(200).set_body_string(policy());
    stand.s3(setting("GET", "policy"), answer).await;
    let failure = stand.aws.ensure_state_store("states", None).await.unwrap_err();
    assert_eq!(failure.what(), "the state bucket `states` does not keep its settings");
    assert_eq!(failure.reasons(), ["public access block was set, and reads back as not set"]);
}

#[tokio::test]
async fn reading_says_what_is_missing_and_makes_nothing() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(200)).await;
    for (name, code, ..) in [SETTINGS[0], SETTINGS[3]] {
        stand.s3(setting("GET", name), never_made(code)).await;
    }
    stand.s3(setting("GET", "encryption"), xml(SETTINGS[2].2)).await;
    let found = stand.aws.state_store("states").await.unwrap();
    let expected = StateStore { versioned: false, private: false, ..complete(false) };
    assert_eq!(found, Some(expected));
}

#[tokio::test]
async fn no_bucket_is_no_error() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(404)).await;
    assert_eq!(stand.aws.state_store("states").await.unwrap(), None);
}

#[tokio::test]
async fn a_bucket_of_another_account_is_refused_by_name_with_the_remedy() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(403)).await;
    let text = stand.aws.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(
        text.contains("someone outside account 111122223333 may have taken this one"),
        "{text}"
    );
    assert!(text.contains("ask the admin of account 111122223333 for `s3:ListBucket`"), "{text}");
    assert!(text.contains("state { bucket = \"...\" }"), "{text}");
}

#[tokio::test]
async fn a_bucket_in_another_region_is_refused_with_both_regions() {
    let stand = Stand::new().await;
    let moved = ResponseTemplate::new(301).insert_header("x-amz-bucket-region", "us-west-2");
    stand.head(moved).await;
    let text = stand.aws.state_store("states").await.unwrap_err().to_string();
    assert!(text.contains("it is in us-west-2, the target is eu-central-1"), "{text}");
    assert!(text.contains("squatting"), "{text}");
}

#[tokio::test]
async fn a_name_that_someone_took_between_look_and_make_is_refused() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(404)).await;
    stand.s3(Stand::create(), s3_error(409, "BucketAlreadyExists")).await;
    let text = stand.aws.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(text.contains("cannot make the state bucket `states`"), "{text}");
    assert!(text.contains("squatting"), "{text}");
}

#[tokio::test]
async fn a_bucket_that_a_colleague_made_meanwhile_is_taken_as_found() {
    let stand = Stand::new().await;
    stand.head(ResponseTemplate::new(404)).await;
    stand.s3(Stand::create(), s3_error(409, "BucketAlreadyOwnedByYou")).await;
    stand.reads_as_set().await;
    assert_eq!(stand.aws.ensure_state_store("states", None).await.unwrap(), complete(false));
}
