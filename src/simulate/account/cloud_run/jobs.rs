//! Executions of Cloud Run jobs.

use super::super::content::Content;
use super::super::jobs::Prepared;
use super::super::workloads::{digest, last, main, text};
use super::JOB;
use super::templates::containers;
use crate::cloud::{JobHandle, JobRequest};
use crate::simulate::faults::Faults;
use crate::simulate::synthesise::{hash, lower};

impl Content {
    /// An execution that is about to start; fails with what the platform says.
    pub(in super::super) fn prepare_execution(
        &self,
        request: &JobRequest,
        faults: &Faults,
    ) -> Result<Prepared, String> {
        let wanted = request.task_definition.as_str();
        let is_it = |job: &&serde_json::Value| {
            text(job, "id") == wanted || !wanted.contains('/') && text(job, "name") == wanted
        };
        let job = self.states(JOB).find(is_it).ok_or_else(|| {
            format!(
                "NOT_FOUND: Resource '{}' of kind 'JOB' in region '{}' in project '{}' does not \
                 exist",
                last(wanted),
                self.identity.region,
                self.identity.account
            )
        })?;
        let main = main(containers(&job["template"]))
            .ok_or_else(|| "INVALID_ARGUMENT: the job has no containers".to_owned())?;
        let suffix = lower(hash(&[request.token.as_bytes(), self.salt.as_bytes()]), 5);
        let execution = format!("{}-{suffix}", text(job, "name"));
        let handle = JobHandle {
            cluster: request.cluster.clone(),
            task: format!("{}/executions/{execution}", text(job, "id")),
            log_group: request.log_group.clone(),
            log_stream: execution,
        };
        Ok(Prepared {
            handle,
            definition: text(job, "id").to_owned(),
            digest: digest(&main.image),
            cannot_start: self.missing_secret(&job["template"], Some(faults)),
        })
    }
}
