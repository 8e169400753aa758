//! How to reach AWS: region, credentials, TLS, timeouts, retries.
//!
//! Credentials, profile and `AWS_ENDPOINT_URL` are read by the SDK the way every AWS tool reads
//! them. TLS is rustls with ring and the certificates of the operating system.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};

use crate::failure::{Failure, Result};

/// How long a connection may take to open. AWS answers in milliseconds; what takes longer is a
/// firewall that drops packets.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one attempt of a call may take; the largest bodies are records of a few megabytes.
const ATTEMPT: Duration = Duration::from_secs(30);
/// How long a call may take with all its attempts.
const OPERATION: Duration = Duration::from_mins(2);
/// Attempts of a call: throttling while a rollout is polled is common and passes.
const ATTEMPTS: u32 = 4;
/// Names the caller in `CloudTrail`: session name of an assumed role, and user agent.
const CALLER: &str = "landfall";

/// The account to talk to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Region that calls go to, like `eu-central-1`.
    pub region: String,
    /// Twelve digits. Buckets must belong to it; that the caller does is checked with
    /// [`Cloud::identity`](crate::cloud::Cloud::identity).
    pub expected_account: String,
    /// ARN of a role of that account to assume; `None` to call as who we are.
    pub role: Option<String>,
}

impl Connection {
    /// The SDK's settings for this connection. Nothing is called yet, unless a role is to be
    /// assumed: then its credentials are fetched with the first call.
    pub(super) async fn sdk_config(&self) -> Result<SdkConfig> {
        self.check_role()?;
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .http_client(http_client())
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
        let config = match AppName::new(CALLER) {
            Ok(name) => config.app_name(name),
            Err(_) => config,
        };
        let config = config.load().await;
        Ok(match &self.role {
            Some(role) => assuming(config, role).await,
            None => config,
        })
    }

    /// A role of another account would take every call there, so it is refused before the first.
    fn check_role(&self) -> Result<()> {
        let Some(role) = &self.role else { return Ok(()) };
        let parts: Vec<&str> = role.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "iam", "", account, name] if name.starts_with("role/") => {
                if *account == self.expected_account {
                    return Ok(());
                }
                Err(Failure::input(format!("role `{role}` is not one of the target account"))
                    .because(format!(
                        "it belongs to account {account}, the target is account {}",
                        self.expected_account
                    )))
            }
            _ => Err(Failure::input(format!("`{role}` is not the ARN of a role"))
                .because("a role looks like `arn:aws:iam::111122223333:role/installer`")),
        }
    }
}

/// The same settings, calling as `role`, whose credentials the SDK renews before they expire.
pub(super) async fn assuming(config: SdkConfig, role: &str) -> SdkConfig {
    let provider =
        AssumeRoleProvider::builder(role).session_name(CALLER).configure(&config).build().await;
    config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .identity_cache(aws_config::identity::IdentityCache::lazy().build())
        .build()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// An HTTP client that goes through `HTTPS_PROXY` unless `NO_PROXY` says otherwise: terraform
/// does, and what it reaches we must reach. The SDK's default client does not.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// An HTTP client that reads nothing from the environment.
pub(super) fn direct_http_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
