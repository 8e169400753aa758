//! What every step of a run has at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::gates::Waivers;
use super::run_lock::RunLock;
use super::transition::Before;
use crate::approval::Proposal;
use crate::cancel::Cancel;
use crate::cloud::{Cloud, SecretState};
use crate::database::generate;
use crate::engine::EngineName;
use crate::environment::model::{Environment, SecretContainer};
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::kit::model::GeneratedKind;
use crate::plan::LayerPlan;
use crate::release::Bundle;
use crate::report::{Event, Outcome, Reporter, Step};
use crate::secret::Secret;
use crate::site::Written;
use crate::terraform::{self, Refresh, Terraform};
use crate::workspace::{Layer, Workspace};

/// Values of supplied secrets, by container key. In memory only.
pub type Supplied = BTreeMap<String, Secret>;

/// Outputs of a layer, by name.
pub type Outputs = serde_json::Map<String, serde_json::Value>;

/// Where answers come from: a person at a terminal, a file, or nobody.
pub trait Asks: Send + Sync {
    /// Values for these containers; all that are missing are named at once.
    fn secrets(&self, wanted: &[&SecretContainer]) -> Result<Supplied>;

    /// Consent to a proposal. The proposal's text was shown already.
    fn approve(&self, proposal: Proposal) -> Result<crate::approval::ApprovedPlan>;

    /// The digest that was given to approve by.
    fn given_digest(&self) -> Option<&str>;

    /// Whether a failed update goes back. Asked in production only; without a terminal it does.
    fn goes_back(&self, to: &str) -> Result<bool>;
}

/// What a run that changes things is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// From nothing to running; on an installed environment it changes nothing.
    Install,
    /// From what is running to what is wanted now.
    Update,
    /// From what is running to a release that was proved good before.
    Rollback,
    /// A new value of a secret, and nothing else.
    Rotate,
}

impl Verb {
    /// The command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Update => "update",
            Self::Rollback => "rollback",
            Self::Rotate => "rotate",
        }
    }

    fn past(self) -> &'static str {
        match self {
            Self::Install => "installed",
            Self::Update => "updated",
            Self::Rollback => "rolled back",
            Self::Rotate => "rotated",
        }
    }

    /// Its steps, in order.
    pub fn steps(self) -> &'static [Step] {
        match self {
            Self::Install => &Step::INSTALL,
            Self::Update | Self::Rollback => &Step::UPDATE,
            Self::Rotate => &Step::ROTATE,
        }
    }

    /// How a run ends well.
    pub(super) fn done(self) -> String {
        format!("{} and verified", self.past())
    }
}

/// One run of a command on one environment.
pub struct Run {
    /// Sorts by time: `20261121-150412-3f9a`.
    pub id: String,
    /// `install demo-aws`.
    pub command: String,
    /// What it is for.
    pub verb: Verb,
    /// When it began.
    pub started: Instant,
    /// What is wanted.
    pub environment: Environment,
    /// What it renders to; in an update, until what is new is verified.
    pub workspace: Workspace,
    /// Hash of the kit's tree.
    pub kit_tree: String,
    /// The release, as it is kept.
    pub bundle: Bundle,
    /// Fingerprint of who signed the release; `None` if the environment does not ask.
    pub signer: Option<String>,
    /// The changed signer that was accepted on the command line.
    pub accepted_signer: Option<String>,
    /// What people wrote, with the release of this run.
    pub written: Written,
    /// Whether the release was named on the command line: `environment.hcl` gets it at the end.
    pub retagged: bool,
    /// Whether nothing is to change, not even a file.
    pub preview: bool,
    /// What ran before; `None` in an install.
    pub before: Option<Arc<Before>>,
    /// The folder that holds `.modules` and `<name>/terraform`: the customer's, or a rehearsal's.
    pub environments: PathBuf,
    /// Which cloud it works against.
    pub engine: EngineName,
    /// Whether rendered files that were edited by hand are overwritten.
    pub overwrite: bool,
    /// Templates and modules of the kit that are not the standard ones.
    pub vendor_modified: Vec<String>,
    /// Rendered files that a person edited, and that stay so.
    pub hand_edited: Mutex<Vec<String>>,
    /// Drives terraform against the engine of this run.
    pub terraform: Terraform,
    /// Everything that terraform does not do.
    pub cloud: Arc<dyn Cloud>,
    /// Who is told.
    pub reporter: Reporter,
    /// Who may stop it.
    pub cancel: Cancel,
    /// Who answers.
    pub asks: Arc<dyn Asks>,
    /// Plans that were made on the real backend in this run, saved beside its journal: what is
    /// approved is applied exactly so, unless it became stale.
    pub prepared: Mutex<BTreeMap<Layer, Prepared>>,
    /// Secret containers → the version that a new value will get: later layers are planned with
    /// it before it is written.
    pub version_ids: Mutex<BTreeMap<String, String>>,
    /// Secret containers → the version that a rotation pins instead of the current one.
    pub pins: Mutex<BTreeMap<String, String>>,
    /// The step that failed.
    pub stopped_at: Mutex<Option<Step>>,
    /// The run lock, while this run holds it.
    pub lock: Mutex<Option<RunLock>>,
    /// What was given to waive safeguards with.
    pub waivers: Waivers,
    /// What was waived with it: situation → reason.
    pub waived: Mutex<BTreeMap<String, String>>,
    /// Layers that terraform initialised in this run, in their own folder.
    pub initialised: Mutex<BTreeSet<Layer>>,
    /// Layers in which the look for drift found nothing: everything is as it is stored.
    pub undrifted: Mutex<BTreeSet<Layer>>,
}

/// A saved plan that may be applied without planning again.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What it does.
    pub(super) plan: LayerPlan,
    /// The ids it was planned with, if they were not taken from the files beside the layer.
    pub(super) ids: Option<Ids>,
}

/// What a later layer is given by what comes before it, exactly as it stands in its two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    /// Outputs of the foundation.
    pub(super) foundation: serde_json::Value,
    /// Versions of the secrets.
    pub(super) secret_versions: serde_json::Value,
}

/// What a step says when it is done.
pub struct Finished<T> {
    /// Whether it did something.
    pub outcome: Outcome,
    /// In a few words.
    pub summary: String,
    /// For the steps after it.
    pub value: T,
}

impl<T> Finished<T> {
    /// It did something.
    pub fn done(summary: impl Into<String>, value: T) -> Self {
        Self { outcome: Outcome::Done, summary: summary.into(), value }
    }

    /// What it would do was proved to hold already.
    pub fn unchanged(summary: impl Into<String>, value: T) -> Self {
        Self { outcome: Outcome::Unchanged, summary: summary.into(), value }
    }
}

impl Run {
    /// Rendered files that a person edited, and that stay so.
    pub fn hand_edited(&self) -> Vec<String> {
        self.hand_edited.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was waived in this run: situation → reason.
    pub fn waived(&self) -> BTreeMap<String, String> {
        self.waived.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers that a safeguard was waived, for the receipt.
    pub fn waive(&self, situation: &str, reason: &str) {
        let mut waived = self.waived.lock().unwrap_or_else(PoisonError::into_inner);
        waived.insert(situation.to_owned(), reason.to_owned());
    }

    pub(super) fn held(&self) -> Option<RunLock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_held(&self, lock: Option<RunLock>) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }

    /// The step that failed.
    pub fn failed_step(&self) -> Option<Step> {
        *self.stopped_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing real is read or changed.
    pub fn is_simulated(&self) -> bool {
        self.engine == EngineName::Simulated
    }

    /// Secret containers whose versions the later layers are given: in an update also those that
    /// only the running release has.
    pub(super) fn containers(&self) -> &BTreeMap<String, SecretContainer> {
        match &self.before {
            Some(before) => &before.both.secrets,
            None => &self.environment.secrets,
        }
    }

    /// This run with another environment and workspace, under the same id and lock: the way back.
    pub(super) fn beside(&self, environment: Environment, workspace: Workspace) -> Self {
        Self {
            id: self.id.clone(),
            started: self.started,
            command: self.command.clone(),
            verb: self.verb,
            environment,
            workspace,
            kit_tree: self.kit_tree.clone(),
            bundle: self.bundle.clone(),
            signer: self.signer.clone(),
            accepted_signer: self.accepted_signer.clone(),
            written: self.written.clone(),
            retagged: false,
            preview: false,
            before: self.before.clone(),
            environments: self.environments.clone(),
            engine: self.engine,
            overwrite: self.overwrite,
            vendor_modified: self.vendor_modified.clone(),
            hand_edited: Mutex::default(),
            terraform: self.terraform.clone(),
            cloud: Arc::clone(&self.cloud),
            reporter: self.reporter.clone(),
            cancel: self.cancel.clone(),
            asks: Arc::clone(&self.asks),
            prepared: Mutex::default(),
            version_ids: Mutex::default(),
            pins: Mutex::new(self.pinned()),
            stopped_at: Mutex::default(),
            lock: Mutex::new(self.held()),
            waivers: self.waivers.clone(),
            waived: Mutex::new(self.waived()),
            initialised: Mutex::default(),
            undrifted: Mutex::default(),
        }
    }

    /// The environment's folder.
    pub fn folder(&self) -> PathBuf {
        self.environments.join(&self.environment.name)
    }

    /// This run's own folder; everything in it is private.
    pub fn run_folder(&self) -> PathBuf {
        self.folder().join("runs").join(&self.id)
    }

    /// A layer's folder.
    pub fn layer_folder(&self, layer: Layer) -> PathBuf {
        self.folder().join("terraform").join(layer.name())
    }

    /// Drives terraform in a layer's own folder.
    pub(crate) fn driver(&self, layer: Layer) -> terraform::Layer {
        let (folder, logs) = (self.layer_folder(layer), self.run_folder());
        self.terraform.layer(&folder, &logs, layer.name()).with_lookup(self.lookup())
    }

    /// Initialises a layer in its own folder, once in a run.
    pub(crate) async fn init(&self, layer: Layer, terraform: &terraform::Layer) -> Result<()> {
        let initialised = || self.initialised.lock().unwrap_or_else(PoisonError::into_inner);
        if initialised().contains(&layer) {
            return Ok(());
        }
        terraform.init().await?;
        initialised().insert(layer);
        Ok(())
    }

    /// Remembers that a layer was read in this run, and is as it is stored.
    pub(crate) fn found_undrifted(&self, layer: Layer) {
        self.undrifted.lock().unwrap_or_else(PoisonError::into_inner).insert(layer);
    }

    /// What a plan of a layer has to read first: nothing, if this run has just read all of it.
    pub(super) fn refresh(&self, layer: Layer) -> Refresh {
        let undrifted = self.undrifted.lock().unwrap_or_else(PoisonError::into_inner);
        if undrifted.contains(&layer) { Refresh::Skip } else { Refresh::Before }
    }

    /// Where a layer's plan is saved; private, and removed once it was applied.
    pub(super) fn saved_plan(&self, layer: Layer) -> PathBuf {
        self.run_folder().join(format!("{layer}.tfplan"))
    }

    /// Removes plans that nobody applied: they hold values of the state.
    pub(super) fn remove_plans(&self) {
        for layer in Layer::ALL {
            if let Err(failure) = fs::remove_file(&self.saved_plan(layer)) {
                self.reporter.note(format!("a plan was not removed: {}", failure.what()));
            }
        }
    }

    /// Remembers a plan that was saved on the real backend.
    pub(super) fn prepare(&self, layer: Layer, plan: &LayerPlan, ids: Option<Ids>) {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.insert(layer, Prepared { plan: plan.clone(), ids });
    }

    /// The plan that was saved in this run, once.
    pub(super) fn take_prepared(&self, layer: Layer) -> Option<Prepared> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).remove(&layer)
    }

    /// Whether a plan was saved in this run that still holds: made with the ids that are beside
    /// the layer now.
    pub(super) fn is_prepared(&self, layer: Layer) -> Result<bool> {
        let ids = {
            let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(prepared) = prepared.get(&layer) else { return Ok(false) };
            let Some(ids) = &prepared.ids else { return Ok(true) };
            ids.clone()
        };
        let holds = super::layer::ids_beside(&self.layer_folder(layer))? == Some(ids);
        if !holds {
            self.take_prepared(layer);
        }
        Ok(holds)
    }

    /// The version that a new value of a secret will get: made up once in a run, at random.
    pub(super) fn version_id(&self, key: &str) -> Result<String> {
        let mut ids = self.version_ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = ids.get(key) {
            return Ok(id.clone());
        }
        let id = generate(GeneratedKind::Uuid, 16, "")?.expose().to_owned();
        ids.insert(key.to_owned(), id.clone());
        Ok(id)
    }

    /// The version that the first value of a secret will get: its number, where the platform counts
    /// them.
    pub(super) fn coming_version(&self, state: &SecretState, key: &str) -> Result<String> {
        match &state.upcoming {
            Some(number) => Ok(number.clone()),
            None => self.version_id(key),
        }
    }

    /// What a rotation pins.
    pub(super) fn pinned(&self) -> BTreeMap<String, String> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Pins to these versions from now on, and to what is current for all others.
    pub(super) fn pin(&self, pins: BTreeMap<String, String>) {
        *self.pins.lock().unwrap_or_else(PoisonError::into_inner) = pins;
    }

    /// Name of the state bucket.
    pub fn bucket(&self) -> &str {
        &self.environment.target.bucket
    }

    /// Says where the run goes, before anything else.
    pub(super) fn announce(&self) {
        self.announce_steps(self.verb.steps());
    }

    /// The same with other steps.
    pub(super) fn announce_steps(&self, steps: &[Step]) {
        let target = &self.environment.target;
        let how = format!("{}{}", self.engine.adjective(), target.cloud.account());
        self.reporter.tell(&Event::RunStarted {
            run: self.id.clone(),
            command: self.command.clone(),
            where_to: format!("{how} {}, {}", target.account_id, target.region),
            steps: steps.to_vec(),
        });
    }

    /// Runs a step: tells its start and end, stops before it when somebody asked to stop.
    ///
    /// The work is boxed, for whoever awaits a journey would carry its largest step on the stack.
    pub fn step<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<Finished<T>>>,
    ) -> impl Future<Output = Result<T>> {
        let work = Box::pin(work);
        async move {
            if self.cancel.is_requested() {
                return Err(interrupted(step));
            }
            let started = Instant::now();
            self.reporter.tell(&Event::StepStarted { step });
            let result = work.await;
            let seconds = started.elapsed().as_secs_f64();
            if result.is_err() {
                *self.stopped_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
            }
            let (outcome, summary) = match &result {
                Ok(finished) => (finished.outcome, finished.summary.clone()),
                Err(failure) => (Outcome::Failed, failure.what().to_owned()),
            };
            self.reporter.tell(&Event::StepFinished { step, outcome, summary, seconds });
            result.map(|finished| finished.value)
        }
    }
}

fn interrupted(step: Step) -> Failure {
    Failure::new(Exit::Interrupted, format!("interrupted before the step {}", step.name()))
        .because("everything before it is done and recorded")
        .next("run the same command again: it goes on from there")
}

/// A new run's id: the UTC time, and the fraction of its second in four hexadecimal digits. Ids
/// sort by time within a second too, since receipts are chained in their order.
pub fn new_run_id() -> String {
    run_id(jiff::Timestamp::now())
}

fn run_id(now: jiff::Timestamp) -> String {
    const SECOND: i64 = 1_000_000_000;
    let nanoseconds = i64::from(now.subsec_nanosecond()).rem_euclid(SECOND);
    format!("{}-{:04x}", now.strftime("%Y%m%d-%H%M%S"), nanoseconds * 0x1_0000 / SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_within_a_second() {
        let id = |nanoseconds| {
            let at = jiff::Timestamp::new(1_795_273_452, nanoseconds);
            at.map(run_id).unwrap_or_default()
        };
        let ids = [id(0), id(20_000), id(500_000_000), id(999_999_999)];
        assert_eq!(ids[0], "20261121-150412-0000");
        assert_eq!(ids[3], "20261121-150412-ffff");
        assert!(ids.is_sorted() && ids[0] != ids[1], "{ids:?}");
    }
}
