//! The log of a job (`logging.v2#ListLogEntriesRequest`, `logging.v2#LogEntry`).

use serde_json::{Value, json};
use wiremock::Request;
use wiremock::matchers::body_partial_json;

use super::{PLACE, Stand, asked, denied, ok};
use crate::cloud::{Cloud, JobHandle, LogCursor, LogLine};

const LIST: &str = "/v2/entries:list";

fn handle(log_group: &str) -> JobHandle {
    JobHandle {
        cluster: PLACE.to_owned(),
        task: format!("{PLACE}/jobs/demo-migrate/executions/demo-migrate-x7k2p"),
        log_group: log_group.to_owned(),
        log_stream: "demo-migrate-x7k2p".to_owned(),
    }
}

fn entry(second: u32, id: &str, payload: Value) -> Value {
    let mut entry = json!({ "timestamp": format!("2026-11-21T10:00:{second:02}.5Z"),
        "insertId": id, "logName": "projects/acme-ledger/logs/run.googleapis.com%2Fstdout" });
    entry.as_object_mut().unwrap().extend(payload.as_object().unwrap().clone());
    entry
}

fn text(second: u32, id: &str, line: &str) -> Value {
    entry(second, id, json!({ "textPayload": line }))
}

fn lines(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn lines_come_from_every_page_in_the_order_of_time() {
    let stand = Stand::new().await;
    let first = json!({ "resourceNames": ["projects/acme-ledger"], "orderBy": "timestamp asc" });
    let page = json!({ "entries": [text(1, "a", "one\n")], "nextPageToken": "more" });
    let second = json!({ "pageToken": "more" });
    let rest = json!({ "entries": [
        entry(2, "b", json!({ "jsonPayload": { "message": "two", "severity": "INFO" } })),
        entry(3, "c", json!({ "jsonPayload": { "rows": 3 } })),
        entry(4, "d", json!({ "protoPayload": {} }))] });
    // The newer mock is asked first: the one for the second page asks for its token.
    stand.once(asked("POST", LIST).and(body_partial_json(second)), ok(&rest)).await;
    stand
        .once(
            asked("POST", LIST).and(body_partial_json(first)).and(|request: &Request| {
                !String::from_utf8_lossy(&request.body).contains("pageToken")
            }),
            ok(&page),
        )
        .await;
    let (found, _) = stand.gcp.job_log(&handle("x"), &LogCursor::default()).await.unwrap();
    assert_eq!(lines(&found), ["one", "two", r#"{"rows":3}"#]);
    assert_eq!(found[0].at, 1_795_255_201_500);
    let requests = stand.server.received_requests().await.unwrap();
    let body: Value = requests[0].body_json().unwrap();
    let filter = body["filter"].as_str().unwrap();
    let of_execution = "labels.\"run.googleapis.com/execution_name\"=\"demo-migrate-x7k2p\"";
    assert!(filter.contains(of_execution), "{filter}");
    assert!(!filter.contains("timestamp"), "from the start: {filter}");
}

#[tokio::test]
async fn the_cursor_gives_each_line_once_and_late_ones_too() {
    let stand = Stand::new().await;
    stand.sent("POST", LIST, json!({}), json!({ "entries": [text(30, "a", "one")] })).await;
    let (found, cursor) = stand.gcp.job_log(&handle("x"), &LogCursor::default()).await.unwrap();
    assert_eq!(lines(&found), ["one"]);
    // A line that was written before the last one and came in after it.
    let late = json!({ "entries": [text(29, "late", "zero"), text(30, "a", "one"),
        text(30, "b", "two")] });
    stand.sent("POST", LIST, json!({}), late).await;
    let (found, cursor) = stand.gcp.job_log(&handle("x"), &cursor).await.unwrap();
    assert_eq!(lines(&found), ["zero", "two"]);
    stand.sent("POST", LIST, json!({}), json!({ "entries": [text(30, "b", "two")] })).await;
    let (found, again) = stand.gcp.job_log(&handle("x"), &cursor).await.unwrap();
    assert!(found.is_empty());
    assert_eq!(again, cursor);
    let requests = stand.server.received_requests().await.unwrap();
    let body: Value = requests[1].body_json().unwrap();
    let filter = body["filter"].as_str().unwrap();
    assert!(filter.ends_with("timestamp>=\"2026-11-21T10:00:15.5Z\""), "{filter}");
}

#[tokio::test]
async fn an_empty_log_keeps_the_start() {
    let stand = Stand::new().await;
    stand.sent("POST", LIST, json!({}), json!({})).await;
    let (found, cursor) = stand.gcp.job_log(&handle("x"), &LogCursor::default()).await.unwrap();
    assert!(found.is_empty());
    assert_eq!(cursor, LogCursor::default());
}

#[tokio::test]
async fn a_log_bucket_is_asked_by_its_view() {
    let stand = Stand::new().await;
    let bucket = "projects/acme-ledger/locations/europe-west3/buckets/demo";
    let body = json!({ "resourceNames": [format!("{bucket}/views/_AllLogs")] });
    stand.sent("POST", LIST, body, json!({})).await;
    stand.gcp.job_log(&handle(bucket), &LogCursor::default()).await.unwrap();
}

#[tokio::test]
async fn a_denial_names_the_permission() {
    let stand = Stand::new().await;
    let (code, body) = denied("logging.logEntries.list");
    let answer = wiremock::ResponseTemplate::new(code).set_body_json(body);
    stand.once(asked("POST", LIST), answer).await;
    let failure = stand.gcp.job_log(&handle("x"), &LogCursor::default()).await.unwrap_err();
    assert!(failure.to_string().contains("`logging.logEntries.list` on project `acme-ledger`"));
}
