//! Backups of Cloud SQL: made before an update of production, kept by whoever wants them. A backup
//! has a number; our name for it is its description.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::Gcp;
use super::rest::Request;
use crate::cloud::SnapshotState;
use crate::failure::Result;

/// `sqladmin.v1#BackupRunsListResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Runs {
    /// Newest first.
    items: Vec<BackupRun>,
    next_page_token: String,
}

/// `sqladmin.v1#BackupRun`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BackupRun {
    description: String,
    instance: String,
    status: String,
}

/// Every instance of the project (`sqladmin.v1`: `-` for all instances).
const ALL: &str = "-";
/// Backups of a page.
const PAGE: &str = "500";

/// Begins a backup; one of that name that is there already is the answer.
pub(super) async fn make(gcp: &Gcp, database: &str, snapshot: &str) -> Result<SnapshotState> {
    if let Some(found) = look(gcp, database, snapshot).await? {
        return Ok(found);
    }
    let call = gcp.call(
        format!("make a backup of database `{database}`"),
        "cloudsql.backupRuns.create",
        format!("instance `{database}`"),
    );
    let path = format!("v1/projects/{}/instances/{database}/backupRuns", gcp.project);
    let body = json!({ "description": snapshot, "type": "ON_DEMAND" });
    // Never repeated: two backups could have the one name.
    let request = Request::json(Method::POST, &gcp.endpoints.sql_admin, &path, &body)?;
    match gcp.rest.send(request).await {
        Ok(_) => Ok(state(database.to_owned(), "ENQUEUED")),
        Err(trouble) => {
            let failure = call.failed(&trouble);
            Err(match trouble.refusal() {
                Some(refusal) if refusal.is("operationInProgress") => failure.because(
                    "Cloud SQL does one thing at a time with an instance: wait until it is done",
                ),
                Some(refusal) if refusal.is("instanceDoesNotExist") => {
                    failure.next(format!("`gcloud sql instances list --project={}`", gcp.project))
                }
                _ => failure,
            })
        }
    }
}

/// A backup by its name, whichever instance it is of.
pub(super) async fn find(gcp: &Gcp, snapshot: &str) -> Result<Option<SnapshotState>> {
    look(gcp, ALL, snapshot).await
}

async fn look(gcp: &Gcp, database: &str, snapshot: &str) -> Result<Option<SnapshotState>> {
    let call = gcp.call(
        format!("look at the backup `{snapshot}`"),
        "cloudsql.backupRuns.list",
        format!("project `{}`", gcp.project),
    );
    let path = format!("v1/projects/{}/instances/{database}/backupRuns", gcp.project);
    let mut token = String::new();
    loop {
        let mut request = Request::get(&gcp.endpoints.sql_admin, &path)?.query("maxResults", PAGE);
        if !token.is_empty() {
            request = request.query("pageToken", &token);
        }
        let page: Runs = match gcp.rest.json(request).await {
            Ok(page) => page,
            // No such instance has no such backup; making one says what is missing.
            Err(trouble) if trouble.is_not_found() => return Ok(None),
            Err(trouble) => return Err(call.failed(&trouble)),
        };
        let wanted = |run: &BackupRun| run.description == snapshot && run.status != "DELETED";
        if let Some(found) = page.items.into_iter().find(wanted) {
            return Ok(Some(state(found.instance, &found.status)));
        }
        if page.next_page_token.is_empty() {
            return Ok(None);
        }
        token = page.next_page_token;
    }
}

/// The status in the words of the model; one that it has no word for stays Google's.
fn state(database: String, status: &str) -> SnapshotState {
    let (status, percent) = match status {
        "SUCCESSFUL" => ("available".to_owned(), 100),
        // Cloud SQL does not say how far it is.
        "ENQUEUED" | "OVERDUE" | "RUNNING" => ("creating".to_owned(), 0),
        "FAILED" | "SKIPPED" => ("failed".to_owned(), 0),
        other => (other.to_lowercase(), 0),
    };
    SnapshotState { database, status, percent }
}
