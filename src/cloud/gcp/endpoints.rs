//! Where the APIs of Google Cloud are. Tests and emulators put all of them on this machine.

/// Base addresses without a slash at the end, one per API; each is `rootUrl` of the API's discovery
/// document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Cloud Run (`run.v2`).
    pub run: String,
    /// Secret Manager (`secretmanager.v1`).
    pub secret_manager: String,
    /// Cloud Storage (`storage.v1`).
    pub storage: String,
    /// Service Usage (`serviceusage.v1`, `serviceusage.v1beta1`).
    pub service_usage: String,
    /// Cloud Resource Manager (`cloudresourcemanager.v3`).
    pub resource_manager: String,
    /// Cloud SQL Admin (`sqladmin.v1`).
    pub sql_admin: String,
    /// Cloud Logging (`logging.v2`).
    pub logging: String,
    /// Identity and Access Management (`iam.v1`).
    pub iam: String,
    /// Compute Engine (`compute.v1`).
    pub compute: String,
    /// Certificate Manager (`certificatemanager.v1`).
    pub certificate_manager: String,
    /// Who a token is for (`oauth2.v2`).
    pub oauth2: String,
}

impl Endpoints {
    /// Google's own.
    pub fn google() -> Self {
        let api = |name: &str| format!("https://{name}.googleapis.com");
        Self {
            run: api("run"),
            secret_manager: api("secretmanager"),
            storage: api("storage"),
            service_usage: api("serviceusage"),
            resource_manager: api("cloudresourcemanager"),
            sql_admin: api("sqladmin"),
            logging: api("logging"),
            iam: api("iam"),
            compute: api("compute"),
            certificate_manager: api("certificatemanager"),
            oauth2: api("www"),
        }
    }

    /// All of them at one address: the paths of the APIs that are used do not meet.
    pub fn all_at(base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self {
            run: base.clone(),
            secret_manager: base.clone(),
            storage: base.clone(),
            service_usage: base.clone(),
            resource_manager: base.clone(),
            sql_admin: base.clone(),
            logging: base.clone(),
            iam: base.clone(),
            compute: base.clone(),
            certificate_manager: base.clone(),
            oauth2: base,
        }
    }
}

impl Default for Endpoints {
    fn default() -> Self {
        Self::google()
    }
}
