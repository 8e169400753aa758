//! The AWS side against recorded answers on loopback: what is sent, and what is made of each
//! answer. The answers have the form that AWS documents.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod account;
mod containers;
mod failures;
mod jobs;
mod objects;
mod secrets;
mod snapshots;
mod state_store;
mod tags;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;
use wiremock::matchers::{any, body_partial_json, body_string_contains, header, method, path};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::Aws;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const REQUEST_ID: &str = "req-1";

/// AWS on loopback. A request that no mock expects fails the test when the server is dropped.
struct Stand {
    server: MockServer,
    aws: Aws,
}

impl Stand {
    async fn new() -> Self {
        Self::in_region(REGION).await
    }

    async fn in_region(region: &str) -> Self {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(ResponseTemplate::new(418))
            .with_priority(u8::MAX)
            .expect(0)
            .named("a request that the test does not know")
            .mount(&server)
            .await;
        let aws = aws(&config(&server.uri(), region));
        Self { server, aws }
    }

    /// A call of a service that speaks JSON: its target, what its body must hold, the answer.
    async fn json(&self, target: &str, body: Value, status: u16, answer: Value) {
        let answer = ResponseTemplate::new(status)
            .set_body_raw(serde_json::to_vec(&answer).unwrap(), "application/x-amz-json-1.1");
        Mock::given(method("POST"))
            .and(path("/"))
            .and(header("x-amz-target", target))
            .and(body_partial_json(body))
            .respond_with(answer.insert_header("x-amzn-requestid", REQUEST_ID))
            .up_to_n_times(1)
            .expect(1)
            .named(target)
            .mount(&self.server)
            .await;
    }

    /// A call of a service that speaks forms and XML.
    async fn query(&self, action: &str, field: &str, status: u16, answer: &str) {
        Mock::given(method("POST"))
            .and(body_string_contains(format!("Action={action}&")))
            .and(body_string_contains(field))
            .respond_with(
                ResponseTemplate::new(status)
                    .set_body_raw(answer, "text/xml")
                    .insert_header("x-amzn-requestid", REQUEST_ID),
            )
            .up_to_n_times(1)
            .expect(1)
            .named(action)
            .mount(&self.server)
            .await;
    }

    /// An answer to a call of S3, expected once.
    async fn s3(&self, request: MockBuilder, answer: ResponseTemplate) {
        request.respond_with(answer).up_to_n_times(1).expect(1).mount(&self.server).await;
    }
}

/// A request to S3 that names the account that must own the bucket.
fn owned(verb: &str, at: &str) -> MockBuilder {
    Mock::given(method(verb)).and(path(at)).and(header("x-amz-expected-bucket-owner", ACCOUNT))
}

fn s3_error(status: u16, code: &str) -> ResponseTemplate {
    let body = format!("<Error><Code>{code}</Code><Message>{code} in words.</Message></Error>");
    ResponseTemplate::new(status)
        .set_body_raw(body, "application/xml")
        .insert_header("x-amz-request-id", REQUEST_ID)
}

fn xml(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/xml")
}

#[expect(clippy::default_trait_access, reason = "the clock's type is not exported to us")]
fn config(endpoint: &str, region: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "wJalrEXAMPLEKEY", None, None, "tests");
    let mut config = SdkConfig::builder();
    // The provider of assumed roles insists on a clock.
    config.set_time_source(Some(Default::default()));
    config
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .build()
}

fn aws(config: &SdkConfig) -> Aws {
    let mut aws = Aws::with_config(config, ACCOUNT);
    aws.settle = Duration::ZERO;
    aws
}
