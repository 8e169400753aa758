//! The record of a run that did not reach its end.

use serde::{Deserialize, Serialize};

use super::{FORMAT, ReleaseRecord};
use crate::environment::model::Class;
use crate::failure::{Exit, Failure, Result};
use crate::run::{Returned, Run};
use crate::verify::ServiceProof;

/// What a run left behind that was interrupted or failed. What it did is in its journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stopped {
    /// Version of this format.
    pub format: u32,
    /// `interrupted`, `failed`, or `returned` to what was verified before; a
    /// [`Receipt`](super::Receipt) says `verified`.
    pub result: String,
    /// Run id.
    pub run: String,
    /// `install demo-aws`.
    pub command: String,
    /// When it was written, UTC.
    pub at: String,
    /// The environment's name.
    pub environment: String,
    /// Its class.
    pub class: Class,
    /// Whether all of it happened on a simulated account.
    pub simulated: bool,
    /// The step at which it stopped.
    pub step: Option<String>,
    /// What went wrong, in one line.
    pub what: String,
    /// Why.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The release that it was on the way to.
    #[serde(default)]
    pub candidate: Option<ReleaseRecord>,
    /// The release that runs again, if it went back.
    #[serde(default)]
    pub returned_to: Option<ReleaseRecord>,
    /// What proves that it runs again, by service.
    #[serde(default)]
    pub services: Vec<ServiceProof>,
}

impl Stopped {
    /// The record of this run, which ended with this failure.
    pub fn of(run: &Run, failure: &Failure, returned: Option<Returned>) -> Self {
        let result = match &returned {
            Some(_) => "returned",
            None if failure.exit() == Exit::Interrupted => "interrupted",
            None => "failed",
        };
        let (returned_to, services) = match returned {
            Some(Returned { to, proofs }) => (Some(to.release), proofs),
            None => (None, Vec::new()),
        };
        Self {
            format: FORMAT,
            result: result.to_owned(),
            run: run.id.clone(),
            command: run.command.clone(),
            at: jiff::Timestamp::now().to_string(),
            environment: run.environment.name.clone(),
            class: run.environment.class,
            simulated: run.is_simulated(),
            step: run.failed_step().map(|step| step.name().to_owned()),
            what: failure.what().to_owned(),
            reasons: failure.reasons(),
            candidate: run.before.is_some().then(|| run.release()),
            returned_to,
            services,
        }
    }

    /// Writes it where receipts are.
    pub async fn write(&self, run: &Run) -> Result<()> {
        super::keep(run, self).await.map(drop)
    }
}
