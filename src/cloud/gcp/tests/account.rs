//! Who is calling, and which project that is: `oauth2.v2#Userinfo`,
//! `cloudresourcemanager.v3#Project`, `serviceusage.v1#GoogleApiServiceusageV1Service`.

use serde_json::json;

use super::{NUMBER, PROJECT, Stand, connection, denied, disabled, status};
use crate::cloud::Cloud;
use crate::cloud::gcp::{Connection, Gcp};
use crate::failure::Exit;

const WHO: &str = "/oauth2/v2/userinfo";
const WHICH: &str = "/v3/projects/acme-ledger";

#[tokio::test]
async fn g1_the_project_is_named_with_the_number_that_google_has() {
    let stand = Stand::new().await;
    let email = "installer@acme-ledger.iam.gserviceaccount.com";
    stand.get(WHO, json!({ "email": email, "verified_email": true })).await;
    stand
        .get(WHICH, json!({ "name": "projects/999", "projectId": PROJECT, "state": "ACTIVE" }))
        .await;
    let identity = stand.gcp.identity().await.unwrap();
    assert_eq!(identity.account, PROJECT);
    assert_eq!(identity.project_number.as_deref(), Some("999"), "not the one of the environment");
    assert_eq!(identity.arn, format!("serviceAccount:{email}"));
    assert_eq!((&*identity.partition, &*identity.region), ("gcp", "europe-west3"));
}

#[tokio::test]
async fn a_person_is_a_user_and_a_federated_identity_has_no_name() {
    let stand = Stand::new().await;
    let project = json!({ "name": "projects/123456789012", "projectId": PROJECT });
    stand.get(WHO, json!({ "email": "ada@acme.example" })).await;
    stand.get(WHICH, project.clone()).await;
    assert_eq!(stand.gcp.identity().await.unwrap().arn, "user:ada@acme.example");
    let refused = status(403, "PERMISSION_DENIED", "insufficient scopes", json!([]));
    stand.get_refused(WHO, refused).await;
    stand.get(WHICH, project).await;
    assert_eq!(stand.gcp.identity().await.unwrap().arn, "principal:without an e-mail address");
}

#[tokio::test]
async fn a_token_that_is_good_for_nothing_is_told_to_log_in() {
    let stand = Stand::new().await;
    let expired = || status(401, "UNAUTHENTICATED", "invalid credentials", json!([]));
    stand.get_refused(WHO, expired()).await;
    stand.get_refused(WHICH, expired()).await;
    let text = stand.gcp.identity().await.unwrap_err().to_string();
    assert!(text.contains("`gcloud auth application-default login`"), "{text}");
}

#[tokio::test]
async fn a_fresh_project_says_its_number_by_the_api_that_enables_the_others() {
    let stand = Stand::new().await;
    stand.get(WHO, json!({ "email": "ada@acme.example" })).await;
    stand.get_refused(WHICH, disabled("cloudresourcemanager.googleapis.com", NUMBER)).await;
    let name = format!("projects/{NUMBER}/services/serviceusage.googleapis.com");
    let at = "/v1/projects/acme-ledger/services/serviceusage.googleapis.com";
    stand.get(at, json!({ "name": name, "state": "ENABLED" })).await;
    assert_eq!(stand.gcp.identity().await.unwrap().project_number.as_deref(), Some(NUMBER));
}

#[tokio::test]
async fn a_project_that_cannot_be_seen_or_is_being_deleted_is_said() {
    let stand = Stand::new().await;
    stand.get(WHO, json!({ "email": "ada@acme.example" })).await;
    stand.get_refused(WHICH, denied("resourcemanager.projects.get")).await;
    let text = stand.gcp.identity().await.unwrap_err().to_string();
    assert!(text.contains("or there is no such project"), "{text}");
    assert!(text.contains("for `resourcemanager.projects.get` on project `acme-ledger`"), "{text}");
    stand.get(WHO, json!({ "email": "ada@acme.example" })).await;
    let gone = json!({ "name": "projects/1", "projectId": PROJECT, "state": "DELETE_REQUESTED" });
    stand.get(WHICH, gone).await;
    let text = stand.gcp.identity().await.unwrap_err().to_string();
    assert!(text.contains("gcloud projects undelete acme-ledger"), "{text}");
}

#[test]
fn only_a_service_account_can_be_impersonated() {
    let connection = Connection {
        service_account: Some("ada@acme.example".to_owned()),
        ..connection("http://127.0.0.1:1")
    };
    let failure = Gcp::connect(&connection).unwrap_err();
    assert_eq!(failure.exit(), Exit::Input);
    assert!(failure.to_string().contains("`ada@acme.example` is not a service account"));
}
