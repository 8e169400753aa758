//! Backups of Cloud SQL (`sqladmin.v1#BackupRun`, `sqladmin.v1#BackupRunsListResponse`,
//! `sqladmin.v1#Operation`).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{query_param, query_param_is_missing};

use super::{Stand, asked, ok};
use crate::cloud::{Cloud, SnapshotState};

const OF_ONE: &str = "/v1/projects/acme-ledger/instances/demo-main/backupRuns";
const OF_ALL: &str = "/v1/projects/acme-ledger/instances/-/backupRuns";
const NAME: &str = "landfall-demo-main-1-2-0-r7";

fn run(description: &str, status: &str) -> Value {
    json!({ "id": "1", "instance": "demo-main", "description": description, "status": status,
        "type": "ON_DEMAND" })
}

fn state(status: &str, percent: u8) -> SnapshotState {
    SnapshotState { database: "demo-main".to_owned(), status: status.to_owned(), percent }
}

/// As Cloud SQL refuses.
fn refused(code: u16, reason: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_json(json!({ "error": { "code": code,
        "message": message, "errors": [{ "message": message, "domain": "global",
            "reason": reason }] } }))
}

#[tokio::test]
async fn a_backup_begins_under_our_name() {
    let stand = Stand::new().await;
    stand.get(OF_ONE, json!({ "items": [run("another", "SUCCESSFUL")] })).await;
    let body = json!({ "description": NAME, "type": "ON_DEMAND" });
    let operation = json!({ "kind": "sql#operation", "status": "PENDING",
        "operationType": "BACKUP_VOLUME", "backupContext": { "backupId": "2" } });
    stand.sent("POST", OF_ONE, body, operation).await;
    let made = stand.gcp.snapshot_database("demo-main", NAME, &BTreeMap::new()).await.unwrap();
    assert_eq!(made, state("creating", 0));
}

#[tokio::test]
async fn one_of_that_name_is_the_answer() {
    let stand = Stand::new().await;
    let runs = json!({ "items": [run(NAME, "DELETED"), run(NAME, "RUNNING")] });
    stand.get(OF_ONE, runs).await;
    let made = stand.gcp.snapshot_database("demo-main", NAME, &BTreeMap::new()).await.unwrap();
    assert_eq!(made, state("creating", 0));
}

#[tokio::test]
async fn a_backup_is_found_whichever_instance_and_page_it_is_on() {
    let stand = Stand::new().await;
    let first = asked("GET", OF_ALL).and(query_param_is_missing("pageToken"));
    let page = json!({ "items": [run("other", "SUCCESSFUL")], "nextPageToken": "more" });
    stand.once(first, ok(&page)).await;
    let second = asked("GET", OF_ALL).and(query_param("pageToken", "more"));
    stand.once(second, ok(&json!({ "items": [run(NAME, "SUCCESSFUL")] }))).await;
    let found = stand.gcp.database_snapshot(NAME).await.unwrap().unwrap();
    assert_eq!(found, state("available", 100));
    assert!(found.is_available());
}

#[tokio::test]
async fn each_status_has_its_word() {
    let stand = Stand::new().await;
    for (google, ours) in [
        ("ENQUEUED", "creating"),
        ("OVERDUE", "creating"),
        ("FAILED", "failed"),
        ("SKIPPED", "failed"),
        ("DELETION_PENDING", "deletion_pending"),
    ] {
        stand.get(OF_ALL, json!({ "items": [run(NAME, google)] })).await;
        let found = stand.gcp.database_snapshot(NAME).await.unwrap().unwrap();
        assert_eq!((&*found.status, found.is_available()), (ours, false));
    }
    stand.get(OF_ALL, json!({})).await;
    assert_eq!(stand.gcp.database_snapshot(NAME).await.unwrap(), None);
}

#[tokio::test]
async fn an_instance_that_is_busy_or_absent_is_said() {
    let stand = Stand::new().await;
    stand.get(OF_ONE, json!({})).await;
    let busy = "Operation failed because another operation was already in progress.";
    stand.once(asked("POST", OF_ONE), refused(409, "operationInProgress", busy)).await;
    let make = || async {
        stand.gcp.snapshot_database("demo-main", NAME, &BTreeMap::new()).await.unwrap_err()
    };
    let text = make().await.to_string();
    assert!(text.contains("does one thing at a time"), "{text}");
    let absent = || refused(404, "instanceDoesNotExist", "Cloud SQL instance does not exist.");
    stand.once(asked("GET", OF_ONE), absent()).await;
    stand.once(asked("POST", OF_ONE), absent()).await;
    let text = make().await.to_string();
    assert!(text.contains("gcloud sql instances list --project=acme-ledger"), "{text}");
}
