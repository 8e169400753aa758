//! Secret containers: looked at and written, never read.

use serde_json::{Value, json};

use super::Stand;
use crate::cloud::{CURRENT, Cloud, NEXT, SecretState};
use crate::failure::Failure;
use crate::secret::Secret;

const DESCRIBE: &str = "secretsmanager.DescribeSecret";
const PUT: &str = "secretsmanager.PutSecretValue";
const LABEL: &str = "secretsmanager.UpdateSecretVersionStage";
const ID: &str = "demo/licence";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const CANARY: &str = "canary-value-7f3a";

async fn described(status: u16, answer: Value) -> Result<SecretState, Failure> {
    let stand = Stand::new().await;
    stand.json(DESCRIBE, json!({ "SecretId": ID }), status, answer).await;
    stand.aws.secret(ID).await
}

#[tokio::test]
async fn the_current_version_is_found_among_the_others() {
    let versions = json!({ "old": ["AWSPREVIOUS"], "new": ["AWSCURRENT"], "next": ["AWSPENDING"] });
    let state = described(200, json!({ "VersionIdsToStages": versions })).await.unwrap();
    assert_eq!(
        state,
        SecretState { exists: true, version: Some("new".to_owned()), next: None, upcoming: None }
    );
}

#[tokio::test]
async fn a_container_without_value_has_no_version() {
    let state = described(200, json!({ "Name": ID })).await.unwrap();
    assert_eq!(state, SecretState { exists: true, version: None, next: None, upcoming: None });
}

#[tokio::test]
async fn no_container_is_no_error() {
    let answer = json!({ "__type": "ResourceNotFoundException", "Message": "can't find it" });
    let state = described(400, answer).await.unwrap();
    assert_eq!(state, SecretState { exists: false, version: None, next: None, upcoming: None });
}

#[tokio::test]
async fn a_container_that_is_being_deleted_gets_the_way_back() {
    let text = described(200, json!({ "DeletedDate": 1.7e9 })).await.unwrap_err().to_string();
    assert!(text.contains("scheduled for deletion"), "{text}");
    assert!(
        text.contains("restore-secret --region eu-central-1 --secret-id demo/licence"),
        "{text}"
    );
}

async fn written(status: u16, answer: Value) -> Result<String, Failure> {
    let stand = Stand::new().await;
    let body = json!({ "SecretId": ID, "SecretString": CANARY, "ClientRequestToken": TOKEN });
    stand.json(PUT, body, status, answer).await;
    stand.aws.put_secret(ID, &Secret::new(CANARY.to_owned()), TOKEN).await
}

#[tokio::test]
async fn a_value_is_written_with_its_token() {
    let answer = json!({ "VersionId": TOKEN, "VersionStages": ["AWSCURRENT"] });
    assert_eq!(written(200, answer).await.unwrap(), TOKEN);
}

#[tokio::test]
async fn a_value_is_staged_beside_the_current_one() {
    let stand = Stand::new().await;
    let body = json!({ "SecretId": ID, "SecretString": CANARY, "ClientRequestToken": TOKEN,
        "VersionStages": ["landfall-next"] });
    let answer = json!({ "VersionId": TOKEN, "VersionStages": ["landfall-next"] });
    stand.json(PUT, body, 200, answer).await;
    let value = Secret::new(CANARY.to_owned());
    assert_eq!(stand.aws.stage_secret(ID, &value, TOKEN).await.unwrap(), TOKEN);
    let versions = json!({ "old": ["AWSCURRENT"], TOKEN: ["landfall-next"] });
    stand.json(DESCRIBE, json!({ "SecretId": ID }), 200, described_as(&versions)).await;
    let state = stand.aws.secret(ID).await.unwrap();
    assert_eq!(state.version.as_deref(), Some("old"));
    assert_eq!(state.next.as_deref(), Some(TOKEN));
}

fn described_as(versions: &Value) -> Value {
    json!({ "VersionIdsToStages": versions })
}

#[tokio::test]
async fn a_label_moves_from_where_it_is() {
    let stand = Stand::new().await;
    let versions = json!({ "old": ["AWSCURRENT"], "new": ["landfall-next"] });
    let moved = json!({ "SecretId": ID, "VersionStage": "AWSCURRENT",
        "MoveToVersionId": "new", "RemoveFromVersionId": "old" });
    stand.json(DESCRIBE, json!({ "SecretId": ID }), 200, described_as(&versions)).await;
    stand.json(LABEL, moved, 200, json!({})).await;
    stand.aws.label_secret(ID, CURRENT, Some("new")).await.unwrap();

    let versions = json!({ "new": ["AWSCURRENT", "landfall-next"] });
    let removed = json!({ "VersionStage": "landfall-next", "RemoveFromVersionId": "new" });
    stand.json(DESCRIBE, json!({ "SecretId": ID }), 200, described_as(&versions)).await;
    stand.json(LABEL, removed, 200, json!({})).await;
    stand.aws.label_secret(ID, NEXT, None).await.unwrap();

    // What is so already is no call.
    let versions = json!({ "new": ["AWSCURRENT"] });
    for (label, version) in [(CURRENT, Some("new")), (NEXT, None)] {
        stand.json(DESCRIBE, json!({ "SecretId": ID }), 200, described_as(&versions)).await;
        stand.aws.label_secret(ID, label, version).await.unwrap();
    }
}

#[tokio::test]
async fn a_repeated_token_that_is_no_longer_current_is_a_failure() {
    let answer = json!({ "VersionId": TOKEN, "VersionStages": ["AWSPREVIOUS"] });
    let text = written(200, answer).await.unwrap_err().to_string();
    assert!(text.contains("another version has become current since"), "{text}");
}

#[tokio::test]
async fn refusals_have_a_remedy_and_never_the_value() {
    for (code, remedy) in [
        ("ResourceNotFoundException", "made by layer `foundation`"),
        ("ResourceExistsException", "the same run already wrote another value"),
        ("AccessDeniedException", "`secretsmanager:PutSecretValue` on secret `demo/licence`"),
        ("EncryptionFailure", "AWS says EncryptionFailure: in words"),
    ] {
        let answer = json!({ "__type": code, "message": "in words" });
        let failure = written(400, answer).await.unwrap_err();
        assert!(failure.to_string().contains(remedy), "{failure}");
        assert!(!format!("{failure} {failure:?}").contains(CANARY), "{failure}");
    }
}

#[tokio::test]
async fn an_empty_value_is_refused_without_a_call() {
    let stand = Stand::new().await;
    let failure = stand.aws.put_secret(ID, &Secret::new(String::new()), TOKEN).await.unwrap_err();
    assert_eq!(failure.reasons(), ["its value is empty"]);
}
