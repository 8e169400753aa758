//! What a run leaves in the bucket: the journal of every run, and the proof of every job.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::context::Run;
use crate::cloud::JobHandle;
use crate::failure::{Failure, Result};
use crate::fs;

/// Version of the records' format.
const FORMAT: u32 = 1;

/// What is known about a job with a certain fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JobRecord {
    /// Version of this format.
    pub format: u32,
    /// The kit's name of the job.
    pub job: String,
    /// Counts from 1; a new attempt gets a new token.
    pub attempt: u32,
    /// The run that started it.
    pub run: String,
    /// The release it belongs to.
    pub release: String,
    /// The started task, once the platform has answered.
    pub handle: Option<JobHandle>,
    /// Set when it ended.
    pub exit_code: Option<i32>,
}

impl JobRecord {
    pub(super) fn new(run: &Run, job: &str, attempt: u32) -> Self {
        Self {
            format: FORMAT,
            job: job.to_owned(),
            attempt,
            run: run.id.clone(),
            release: run.environment.release.clone(),
            handle: None,
            exit_code: None,
        }
    }
}

fn key(job: &str, fingerprint: &str) -> String {
    format!("records/{job}/{fingerprint}.json")
}

impl Run {
    /// The record of a job, if it was ever started with this fingerprint.
    pub(super) async fn job_record(
        &self,
        job: &str,
        fingerprint: &str,
    ) -> Result<Option<JobRecord>> {
        let key = key(job, fingerprint);
        let Some(object) = self.cloud.get_object(self.bucket(), &key).await? else {
            return Ok(None);
        };
        let record: JobRecord = serde_json::from_slice(&object.body).map_err(|error| {
            Failure::failed("a job's record cannot be read")
                .at(self.cloud.object_address(self.bucket(), &key))
                .because(error.to_string())
                .next("if nobody wrote it by hand, update Landfall")
        })?;
        if record.format > FORMAT {
            return Err(Failure::input("a job's record was written by a newer Landfall")
                .at(self.cloud.object_address(self.bucket(), &key))
                .next("update Landfall"));
        }
        Ok(Some(record))
    }

    /// Writes the record of a job.
    pub(super) async fn put_job_record(&self, fingerprint: &str, record: &JobRecord) -> Result<()> {
        let body = serde_json::to_vec_pretty(record)
            .map_err(|error| Failure::failed("cannot write a job's record").caused_by(error))?;
        self.cloud.put_object(self.bucket(), &key(&record.job, fingerprint), body).await
    }

    /// Copies the journal, what a person wrote and the lock to the bucket, as far as there is one: a dead
    /// laptop costs nothing. What cannot be copied is said, it never ends a run.
    pub(super) async fn keep_record(&self) {
        if !matches!(self.cloud.state_store(self.bucket()).await, Ok(Some(_))) {
            return;
        }
        let read = |path: PathBuf| fs::read_if_present(&path).ok().flatten();
        let written = &self.written;
        let files = [
            (read(self.run_folder().join("journal.jsonl")), "journal.jsonl"),
            (Some(written.environment.clone().into_bytes()), "environment.hcl"),
            (written.defaults.clone().map(String::into_bytes), "defaults.hcl"),
            (read(self.folder().join("landfall.lock")), "landfall.lock"),
            (read(self.folder().join("landfall.next.lock")), "landfall.next.lock"),
        ];
        for (bytes, name) in files {
            let Some(bytes) = bytes else { continue };
            let key = format!("runs/{}/{name}", self.id);
            if let Err(failure) = self.cloud.put_object(self.bucket(), &key, bytes).await {
                self.reporter
                    .note(format!("the record {key} is not in the bucket: {}", failure.what()));
                return;
            }
        }
    }
}
