//! What a person is told when AWS says no, or nothing.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use wiremock::ResponseTemplate;

use super::{REGION, Stand, aws, config};
use crate::cloud::Cloud;

async fn identity_refused(status: u16, code: &str, message: &str) -> String {
    let stand = Stand::new().await;
    let answer = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>\
         </ErrorResponse>"
    );
    stand.query("GetCallerIdentity", "", status, &answer).await;
    stand.aws.identity().await.unwrap_err().to_string()
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_remedy() {
    for (status, code, message, remedy) in [
        (400, "Throttling", "Rate exceeded", "next: wait a minute"),
        (403, "ExpiredToken", "The security token is expired", "next: renew your credentials"),
        (403, "InvalidClientTokenId", "The token is invalid", "next: check AWS_PROFILE"),
        (403, "SignatureDoesNotMatch", "Signature expired: then", "next: set this machine's clock"),
        (503, "ServiceUnavailable", "busy", "next: look at https://health.aws.amazon.com"),
        (403, "AccessDenied", "no", "next: ask the admin of account 111122223333 for `sts:Get"),
        (403, "AccessDenied", "with an explicit deny in a policy", "to lift the explicit deny"),
    ] {
        let text = identity_refused(status, code, message).await;
        assert!(text.starts_with("error: cannot find out who is calling AWS"), "{text}");
        assert!(text.contains(&format!("AWS says {code}")), "{text}");
        assert!(text.contains("request id req-1"), "{text}");
        assert!(text.contains(remedy), "{text}");
    }
}

#[tokio::test]
async fn the_signed_text_that_old_services_send_back_is_not_shown() {
    let message = "does not match. The canonical string should have been \
                   'POST / x-amz-security-token:FQoGTOKEN'";
    let text = identity_refused(403, "SignatureDoesNotMatch", message).await;
    assert!(!text.contains("FQoGTOKEN"), "{text}");
}

#[tokio::test]
async fn a_message_without_end_is_cut() {
    let text = identity_refused(400, "AccessDenied", &"ä".repeat(5000)).await;
    assert!(text.contains("ä...") && text.len() < 2000, "{}", text.len());
}

async fn with_credentials_error(error: fn() -> CredentialsError) -> String {
    let provider = provide_credentials_fn(move || async move { Err(error()) });
    let config = config("http://127.0.0.1:9", REGION)
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build();
    aws(&config).identity().await.unwrap_err().to_string()
}

#[tokio::test]
async fn no_credentials_and_broken_credentials_are_told_apart() {
    let text = with_credentials_error(|| CredentialsError::not_loaded("none anywhere")).await;
    assert!(text.contains("no AWS credentials were found"), "{text}");
    assert!(text.contains("next: log in with `aws login`"), "{text}");
    let text =
        with_credentials_error(|| CredentialsError::provider_error("the session expired")).await;
    assert!(text.contains("could not be loaded"), "{text}");
    assert!(text.contains("the session expired"), "{text}");
}

#[tokio::test]
async fn no_network_names_the_proxy_and_the_region() {
    // The listener is bound and dropped, so nobody answers at its port.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let text = aws(&config(&endpoint, REGION)).identity().await.unwrap_err().to_string();
    assert!(text.contains("no answer from AWS"), "{text}");
    assert!(
        text.contains("HTTPS_PROXY and NO_PROXY, and that region `eu-central-1` exists"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_leaves_open_what_happened() {
    let stand = Stand::new().await;
    let never = ResponseTemplate::new(200).set_delay(Duration::from_hours(1));
    stand.s3(super::owned("PUT", "/states/run.lock"), never).await;
    let timeout = TimeoutConfig::builder().operation_timeout(Duration::from_millis(300)).build();
    let config = config(&stand.server.uri(), REGION).into_builder().timeout_config(timeout).build();
    let failure = aws(&config).put_object("states", "run.lock", Vec::new()).await.unwrap_err();
    assert!(failure.to_string().contains("may or may not have been carried out"), "{failure}");
}
