//! The Google Cloud side against recorded answers on loopback: what is sent, and what is made of
//! each answer. The answers have the form of Google's public discovery documents; each file names
//! their schemas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    reason = "tests: an answer that is written down is passed on as it is"
)]

mod account;
mod apis;
mod backups;
mod certificates;
mod failures;
mod jobs;
mod labels;
mod logs;
mod objects;
mod permissions;
mod secrets;
mod services;
mod state_store;
mod transport;

use std::time::Duration;

use google_cloud_auth::credentials::{
    CacheableResource, Credentials, CredentialsProvider, EntityTag,
};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use wiremock::matchers::{any, body_partial_json, header, method, path};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::{Connection, Endpoints, Gcp};

const PROJECT: &str = "acme-ledger";
const NUMBER: &str = "123456789012";
const REGION: &str = "europe-west3";
const PLACE: &str = "projects/acme-ledger/locations/europe-west3";

/// Google Cloud on loopback. A request that no mock expects fails the test when the server is
/// dropped.
struct Stand {
    server: MockServer,
    gcp: Gcp,
}

impl Stand {
    async fn new() -> Self {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(ResponseTemplate::new(418))
            .with_priority(u8::MAX)
            .expect(0)
            .named("a request that the test does not know")
            .mount(&server)
            .await;
        let gcp = gcp(&server.uri(), Token(Ok("token-1")).into());
        Self { server, gcp }
    }

    /// An answer to a request, expected once.
    async fn once(&self, request: MockBuilder, answer: ResponseTemplate) {
        request.respond_with(answer).up_to_n_times(1).expect(1).mount(&self.server).await;
    }

    async fn get(&self, at: &str, answer: Value) {
        self.once(asked("GET", at), ok(&answer)).await;
    }

    async fn get_refused(&self, at: &str, refused: (u16, Value)) {
        let answer = ResponseTemplate::new(refused.0).set_body_json(refused.1);
        self.once(asked("GET", at), answer).await;
    }

    /// A POST or PATCH whose body holds this.
    async fn sent(&self, verb: &str, at: &str, body: Value, answer: Value) {
        self.once(asked(verb, at).and(body_partial_json(body)), ok(&answer)).await;
    }

    /// Paths that were asked for, with their queries.
    async fn asked_for(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests
            .iter()
            .map(|request| {
                let query = request.url.query().map(|it| format!("?{it}")).unwrap_or_default();
                format!("{} {}{query}", request.method, request.url.path())
            })
            .collect()
    }
}

/// Credentials that have a token, or say why they have none.
#[derive(Debug)]
struct Token(Result<&'static str, &'static str>);

impl CredentialsProvider for Token {
    async fn headers(
        &self,
        _: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        let token = self.0.map_err(|text| CredentialsError::from_msg(false, text))?;
        let mut data = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        data.insert(http::header::AUTHORIZATION, value);
        Ok(CacheableResource::New { entity_tag: EntityTag::default(), data })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

fn connection(endpoint: &str) -> Connection {
    Connection {
        project: PROJECT.to_owned(),
        project_number: NUMBER.to_owned(),
        region: REGION.to_owned(),
        service_account: None,
        endpoints: Endpoints::all_at(endpoint),
    }
}

fn gcp(endpoint: &str, credentials: Credentials) -> Gcp {
    let mut gcp = Gcp::with_credentials(&connection(endpoint), credentials).unwrap();
    gcp.settle = Duration::ZERO;
    gcp.rest.pause = Duration::ZERO;
    gcp
}

/// A request with our token.
fn asked(verb: &str, at: &str) -> MockBuilder {
    Mock::given(method(verb)).and(path(at)).and(header("authorization", "Bearer token-1"))
}

fn ok(answer: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(answer)
}

/// `google.rpc.Status` as every API of Google writes it.
fn status(code: u16, word: &str, message: &str, details: Value) -> (u16, Value) {
    let error = json!({ "code": code, "message": message, "status": word, "details": details });
    (code, json!({ "error": error }))
}

fn not_found() -> (u16, Value) {
    status(404, "NOT_FOUND", "it was not found", json!([]))
}

/// `ErrorInfo` of a permission that is missing, as IAM documents it.
fn denied(permission: &str) -> (u16, Value) {
    let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "IAM_PERMISSION_DENIED", "domain": "iam.googleapis.com",
        "metadata": { "permission": permission, "resource": "projects/acme-ledger" } }]);
    let message = format!("Permission '{permission}' denied on resource (or it may not exist).");
    status(403, "PERMISSION_DENIED", &message, info)
}

/// `ErrorInfo` of an API that is not enabled, as Service Usage documents it.
fn disabled(api: &str, consumer: &str) -> (u16, Value) {
    let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
        "metadata": { "service": api, "consumer": format!("projects/{consumer}") } }]);
    let message =
        format!("{api} has not been used in project {consumer} before or it is disabled.");
    status(403, "PERMISSION_DENIED", &message, info)
}
