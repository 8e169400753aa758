//! The state bucket: made, completed, left alone, or refused (`storage.v1#Bucket`).

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, body_partial_json, query_param};

use super::{NUMBER, Stand, asked, denied, not_found, ok};
use crate::cloud::Cloud;

const BUCKET: &str = "/storage/v1/b/states";

/// A bucket with all settings, as Cloud Storage answers.
fn complete() -> Value {
    json!({
        "kind": "storage#bucket", "name": "states", "projectNumber": NUMBER,
        "location": "EUROPE-WEST3", "locationType": "region", "metageneration": "3",
        "iamConfiguration": { "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": { "enabled": true, "lockedTime": "2026-01-01T00:00:00Z" } },
        "versioning": { "enabled": true },
        "lifecycle": { "rule": [
            { "action": { "type": "Delete" },
              "condition": { "daysSinceNoncurrentTime": 365, "numNewerVersions": 30 } },
            { "action": { "type": "Delete" },
              "condition": { "daysSinceNoncurrentTime": 1,
                "matchesSuffix": ["run.lock", ".tflock"] } },
            { "action": { "type": "AbortIncompleteMultipartUpload" },
              "condition": { "age": 7 } }] },
    })
}

fn bare() -> Value {
    let theirs = json!({ "action": { "type": "Delete" }, "condition": { "age": 9000 } });
    json!({ "projectNumber": NUMBER, "location": "EUROPE-WEST3", "metageneration": "3",
        "iamConfiguration": { "publicAccessPrevention": "inherited",
            "uniformBucketLevelAccess": { "enabled": false } },
        "lifecycle": { "rule": [theirs] } })
}

#[tokio::test]
async fn a_complete_bucket_is_left_alone() {
    let stand = Stand::new().await;
    stand.get(BUCKET, complete()).await;
    let found = stand.gcp.ensure_state_store("states", None).await.unwrap();
    assert!(!found.created && found.versioned && found.encrypted && found.private);
}

#[tokio::test]
async fn an_absent_bucket_is_none_and_can_be_made() {
    let stand = Stand::new().await;
    stand.get_refused(BUCKET, not_found()).await;
    assert_eq!(stand.gcp.state_store("states").await.unwrap(), None);
    stand.get_refused(BUCKET, not_found()).await;
    let body = json!({ "name": "states", "location": "europe-west3",
        "versioning": { "enabled": true },
        "iamConfiguration": { "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": { "enabled": true } },
        "lifecycle": complete()["lifecycle"],
        "labels": { "managed-by": "landfall" } });
    let request = asked("POST", "/storage/v1/b")
        .and(query_param("project", "acme-ledger"))
        .and(body_partial_json(body));
    stand.once(request, ok(&complete())).await;
    stand.get(BUCKET, complete()).await;
    assert!(stand.gcp.ensure_state_store("states", None).await.unwrap().created);
}

#[tokio::test]
async fn what_is_missing_is_set_and_what_others_set_is_kept() {
    let stand = Stand::new().await;
    stand.get(BUCKET, bare()).await;
    let mut rules = vec![bare()["lifecycle"]["rule"][0].clone()];
    rules.extend(complete()["lifecycle"]["rule"].as_array().unwrap().iter().cloned());
    let body = json!({ "versioning": { "enabled": true }, "lifecycle": { "rule": rules },
        "iamConfiguration": { "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": { "enabled": true } } });
    let request = asked("PATCH", BUCKET)
        .and(query_param("ifMetagenerationMatch", "3"))
        .and(body_partial_json(body));
    stand.once(request, ok(&complete())).await;
    stand.get(BUCKET, complete()).await;
    let found = stand.gcp.ensure_state_store("states", None).await.unwrap();
    assert!(!found.created && found.versioned && found.private);
}

const KEY: &str = "projects/acme-keys/locations/europe-west3/keyRings/state/cryptoKeys/state";

/// The same bucket with a key.
fn with_key(key: &str) -> Value {
    let mut bucket = complete();
    bucket["encryption"] = json!({ "defaultKmsKeyName": key });
    bucket
}

#[tokio::test]
async fn a_bucket_gets_the_key_that_is_named() {
    let stand = Stand::new().await;
    let encryption = json!({ "encryption": { "defaultKmsKeyName": KEY } });
    stand.get_refused(BUCKET, not_found()).await;
    let request = asked("POST", "/storage/v1/b").and(body_partial_json(&encryption));
    stand.once(request, ok(&with_key(KEY))).await;
    stand.get(BUCKET, with_key(KEY)).await;
    assert!(stand.gcp.ensure_state_store("states", Some(KEY)).await.unwrap().created);

    // One that has another key, or Google's own.
    for before in [with_key("projects/other"), complete()] {
        stand.get(BUCKET, before).await;
        let request = asked("PATCH", BUCKET).and(body_json(&encryption));
        stand.once(request, ok(&with_key(KEY))).await;
        stand.get(BUCKET, with_key(KEY)).await;
        assert!(!stand.gcp.ensure_state_store("states", Some(KEY)).await.unwrap().created);
    }

    // Nobody named one: the customer's stays.
    stand.get(BUCKET, with_key(KEY)).await;
    stand.gcp.ensure_state_store("states", None).await.unwrap();
}

#[tokio::test]
async fn a_key_that_cloud_storage_may_not_use_is_told() {
    let stand = Stand::new().await;
    stand.get(BUCKET, complete()).await;
    // The words of Cloud Storage.
    let refused = json!({ "error": { "code": 403, "message": "Permission denied on Cloud KMS key. \
        Please ensure that your Cloud Storage service account has been authorized to use this key." } });
    let answer = ResponseTemplate::new(403).set_body_json(refused);
    stand.once(asked("PATCH", BUCKET), answer).await;
    let failure = stand.gcp.ensure_state_store("states", Some(KEY)).await.unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("cannot set the key of the state bucket `states`"), "{text}");
    let command =
        format!("gcloud storage service-agent --project=acme-ledger --authorize-cmek={KEY}");
    assert!(text.contains(&command), "{text}");
    assert!(!text.contains("storage.buckets.update"), "the caller lacks nothing: {text}");
}

#[tokio::test]
async fn a_setting_that_does_not_hold_is_a_failure() {
    let stand = Stand::new().await;
    stand.get(BUCKET, bare()).await;
    stand.once(asked("PATCH", BUCKET), ok(&complete())).await;
    stand.get(BUCKET, bare()).await;
    let text = stand.gcp.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(text.contains("versioning was set, and reads back as not set"), "{text}");
}

#[tokio::test]
async fn a_bucket_is_read_as_it_is() {
    let stand = Stand::new().await;
    stand.get(BUCKET, bare()).await;
    let found = stand.gcp.state_store("states").await.unwrap().unwrap();
    assert!(!found.versioned && !found.private);
}

#[tokio::test]
async fn a_bucket_of_another_project_is_refused() {
    let stand = Stand::new().await;
    let mut other = complete();
    other["projectNumber"] = json!("666");
    stand.get(BUCKET, other).await;
    let text = stand.gcp.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(text.contains("it is project 666's, the target is project 123456789012"), "{text}");
    assert!(text.contains("choose another name in environment.hcl"), "{text}");
    stand.get_refused(BUCKET, denied("storage.buckets.get")).await;
    let text = stand.gcp.state_store("states").await.unwrap_err().to_string();
    assert!(text.contains("squatting") && text.contains("do not use it"), "{text}");
}

#[tokio::test]
async fn a_bucket_elsewhere_is_refused() {
    let stand = Stand::new().await;
    let mut other = complete();
    other["location"] = json!("US");
    stand.get(BUCKET, other).await;
    let text = stand.gcp.state_store("states").await.unwrap_err().to_string();
    assert!(text.contains("it is in US, the target is europe-west3"), "{text}");
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_is_looked_at_again() {
    let stand = Stand::new().await;
    stand.get_refused(BUCKET, not_found()).await;
    stand.once(asked("POST", "/storage/v1/b"), ResponseTemplate::new(409)).await;
    let mut other = complete();
    other["projectNumber"] = json!("666");
    stand.get(BUCKET, other).await;
    let text = stand.gcp.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(text.contains("belongs to another project"), "{text}");
}

#[tokio::test]
async fn a_bucket_that_changes_meanwhile_is_not_overwritten() {
    let stand = Stand::new().await;
    stand.get(BUCKET, bare()).await;
    stand.once(asked("PATCH", BUCKET), ResponseTemplate::new(412)).await;
    let text = stand.gcp.ensure_state_store("states", None).await.unwrap_err().to_string();
    assert!(text.contains("somebody changed it at the same moment"), "{text}");
}
