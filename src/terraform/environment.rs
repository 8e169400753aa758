//! The environment that terraform sees: ours, not whatever the person's shell happens to hold.
//!
//! A stray `TF_VAR_x`, `TF_CLI_ARGS_apply` or `TF_WORKSPACE` changes what a plan means without a
//! trace in any file. So of the `TF_*` variables only those are kept that change where providers
//! come from or who may fetch them; the dropped names are reported for `-v`.
//!
//! Google's provider takes more than credentials from variables: a project, a region, an account to
//! act as, other addresses of its APIs. Those would lead an apply away from the target that
//! `environment.hcl` names, so they are dropped as well; credentials stay.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::backend::Backend;

/// What terraform talks to.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The real cloud, or an emulator of its API: credentials come from the person's environment.
    Real,
    /// Our own process serves every provider; no credential is in reach.
    Simulated {
        /// The value of `TF_REATTACH_PROVIDERS`: JSON, provider address → socket.
        reattach: String,
        /// Where states lie for layers with an `http` backend.
        states: Option<States>,
    },
}

/// Where an `http` backend finds the states of an environment's bucket.
#[derive(Clone, Debug)]
pub struct States {
    /// The bucket: a URL without the key of the state.
    pub bucket: String,
    /// The backend that it stands in for, whose keys it uses.
    pub backend: Backend,
}

impl States {
    fn url(&self, layer: &str) -> String {
        format!("{}/{}", self.bucket, self.backend.state_key(layer))
    }
}

impl Engine {
    pub(super) fn states(&self) -> Option<&States> {
        match self {
            Self::Real => None,
            Self::Simulated { states, .. } => states.as_ref(),
        }
    }
}

/// Variables for a child process, and what was left out.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) variables: Vec<(OsString, OsString)>,
    /// Names only, sorted: a value may be a secret.
    pub(super) dropped: Vec<String>,
}

/// `TF_*` names that a person may set. All else that begins with `TF_` is dropped, known or not:
/// `TF_VAR_*`, `TF_CLI_ARGS*`, `TF_LOG*` (secrets in logs), `TF_INPUT`, `TF_WORKSPACE`,
/// `TF_REATTACH_PROVIDERS`, `TF_DATA_DIR`, `TF_ENCRYPTION`, `TF_STATE_PERSIST_INTERVAL`, and
/// `TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE`, which undoes the pinned hashes.
const KEPT: [&str; 3] =
    ["TF_PLUGIN_CACHE_DIR", "TF_REGISTRY_DISCOVERY_RETRY", "TF_REGISTRY_CLIENT_TIMEOUT"];

/// `TF_TOKEN_<host>`: the right to fetch from a private registry. Real engine only.
const REGISTRY_TOKEN: &str = "TF_TOKEN_";

/// What would lead Google's provider, or the backend that keeps its state, somewhere else: names as
/// the provider documents them, with the older ones that it still reads.
const REDIRECTS: [&str; 19] = [
    "GOOGLE_PROJECT",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "CLOUDSDK_CORE_PROJECT",
    "GOOGLE_REGION",
    "GCLOUD_REGION",
    "CLOUDSDK_COMPUTE_REGION",
    "GOOGLE_ZONE",
    "GCLOUD_ZONE",
    "CLOUDSDK_COMPUTE_ZONE",
    "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
    "GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT",
    "GOOGLE_BILLING_PROJECT",
    "USER_PROJECT_OVERRIDE",
    "GOOGLE_UNIVERSE_DOMAIN",
    // Keys of the customer's own for objects in the state bucket: none is in the rendered backend.
    "GOOGLE_ENCRYPTION_KEY",
    "GOOGLE_KMS_ENCRYPTION_KEY",
    "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT",
    "STORAGE_EMULATOR_HOST",
];

/// `GOOGLE_<API>_CUSTOM_ENDPOINT`: another address of an API.
const ENDPOINT: [&str; 2] = ["GOOGLE_", "_CUSTOM_ENDPOINT"];

/// Prefixes that no simulated terraform sees: a rehearsal must be unable to reach an account.
const CLOUD: [&str; 6] = ["AWS_", "AMAZON_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "GCE_"];

/// An empty CLI configuration that always exists.
const EMPTY: &str = "/dev/null";

/// Builds the child's environment from `process`, usually the whole environment of this process.
pub(super) fn owned(
    process: impl IntoIterator<Item = (OsString, OsString)>,
    engine: &Engine,
) -> Environment {
    let simulated = matches!(engine, Engine::Simulated { .. });
    let mut environment = Environment { variables: Vec::new(), dropped: Vec::new() };
    for (name, value) in process {
        if name == "TF_CLI_CONFIG_FILE" && !simulated {
            // Naming a file that is absent makes every command print a warning.
            let file = if Path::new(&value).is_file() { value } else { EMPTY.into() };
            environment.variables.push((name, file));
        } else if is_kept(&name, simulated) {
            environment.variables.push((name, value));
        } else {
            environment.dropped.push(name.to_string_lossy().into_owned());
        }
    }
    environment.dropped.sort_unstable();
    environment.set("TF_IN_AUTOMATION", "1");
    environment.set("TF_INPUT", "0");
    environment.set("CHECKPOINT_DISABLE", "1");
    if let Engine::Simulated { reattach, .. } = engine {
        environment.set("TF_REATTACH_PROVIDERS", reattach);
        // A person's own configuration may name credential helpers, which are programs.
        environment.set("TF_CLI_CONFIG_FILE", EMPTY);
        environment.set("AWS_EC2_METADATA_DISABLED", "true");
        environment.set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        environment.set("AWS_CONFIG_FILE", "/dev/null");
        environment.set("GOOGLE_APPLICATION_CREDENTIALS", "/dev/null");
        // Many short commands in a row: fewer rounds of Go's garbage collector save a fifth.
        environment.set("GOGC", "1000");
    }
    environment
}

impl Environment {
    /// Settings of the `http` backend for one state. In variables instead of files: the address is
    /// another one in every run, and whoever knows it may write the state.
    pub(super) fn set_http_backend(&mut self, states: &States, layer: &str) {
        let address = states.url(layer);
        for name in ["TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS"] {
            self.set(name, &address);
        }
    }

    /// Sets a variable, instead of any earlier value.
    pub(super) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.as_ref().into()));
    }
}

fn is_kept(name: &OsStr, simulated: bool) -> bool {
    // A name that is not UTF-8 is none of terraform's.
    let Some(name) = name.to_str() else { return true };
    if simulated && CLOUD.iter().any(|prefix| name.starts_with(prefix)) {
        return false;
    }
    let [begin, end] = ENDPOINT;
    if REDIRECTS.contains(&name) || (name.starts_with(begin) && name.ends_with(end)) {
        return false;
    }
    if name.starts_with(REGISTRY_TOKEN) {
        return !simulated;
    }
    // `TERRAFORM_CONFIG` is the old name of `TF_CLI_CONFIG_FILE`.
    (!name.starts_with("TF_") || KEPT.contains(&name)) && name != "TERRAFORM_CONFIG"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(process: &[(&str, &str)], engine: &Engine) -> (Vec<String>, Vec<String>) {
        let pairs = process.iter().map(|(name, value)| (name.into(), value.into()));
        let environment = owned(pairs, engine);
        let show = |(name, value): &(OsString, OsString)| {
            format!("{}={}", name.to_string_lossy(), value.to_string_lossy())
        };
        let mut variables: Vec<String> = environment.variables.iter().map(show).collect();
        variables.sort_unstable();
        (variables, environment.dropped)
    }

    #[test]
    fn what_would_change_a_plan_unseen_is_dropped_and_named() {
        let (variables, dropped) = built(
            &[
                ("PATH", "/bin"),
                ("TF_VAR_password", "canary"),
                ("TF_CLI_ARGS_apply", "-lock=false"),
                ("TF_LOG", "trace"),
                ("TF_WORKSPACE", "other"),
                ("TF_REATTACH_PROVIDERS", "{}"),
                ("TF_INPUT", "1"),
                ("TF_PLUGIN_CACHE_DIR", "/cache"),
                ("TF_TOKEN_registry_vendor_example", "t"),
                ("AWS_PROFILE", "customer"),
            ],
            &Engine::Real,
        );
        assert_eq!(
            variables,
            [
                "AWS_PROFILE=customer",
                "CHECKPOINT_DISABLE=1",
                "PATH=/bin",
                "TF_INPUT=0",
                "TF_IN_AUTOMATION=1",
                "TF_PLUGIN_CACHE_DIR=/cache",
                "TF_TOKEN_registry_vendor_example=t",
            ]
        );
        assert_eq!(
            dropped,
            [
                "TF_CLI_ARGS_apply",
                "TF_INPUT",
                "TF_LOG",
                "TF_REATTACH_PROVIDERS",
                "TF_VAR_password",
                "TF_WORKSPACE"
            ]
        );
    }

    #[test]
    fn what_would_lead_google_elsewhere_is_dropped_and_credentials_stay() {
        let (variables, dropped) = built(
            &[
                ("GOOGLE_PROJECT", "other"),
                ("CLOUDSDK_CORE_PROJECT", "other"),
                ("GOOGLE_REGION", "us-east1"),
                ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "x@y"),
                ("GOOGLE_SQL_CUSTOM_ENDPOINT", "https://x.example"),
                ("GOOGLE_APPLICATION_CREDENTIALS", "/key.json"),
                ("GOOGLE_OAUTH_ACCESS_TOKEN", "token"),
                ("CLOUDSDK_CONFIG", "/home"),
            ],
            &Engine::Real,
        );
        for kept in
            ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_CONFIG"]
        {
            assert!(variables.iter().any(|it| it.starts_with(kept)), "{kept}");
        }
        assert_eq!(
            dropped,
            [
                "CLOUDSDK_CORE_PROJECT",
                "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
                "GOOGLE_PROJECT",
                "GOOGLE_REGION",
                "GOOGLE_SQL_CUSTOM_ENDPOINT",
            ]
        );
    }

    #[test]
    fn a_rehearsal_has_no_credentials() {
        let (variables, _) = built(
            &[
                ("AWS_ACCESS_KEY_ID", "canary"),
                ("AWS_PROFILE", "customer"),
                ("GOOGLE_OAUTH_ACCESS_TOKEN", "canary"),
                ("CLOUDSDK_CONFIG", "/home"),
                ("TF_TOKEN_registry_vendor_example", "canary"),
                ("TF_CLI_CONFIG_FILE", "/etc/hostname"),
            ],
            &Engine::Simulated { reattach: "{\"a\":1}".into(), states: None },
        );
        assert_eq!(
            variables,
            [
                "AWS_CONFIG_FILE=/dev/null",
                "AWS_EC2_METADATA_DISABLED=true",
                "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
                "CHECKPOINT_DISABLE=1",
                "GOGC=1000",
                "GOOGLE_APPLICATION_CREDENTIALS=/dev/null",
                "TF_CLI_CONFIG_FILE=/dev/null",
                "TF_INPUT=0",
                "TF_IN_AUTOMATION=1",
                "TF_REATTACH_PROVIDERS={\"a\":1}",
            ]
        );
    }

    #[test]
    fn a_cli_configuration_that_is_absent_is_replaced_by_an_empty_one() {
        let (variables, _) = built(&[("TF_CLI_CONFIG_FILE", "/no/such/file")], &Engine::Real);
        assert!(variables.contains(&"TF_CLI_CONFIG_FILE=/dev/null".to_owned()), "{variables:?}");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let (variables, _) = built(&[("TF_CLI_CONFIG_FILE", file)], &Engine::Real);
        assert!(variables.contains(&format!("TF_CLI_CONFIG_FILE={file}")), "{variables:?}");
    }
}
