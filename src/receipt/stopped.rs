//! The record of a run that did not reach its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::history::Previous;
use super::{Chained, FORMAT, Lock, ReleaseRecord};
use crate::cloud::Identity;
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
    /// The tag that was locked, and still is; `None` before a first install is verified.
    #[serde(default)]
    pub from: Option<String>,
    /// The tag it was to go to.
    #[serde(default)]
    pub to: Option<String>,
    /// How long the run had taken when this was written.
    #[serde(default)]
    pub seconds: f64,
    /// Who was calling; `None` if the cloud did not say any more.
    #[serde(default)]
    pub caller: Option<Identity>,
    /// The step at which it stopped.
    pub step: Option<String>,
    /// What went wrong, in one line.
    pub what: String,
    /// Safeguards that were waived in this run: situation → reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waived: BTreeMap<String, String>,
    /// Why: lines of evidence.
    #[serde(default)]
    pub because: Vec<String>,
    /// The release that it was on the way to.
    #[serde(default)]
    pub candidate: Option<ReleaseRecord>,
    /// The release that runs again, if it went back.
    #[serde(default)]
    pub returned_to: Option<ReleaseRecord>,
    /// What proves that it runs again, by service.
    #[serde(default)]
    pub services: Vec<ServiceProof>,
    /// The receipt before this one; `None` for the first of an environment.
    #[serde(default)]
    pub previous: Option<Previous>,
}

impl Chained for Stopped {
    fn follow(&mut self, previous: Option<Previous>) {
        self.previous = previous;
    }
}

impl Stopped {
    /// The record of this run, which ended with this failure.
    pub fn of(run: &Run, failure: &Failure, returned: Option<Returned>) -> Self {
        let result = match &returned {
            Some(_) => "returned",
            None if failure.exit() == Exit::Interrupted => "interrupted",
            None => "failed",
        };
        // A lock that cannot be read must not keep the record of a failure from being written.
        let lock = Lock::read(&run.folder().join("landfall.lock")).ok().flatten();
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
            from: lock.map(|lock| lock.release.tag),
            to: Some(run.environment.release.clone()),
            seconds: run.started.elapsed().as_secs_f64(),
            caller: None,
            step: run.failed_step().map(|step| step.name().to_owned()),
            what: failure.what().to_owned(),
            waived: run.waived(),
            because: failure.reasons(),
            candidate: run.before.is_some().then(|| run.release()),
            returned_to,
            services,
            previous: None,
        }
    }

    /// Writes it where receipts are.
    pub async fn write(mut self, run: &Run) -> Result<()> {
        self.caller = run.cloud.identity().await.ok();
        super::keep(run, &mut self).await.map(drop)
    }
}
