//! How to reach Google Cloud: project, region, credentials, TLS.
//!
//! Application default credentials are read the way every Google tool reads them, impersonation
//! that they ask for included. TLS is rustls with ring and the certificates of the operating system.

use std::sync::Once;

use google_cloud_auth::build_errors;
use google_cloud_auth::credentials::{Builder, Credentials, impersonated};

use super::endpoints::Endpoints;
use super::rest::texts;
use crate::failure::{Failure, Result};

/// What a token may be used for: everything that its owner may do, and saying who that is.
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
];

/// Ends every service account's e-mail address.
const SERVICE_ACCOUNT: &str = ".gserviceaccount.com";

/// The project to talk to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Id of the project, like `acme-ledger`.
    pub project: String,
    /// Its number. Buckets must belong to it; that the project has it is checked with
    /// [`Cloud::identity`](crate::cloud::Cloud::identity).
    pub project_number: String,
    /// Region of what is installed, like `europe-west3`.
    pub region: String,
    /// E-mail address of a service account to impersonate; `None` to call as who we are.
    pub service_account: Option<String>,
    /// Where the APIs are.
    pub endpoints: Endpoints,
}

impl Connection {
    /// The credentials of this connection. Nothing is called yet: a token is fetched with the
    /// first call.
    pub(super) fn credentials(&self) -> Result<Credentials> {
        use_ring();
        let source = || Builder::default().with_scopes(SCOPES).build();
        let Some(account) = &self.service_account else {
            return source().map_err(|error| not_loaded(&error));
        };
        if !account.contains('@') || !account.ends_with(SERVICE_ACCOUNT) {
            return Err(Failure::input(format!("`{account}` is not a service account"))
                .because("one looks like `installer@acme-ledger.iam.gserviceaccount.com`"));
        }
        impersonated::Builder::from_source_credentials(
            source().map_err(|error| not_loaded(&error))?,
        )
        .with_target_principal(account)
        .with_scopes(SCOPES)
        .build()
        .map_err(|error| not_loaded(&error))
    }
}

/// Application default credentials that are there, and wrong. Their content is never shown.
fn not_loaded(error: &build_errors::Error) -> Failure {
    let failure = Failure::failed("the Google Cloud credentials cannot be read")
        .because(texts(error))
        .next("log in: `gcloud auth application-default login`");
    failure.next("see that GOOGLE_APPLICATION_CREDENTIALS, if set, names a file with credentials")
}

/// Makes ring the cryptography of every TLS client of the process that does not name one. One that
/// was chosen before stays.
pub(super) fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _already_chosen = rustls::crypto::ring::default_provider().install_default();
    });
}
