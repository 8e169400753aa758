//! The log of an execution: `entries:list` of Cloud Logging by the execution's label.

use std::collections::BTreeSet;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Gcp;
use super::names::{part, short};
use super::rest::Request;
use crate::cloud::{JobHandle, LogCursor, LogLine};
use crate::failure::Result;

/// How far back a line may come late: Cloud Logging sorts by when a line was written, and takes it
/// in a little later.
const LATE: SignedDuration = SignedDuration::from_secs(15);
/// Lines of a page; a thousand is the most (`logging.v2#ListLogEntriesRequest.pageSize`).
const PAGE: u32 = 1000;

/// A place in the log, as the text of a [`LogCursor`].
#[derive(Debug, Default, Deserialize, Serialize)]
struct Place {
    /// When the newest line was written.
    newest: Option<Timestamp>,
    /// Lines so young that they are read again: when each was written, and its id.
    seen: BTreeSet<(Timestamp, String)>,
}

/// `logging.v2#ListLogEntriesResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Page {
    entries: Vec<Entry>,
    next_page_token: String,
}

/// `logging.v2#LogEntry`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    timestamp: Timestamp,
    #[serde(default)]
    insert_id: String,
    text_payload: Option<String>,
    json_payload: Option<Value>,
}

/// All lines after the cursor.
pub(super) async fn read(
    gcp: &Gcp,
    handle: &JobHandle,
    cursor: &LogCursor,
) -> Result<(Vec<LogLine>, LogCursor)> {
    let call = gcp.call(
        format!("read the log of execution `{}`", short(&handle.task)),
        "logging.logEntries.list",
        format!("project `{}`", gcp.project),
    );
    let mut place: Place =
        cursor.0.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut body = json!({
        "resourceNames": [log_bucket(gcp, handle)],
        "filter": filter(handle, &place),
        "orderBy": "timestamp asc",
        "pageSize": PAGE,
    });
    let mut lines = Vec::new();
    loop {
        let request =
            Request::json(Method::POST, &gcp.endpoints.logging, "v2/entries:list", &body)?
                .repeatable();
        let page: Page = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
        for entry in page.entries {
            if !place.seen.insert((entry.timestamp, entry.insert_id.clone())) {
                continue;
            }
            place.newest = place.newest.max(Some(entry.timestamp));
            lines.extend(line(entry));
        }
        if page.next_page_token.is_empty() {
            break;
        }
        body["pageToken"] = json!(page.next_page_token);
    }
    let since = horizon(&place);
    place.seen.retain(|(at, _)| Some(*at) >= since);
    let text = serde_json::to_string(&place).ok().filter(|_| place.newest.is_some());
    Ok((lines, LogCursor(text)))
}

/// The log bucket of the environment by its view of everything; without one, all of the project.
fn log_bucket(gcp: &Gcp, handle: &JobHandle) -> String {
    match part(&handle.log_group, "buckets") {
        Some(_) if part(&handle.log_group, "views").is_some() => handle.log_group.clone(),
        Some(_) if handle.log_group.starts_with("projects/") => {
            format!("{}/views/_AllLogs", handle.log_group)
        }
        _ => format!("projects/{}", gcp.project),
    }
}

/// What the containers wrote, and Cloud Run's own words about them; not the audit log, which has
/// the same label.
fn filter(handle: &JobHandle, place: &Place) -> String {
    let since = horizon(place).map(|since| format!(" AND timestamp>=\"{since}\""));
    format!(
        "resource.type=\"cloud_run_job\" AND \
         labels.\"run.googleapis.com/execution_name\"=\"{}\" AND \
         (log_id(\"run.googleapis.com/stdout\") OR log_id(\"run.googleapis.com/stderr\") OR \
         log_id(\"run.googleapis.com/varlog/system\")){}",
        short(&handle.task),
        since.unwrap_or_default()
    )
}

/// From when on lines are read again.
fn horizon(place: &Place) -> Option<Timestamp> {
    place.newest.map(|newest| newest.checked_sub(LATE).unwrap_or(newest))
}

fn line(entry: Entry) -> Option<LogLine> {
    let text = match (entry.text_payload, entry.json_payload) {
        (Some(text), _) => text,
        (None, Some(payload)) => match payload["message"].as_str() {
            Some(message) => message.to_owned(),
            None => payload.to_string(),
        },
        (None, None) => return None,
    };
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    Some(LogLine { at: entry.timestamp.as_millisecond(), text })
}

/// How a person reads the same log.
pub(super) fn command(gcp: &Gcp, handle: &JobHandle) -> String {
    format!(
        "`gcloud logging read 'labels.\"run.googleapis.com/execution_name\"=\"{}\"' \
         --project={}`",
        short(&handle.task),
        gcp.project
    )
}
