//! The record of a run that did not reach its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::environment::model::Class;
use crate::failure::{Exit, Failure, Result};
use crate::report::Step;
use crate::run::Run;

/// What a run left behind that was interrupted or failed. What it did is in its journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stopped {
    /// Version of this format.
    pub format: u32,
    /// `interrupted` or `failed`; a [`Receipt`](super::Receipt) says `verified`.
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
    /// Safeguards that were waived in this run: situation → reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waived: BTreeMap<String, String>,
}

impl Stopped {
    /// The record of this run, which ended with this failure.
    pub fn of(run: &Run, step: Option<Step>, failure: &Failure) -> Self {
        let interrupted = failure.exit() == Exit::Interrupted;
        Self {
            format: FORMAT,
            result: if interrupted { "interrupted" } else { "failed" }.to_owned(),
            run: run.id.clone(),
            command: run.command.clone(),
            at: jiff::Timestamp::now().to_string(),
            environment: run.environment.name.clone(),
            class: run.environment.class,
            simulated: run.is_simulated(),
            step: step.map(|step| step.name().to_owned()),
            what: failure.what().to_owned(),
            waived: run.waived(),
        }
    }

    /// Writes it where receipts are.
    pub async fn write(&self, run: &Run) -> Result<()> {
        super::keep(run, self).await.map(drop)
    }
}
