//! Secrets: written, staged, labelled, and never read (`secretmanager.v1#Secret`,
//! `secretmanager.v1#SecretVersion`, `secretmanager.v1#AddSecretVersionRequest`).

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, query_param, query_param_is_missing};

use super::{Stand, asked, denied, not_found, ok, status};
use crate::cloud::{CURRENT, Cloud, NEXT, PREVIOUS, SecretState};
use crate::secret::Secret;

const ID: &str = "projects/acme-ledger/secrets/demo-licence";
const AT: &str = "/v1/projects/acme-ledger/secrets/demo-licence";
const TOKEN: &str = "5d2f0e8c-0000-4000-8000-000000000001";
const WRITE: &str = "landfall-write-5d2f0e8c-0000-4000-8000-000000000001";

impl Stand {
    async fn container(&self, etag: &str, aliases: Value) {
        // The API answers with the number of the project.
        let name = "projects/123456789012/secrets/demo-licence";
        self.get(AT, json!({ "name": name, "etag": etag, "versionAliases": aliases })).await;
    }

    /// The newest version in any state.
    async fn last(&self, version: Option<&str>) {
        let name = |it| format!("projects/123456789012/secrets/demo-licence/versions/{it}");
        let versions: Vec<Value> =
            version.map(|it| json!({ "name": name(it) })).into_iter().collect();
        let request = asked("GET", &format!("{AT}/versions")).and(query_param("pageSize", "1"));
        self.once(request, ok(&json!({ "versions": versions }))).await;
    }

    /// All versions with their states, newest first.
    async fn versions(&self, versions: &[(&str, &str)]) {
        let request = asked("GET", &format!("{AT}/versions")).and(query_param("pageSize", "100"));
        self.once(request, ok(&json!({ "versions": listed(versions) }))).await;
    }

    /// A version is added with this value in base64.
    async fn adds(&self, data: &str, version: &str) {
        let at = format!("{AT}:addVersion");
        let body = json!({ "payload": { "data": data } });
        let name = format!("projects/123456789012/secrets/demo-licence/versions/{version}");
        let answer = json!({ "name": name, "state": "ENABLED" });
        self.once(asked("POST", &at).and(body_json(body)), ok(&answer)).await;
    }

    /// The aliases become these, if the container is still the one with this etag.
    async fn labels(&self, etag: &str, aliases: Value) {
        self.labels_with(etag, aliases, ResponseTemplate::new(200).set_body_json(json!({}))).await;
    }

    async fn labels_with(&self, etag: &str, aliases: Value, answer: ResponseTemplate) {
        let request = asked("PATCH", AT)
            .and(query_param("updateMask", "versionAliases"))
            .and(body_json(json!({ "name": ID, "etag": etag, "versionAliases": aliases })));
        self.once(request, answer).await;
    }
}

fn listed(versions: &[(&str, &str)]) -> Vec<Value> {
    let name = |it| format!("projects/123456789012/secrets/demo-licence/versions/{it}");
    versions.iter().map(|(it, state)| json!({ "name": name(it), "state": state })).collect()
}

fn value() -> Secret {
    Secret::new("s3cret".to_owned())
}

/// `s3cret`.
const DATA: &str = "czNjcmV0";

#[tokio::test]
async fn the_current_version_is_the_labelled_one_or_the_newest_enabled() {
    let stand = Stand::new().await;
    let aliases = json!({ "landfall-current": "3", "landfall-next": "4" });
    stand.container("e1", aliases).await;
    let state = stand.gcp.secret(ID).await.unwrap();
    let version = |it: &str| Some(it.to_owned());
    let (current, next) = (version("3"), version("4"));
    assert_eq!(state, SecretState { exists: true, version: current, next, upcoming: None });
    stand.container("e1", json!({})).await;
    let versions = format!("{AT}/versions");
    let first = asked("GET", &versions).and(query_param_is_missing("pageToken"));
    let disabled = listed(&[("9", "DESTROYED"), ("8", "DISABLED")]);
    stand.once(first, ok(&json!({ "versions": disabled, "nextPageToken": "more" }))).await;
    let second = asked("GET", &versions).and(query_param("pageToken", "more"));
    stand.once(second, ok(&json!({ "versions": listed(&[("7", "ENABLED")]) }))).await;
    let state = stand.gcp.secret("demo-licence").await.unwrap();
    assert_eq!(state, SecretState { exists: true, version: version("7"), ..Default::default() });
}

/// A container without a current version is listed once, for the number of its first one.
#[tokio::test]
async fn the_number_of_the_next_version_is_asked_for_where_it_is_needed() {
    let stand = Stand::new().await;
    let empty = |upcoming: &str| SecretState {
        exists: true,
        upcoming: Some(upcoming.to_owned()),
        ..SecretState::default()
    };
    stand.container("e1", json!({})).await;
    stand.versions(&[]).await;
    assert_eq!(stand.gcp.secret(ID).await.unwrap(), empty("1"));
    // Numbers are never given twice.
    stand.container("e1", json!({})).await;
    stand.versions(&[("2", "DESTROYED"), ("1", "DESTROYED")]).await;
    assert_eq!(stand.gcp.secret(ID).await.unwrap(), empty("3"));
    stand.get_refused(AT, not_found()).await;
    assert_eq!(stand.gcp.secret(ID).await.unwrap(), SecretState { exists: false, ..empty("1") });
    stand.last(Some("5")).await;
    assert_eq!(stand.gcp.upcoming_version(ID).await.unwrap().as_deref(), Some("6"));
    stand.last(None).await;
    assert_eq!(stand.gcp.upcoming_version(ID).await.unwrap().as_deref(), Some("1"));
    stand.last(Some("latest")).await;
    let text = stand.gcp.upcoming_version(ID).await.unwrap_err().to_string();
    assert!(text.contains("is not a numbered version"), "{text}");
}

#[tokio::test]
async fn a_value_is_written_and_becomes_current_and_is_never_read() {
    let stand = Stand::new().await;
    let before = json!({ "landfall-current": "1", "theirs": "1",
        "landfall-write-older": "1", "landfall-write-oldest": "9" });
    stand.container("e1", before.clone()).await;
    stand.adds(DATA, "2").await;
    stand.container("e1", before).await;
    // The write of a version that still has a name is remembered, others are forgotten.
    let after = json!({ "landfall-current": "2", "theirs": "1", "landfall-write-older": "1",
        WRITE: "2" });
    stand.labels("e1", after).await;
    assert_eq!(stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap(), "2");
    let paths = stand.asked_for().await;
    assert!(paths.iter().all(|path| !path.contains(":access")), "{paths:?}");
}

#[tokio::test]
async fn no_source_file_reads_a_value() {
    // The method is written apart, so that this file does not find itself.
    let method = [":", "access"].concat();
    let files = [
        include_str!("../secrets.rs"),
        include_str!("../secret_state.rs"),
        include_str!("../rest.rs"),
        include_str!("../client.rs"),
        include_str!("../jobs.rs"),
        include_str!("../executions.rs"),
        include_str!("../labels.rs"),
    ];
    assert!(files.iter().all(|text| !text.contains(&method)));
}

#[tokio::test]
async fn the_same_write_again_is_the_same_version() {
    let stand = Stand::new().await;
    stand.container("e1", json!({ "landfall-current": "2", WRITE: "2" })).await;
    assert_eq!(stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap(), "2");
    stand.container("e1", json!({ "landfall-current": "3", WRITE: "2" })).await;
    let text = stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap_err().to_string();
    assert!(text.contains("another version has become current since"), "{text}");
}

#[tokio::test]
async fn staging_leaves_the_current_version_current() {
    let stand = Stand::new().await;
    // Nothing was labelled yet: the newest is current for being the newest, so it gets the label
    // before there is a newer one.
    stand.container("e1", json!({})).await;
    stand.versions(&[("1", "ENABLED")]).await;
    stand.container("e1", json!({})).await;
    stand.labels("e1", json!({ "landfall-current": "1" })).await;
    stand.adds(DATA, "2").await;
    stand.container("e2", json!({ "landfall-current": "1" })).await;
    let after = json!({ "landfall-current": "1", "landfall-next": "2", WRITE: "2" });
    stand.labels("e2", after).await;
    assert_eq!(stand.gcp.stage_secret(ID, &value(), TOKEN).await.unwrap(), "2");
}

#[tokio::test]
async fn a_label_moves_and_goes_and_stays() {
    let stand = Stand::new().await;
    let label = |label, version| stand.gcp.label_secret(ID, label, version);
    stand.container("e1", json!({ "landfall-current": "1" })).await;
    stand.labels("e1", json!({ "landfall-current": "1", "landfall-previous": "1" })).await;
    label(PREVIOUS, Some("1")).await.unwrap();
    stand.container("e2", json!({ "landfall-current": "2" })).await;
    label(CURRENT, Some("2")).await.unwrap();
    stand.container("e3", json!({ "landfall-next": "2" })).await;
    stand.labels("e3", json!({})).await;
    label(NEXT, None).await.unwrap();
    stand.container("e4", json!({})).await;
    label(NEXT, None).await.unwrap();
}

#[tokio::test]
async fn labels_that_others_move_meanwhile_are_not_lost() {
    let stand = Stand::new().await;
    stand.container("e1", json!({})).await;
    let message = "The etag provided does not match the current one";
    let (code, body) = status(400, "FAILED_PRECONDITION", message, json!([]));
    let outdated = ResponseTemplate::new(code).set_body_json(body);
    stand.labels_with("e1", json!({ "landfall-next": "2" }), outdated).await;
    stand.container("e2", json!({ "theirs": "1" })).await;
    stand.labels("e2", json!({ "landfall-next": "2", "theirs": "1" })).await;
    stand.gcp.label_secret(ID, NEXT, Some("2")).await.unwrap();
}

#[tokio::test]
async fn an_absent_container_is_terraforms_to_make() {
    let stand = Stand::new().await;
    stand.get_refused(AT, not_found()).await;
    let text = stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap_err().to_string();
    assert!(text.contains("made by layer `foundation`"), "{text}");
    stand.get_refused(AT, not_found()).await;
    assert!(stand.gcp.label_secret(ID, NEXT, None).await.is_err());
}

#[tokio::test]
async fn an_empty_value_is_not_sent() {
    let stand = Stand::new().await;
    let empty = Secret::new(String::new());
    let text = stand.gcp.put_secret(ID, &empty, TOKEN).await.unwrap_err().to_string();
    assert!(text.contains("its value is empty"), "{text}");
}

#[tokio::test]
async fn a_refusal_that_repeats_the_value_does_not_show_it() {
    let stand = Stand::new().await;
    stand.container("e1", json!({ "landfall-current": "1" })).await;
    let message = format!("Invalid value at 'payload.data' (TYPE_BYTES), \"{DATA}\"");
    let (code, body) = status(400, "INVALID_ARGUMENT", &message, json!([]));
    let at = format!("{AT}:addVersion");
    let answer = ResponseTemplate::new(code).set_body_json(body);
    stand.once(asked("POST", &at), answer).await;
    let text = stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap_err().to_string();
    assert!(text.contains("Google Cloud says INVALID_ARGUMENT"), "{text}");
    assert!(!text.contains(DATA) && !text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_denial_still_names_the_permission() {
    let stand = Stand::new().await;
    stand.container("e1", json!({ "landfall-current": "1" })).await;
    let (code, body) = denied("secretmanager.versions.add");
    let at = format!("{AT}:addVersion");
    stand.once(asked("POST", &at), ResponseTemplate::new(code).set_body_json(body)).await;
    let text = stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap_err().to_string();
    assert!(text.contains("for `secretmanager.versions.add` on secret `projects/"), "{text}");
    stand.container("e1", json!({ "landfall-current": "1" })).await;
    let message = "Cloud KMS key is not usable: missing cloudkms.cryptoKeyVersions.useToEncrypt";
    let (code, body) = status(400, "FAILED_PRECONDITION", message, json!([]));
    stand.once(asked("POST", &at), ResponseTemplate::new(code).set_body_json(body)).await;
    let text = stand.gcp.put_secret(ID, &value(), TOKEN).await.unwrap_err().to_string();
    assert!(text.contains(message), "{text}");
}
