//! Our client of Secret Manager against an emulator: drongo's, over HTTP, which keeps what it is
//! told. What it does not do as Google does is mended in `tests/emulator/secret_manager.py`, which
//! says what is missing all the same: permissions, keys and checksums.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use google_cloud_auth::credentials::anonymous;
use landfall::cloud::gcp::{Connection, Endpoints, Gcp};
use landfall::cloud::{CURRENT, Cloud as _, NEXT, PREVIOUS, SecretState};
use landfall::secret::Secret;
use serde_json::{Value as Json, json};

use crate::emulator::python;

const SECRETS: &str = "projects/acme-ledger/secrets";
const ID: &str = "projects/acme-ledger/secrets/demo-licence";

/// What tells one write from another.
const FIRST: &str = "11111111-0000-4000-8000-000000000001";
const SECOND: &str = "22222222-0000-4000-8000-000000000002";
const THIRD: &str = "33333333-0000-4000-8000-000000000003";

/// An emulator that ends with this value, also when a test panics.
struct Emulated {
    serving: Child,
    endpoint: String,
    gcp: Gcp,
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.serving.kill();
        let _ = self.serving.wait();
    }
}

impl Emulated {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/secret_manager.py");
        // It ends by itself when nobody holds its input any more.
        let mut command = Command::new(python());
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut serving = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Json = serde_json::from_str(&line)
            .expect("the emulator did not start: `scripts/test` installs what it needs");
        let endpoint = told["endpoint"].as_str().unwrap().to_owned();
        let target = Connection {
            project: "acme-ledger".to_owned(),
            project_number: "123456789012".to_owned(),
            region: "europe-west3".to_owned(),
            service_account: None,
            endpoints: Endpoints::all_at(&endpoint),
        };
        let gcp = Gcp::with_credentials(&target, anonymous::Builder::new().build()).unwrap();
        Self { serving, endpoint, gcp }
    }

    /// With a container, as terraform makes it.
    async fn with_container() -> Self {
        let emulated = Self::start();
        let replication =
            json!({ "userManaged": { "replicas": [{ "location": "europe-west3" }] } });
        let at = format!("{SECRETS}?secretId=demo-licence");
        emulated.post(&at, &json!({ "replication": replication })).await;
        emulated
    }

    async fn put(&self, value: &str, token: &str) -> landfall::failure::Result<String> {
        self.gcp.put_secret(ID, &Secret::new(value.to_owned()), token).await
    }

    async fn stage(&self, value: &str, token: &str) -> landfall::failure::Result<String> {
        self.gcp.stage_secret(ID, &Secret::new(value.to_owned()), token).await
    }

    async fn label(&self, label: &str, version: Option<&str>) {
        self.gcp.label_secret(ID, label, version).await.unwrap();
    }

    /// Current version, the next one in a rotation, the number of one that is written now.
    async fn stands(&self) -> (Option<String>, Option<String>, Option<String>) {
        let SecretState { exists, version, next, .. } = self.gcp.secret(ID).await.unwrap();
        assert!(exists);
        (version, next, self.gcp.upcoming_version(ID).await.unwrap())
    }

    /// What somebody writes who does not know of labels.
    async fn add(&self, data: &str) {
        self.post(&format!("{ID}:addVersion"), &json!({ "payload": { "data": data } })).await;
    }

    /// The value of a version in base64, as whoever runs the product gets it. Landfall never asks.
    async fn value(&self, version: &str) -> String {
        let at = format!("{ID}/versions/{version}:access");
        let found = self.http(&reqwest::Method::GET, &at, "").await;
        found["payload"]["data"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: &Json) -> Json {
        self.http(&reqwest::Method::POST, path, &body.to_string()).await
    }

    async fn http(&self, method: &reqwest::Method, path: &str, body: &str) -> Json {
        let client = reqwest::Client::new();
        let request = client.request(method.clone(), format!("{}/v1/{path}", self.endpoint));
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
}

fn numbers(
    version: Option<&str>,
    next: Option<&str>,
    upcoming: &str,
) -> (Option<String>, Option<String>, Option<String>) {
    (version.map(str::to_owned), next.map(str::to_owned), Some(upcoming.to_owned()))
}

#[tokio::test]
async fn a_secret_is_written_rotated_and_taken_back() {
    let secret = Emulated::with_container().await;
    assert_eq!(secret.stands().await, numbers(None, None, "1"));

    assert_eq!(secret.put("first", FIRST).await.unwrap(), "1");
    assert_eq!(secret.stands().await, numbers(Some("1"), None, "2"));
    assert_eq!(secret.value("landfall-current").await, "Zmlyc3Q=");
    assert_eq!(secret.put("first", FIRST).await.unwrap(), "1", "a run that is resumed");
    assert_eq!(secret.put("second", SECOND).await.unwrap(), "2");
    assert_eq!(secret.stands().await, numbers(Some("2"), None, "3"));

    // A rotation: the new value beside the current one, then in its place, the old one kept.
    assert_eq!(secret.stage("third", THIRD).await.unwrap(), "3");
    assert_eq!(secret.stage("third", THIRD).await.unwrap(), "3", "a run that is resumed");
    assert_eq!(secret.stands().await, numbers(Some("2"), Some("3"), "4"));
    assert_eq!(secret.value("landfall-current").await, "c2Vjb25k");
    secret.label(PREVIOUS, Some("2")).await;
    secret.label(CURRENT, Some("3")).await;
    secret.label(NEXT, None).await;
    assert_eq!(secret.stands().await, numbers(Some("3"), None, "4"));
    assert_eq!(secret.value("landfall-current").await, "dGhpcmQ=");

    secret.label(CURRENT, Some("2")).await;
    assert_eq!(secret.stands().await, numbers(Some("2"), None, "4"));
    let refused = secret.put("third", THIRD).await.unwrap_err().to_string();
    assert!(refused.contains("another version has become current since"), "{refused}");
    assert_eq!(secret.stands().await, numbers(Some("2"), None, "4"), "nothing was written");
}

#[tokio::test]
async fn without_labels_the_newest_enabled_version_is_current_and_stays_so() {
    let secret = Emulated::with_container().await;
    for data in ["b25l", "dHdv", "dGhyZWU="] {
        secret.add(data).await;
    }
    assert_eq!(secret.stands().await, numbers(Some("3"), None, "4"));
    secret.post(&format!("{ID}/versions/3:disable"), &json!({})).await;
    assert_eq!(secret.stands().await, numbers(Some("2"), None, "4"));
    // Staged beside it: the newest is another than the current one now.
    assert_eq!(secret.stage("fourth", FIRST).await.unwrap(), "4");
    assert_eq!(secret.stands().await, numbers(Some("2"), Some("4"), "5"));
    // What others write later does not become current either.
    secret.add("c2l4").await;
    assert_eq!(secret.stands().await, numbers(Some("2"), Some("4"), "6"));
    assert_eq!(secret.value("landfall-current").await, "dHdv");
}

/// Two who label at the same time: whoever is late reads again, so that no label is lost.
#[tokio::test]
async fn labels_of_two_at_the_same_time_are_both_kept() {
    let secret = Emulated::with_container().await;
    for data in ["b25l", "dHdv"] {
        secret.add(data).await;
    }
    for (current, next) in [("1", "2"), ("2", "1"), ("1", "2"), ("2", "1")] {
        tokio::join!(secret.label(CURRENT, Some(current)), secret.label(NEXT, Some(next)));
        assert_eq!(secret.stands().await, numbers(Some(current), Some(next), "3"));
    }
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_told() {
    let secret = Emulated::start();
    let state = secret.gcp.secret(ID).await.unwrap();
    let upcoming = Some("1".to_owned());
    assert_eq!(state, SecretState { upcoming, ..SecretState::default() });
    let failures = [
        secret.put("canary-3f81", FIRST).await.unwrap_err(),
        secret.stage("canary-3f81", FIRST).await.unwrap_err(),
        secret.gcp.label_secret(ID, NEXT, Some("1")).await.unwrap_err(),
    ];
    for failure in failures {
        let told = failure.to_string();
        assert!(told.contains("there is no such secret"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

/// A label of a version that does not exist is refused by the service, and its words are told.
#[tokio::test]
async fn a_label_of_no_version_is_refused() {
    let secret = Emulated::with_container().await;
    let refused = secret.gcp.label_secret(ID, NEXT, Some("1")).await.unwrap_err();
    assert!(format!("{refused:?}").contains("An alias is of a version that exists"), "{refused:?}");
}
