//! Services, worker pools and jobs of Cloud Run, with the errors of the real provider.
//!
//! A revision that does not become ready fails the call. After a create terraform keeps the service
//! as tainted; after an update it keeps the new template, the service goes on with the revision
//! before, and the next plan is empty: so it is with the real provider.

use serde_json::Value as Json;

use super::apply::Outcome;
use super::{Connection, Refusal, error};

/// What the provider calls these resources in its messages.
const ROLLED_OUT: [(&str, &str); 3] = [
    ("google_cloud_run_v2_job", "Job"),
    ("google_cloud_run_v2_service", "Service"),
    ("google_cloud_run_v2_worker_pool", "WorkerPool"),
];

/// Whether an apply of this type waits for the platform to start something.
pub(super) fn is_rolled_out(name: &str) -> bool {
    ROLLED_OUT.iter().any(|(kind, _)| *kind == name)
}

impl Connection {
    /// Keeps a resource of Cloud Run and rolls it out; `made_from` is the seed of a new one.
    pub(super) fn roll_out(
        &self,
        name: &str,
        state: Json,
        made_from: Option<&str>,
    ) -> Result<Outcome, Refusal> {
        let served = &self.served;
        let (state, failed) = served.account.roll_out(name, made_from, state, &served.faults)?;
        let state = self.kind(name)?.schema.block.read_state(&state);
        let what = ROLLED_OUT.iter().find(|(kind, _)| *kind == name).map_or("", |(_, what)| what);
        let summary = |why: &str| match made_from {
            Some(_) => format!(
                "Error waiting to create {what}: Error waiting for Creating {what}: Error code 9, \
                 message: {why}"
            ),
            None => format!("Error waiting for Updating {what}: Error code 9, message: {why}"),
        };
        Ok((state, failed.iter().map(|why| error(summary(why), "")).collect()))
    }
}
