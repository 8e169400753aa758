//! Secret containers: looked at and written, never read.

use serde_json::{Value, json};

use super::Stand;
use crate::cloud::{Cloud, SecretState};
use crate::failure::Failure;
use crate::secret::Secret;

const DESCRIBE: &str = "secretsmanager.DescribeSecret";
const PUT: &str = "secretsmanager.PutSecretValue";
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
    assert_eq!(state, SecretState { exists: true, version: Some("new".to_owned()) });
}

#[tokio::test]
async fn a_container_without_value_has_no_version() {
    let state = described(200, json!({ "Name": ID })).await.unwrap();
    assert_eq!(state, SecretState { exists: true, version: None });
}

#[tokio::test]
async fn no_container_is_no_error() {
    let answer = json!({ "__type": "ResourceNotFoundException", "Message": "can't find it" });
    let state = described(400, answer).await.unwrap();
    assert_eq!(state, SecretState { exists: false, version: None });
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
