//! What carries a label (`run.v2`, `sqladmin.v1#InstancesListResponse`,
//! `secretmanager.v1#ListSecretsResponse`), and service accounts (`iam.v1#ServiceAccount`).

use serde_json::{Value, json};
use wiremock::matchers::{query_param, query_param_is_missing};

use super::{NUMBER, PLACE, Stand, asked, denied, disabled, not_found, ok};
use crate::cloud::Cloud;

const SQL: &str = "/v1/projects/acme-ledger/instances";
const SECRETS: &str = "/v1/projects/acme-ledger/secrets";
const ACCOUNT: &str =
    "/v1/projects/acme-ledger/serviceAccounts/demo-web@acme-ledger.iam.gserviceaccount.com";

fn run(kind: &str) -> String {
    format!("/v2/{PLACE}/{kind}")
}

fn labelled(name: &str, environment: &str) -> Value {
    json!({ "name": name, "labels": { "landfall-environment": environment } })
}

#[tokio::test]
async fn every_kind_is_asked_and_named_as_terraform_names_it() {
    let stand = Stand::new().await;
    let service = |name: &str| format!("{PLACE}/services/{name}");
    let first = asked("GET", &run("services")).and(query_param_is_missing("pageToken"));
    let page = json!({ "services": [labelled(&service("web"), "demo")], "nextPageToken": "more" });
    stand.once(first, ok(&page)).await;
    let second = asked("GET", &run("services")).and(query_param("pageToken", "more"));
    let page = json!({ "services": [labelled(&service("other"), "production"), { "name": "x" }] });
    stand.once(second, ok(&page)).await;
    let job = format!("{PLACE}/jobs/migrate");
    stand.get(&run("jobs"), json!({ "jobs": [labelled(&job, "demo")] })).await;
    stand.get(&run("workerPools"), json!({})).await;
    let labels = json!({ "userLabels": { "landfall-environment": "demo" } });
    stand.get(SQL, json!({ "items": [{ "name": "demo-main", "settings": labels }] })).await;
    let secret = format!("projects/{NUMBER}/secrets/demo-licence");
    stand.get(SECRETS, json!({ "secrets": [labelled(&secret, "demo")] })).await;
    let found = stand.gcp.tagged("landfall:environment", "demo").await.unwrap();
    let names: Vec<&str> = found.iter().map(|it| it.arn.as_str()).collect();
    let expected = [
        "projects/acme-ledger/instances/demo-main",
        "projects/acme-ledger/locations/europe-west3/jobs/migrate",
        "projects/acme-ledger/locations/europe-west3/services/web",
        "projects/acme-ledger/secrets/demo-licence",
    ];
    assert_eq!(names, expected);
    assert_eq!(found[0].name.as_deref(), Some("demo-main"));
}

#[tokio::test]
async fn a_fresh_project_has_nothing() {
    let stand = Stand::new().await;
    for kind in ["services", "jobs", "workerPools"] {
        stand.get_refused(&run(kind), disabled("run.googleapis.com", NUMBER)).await;
    }
    stand.get_refused(SQL, disabled("sqladmin.googleapis.com", NUMBER)).await;
    stand.get_refused(SECRETS, disabled("secretmanager.googleapis.com", NUMBER)).await;
    assert!(stand.gcp.tagged("landfall:environment", "demo").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_may_not_be_listed_is_not_taken_for_nothing() {
    let stand = Stand::new().await;
    stand.get_refused(&run("services"), denied("run.services.list")).await;
    let text = stand.gcp.tagged("landfall:environment", "demo").await.unwrap_err().to_string();
    assert!(text.contains("for `run.services.list` on project `acme-ledger`"), "{text}");
}

#[tokio::test]
async fn a_service_account_is_there_or_not() {
    let stand = Stand::new().await;
    let has = || stand.gcp.has_role("demo-web", "landfall:environment", "demo");
    stand.get(ACCOUNT, json!({ "email": "demo-web@acme-ledger.iam.gserviceaccount.com" })).await;
    assert!(has().await.unwrap());
    stand.get_refused(ACCOUNT, not_found()).await;
    assert!(!has().await.unwrap());
    stand.get_refused(ACCOUNT, denied("iam.serviceAccounts.get")).await;
    assert!(has().await.is_err());
}
