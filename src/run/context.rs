//! What every step of a run has at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::run_lock::RunLock;
use crate::approval::Proposal;
use crate::cancel::Cancel;
use crate::cloud::Cloud;
use crate::database::generate;
use crate::engine::EngineName;
use crate::environment::model::{Environment, SecretContainer};
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::kit::model::GeneratedKind;
use crate::plan::LayerPlan;
use crate::report::{Event, Outcome, Reporter, Step};
use crate::secret::Secret;
use crate::terraform::{self, Terraform};
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
}

/// What a run that changes things is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// From nothing to running; on an installed environment it changes nothing.
    Install,
    /// From what is running to what is wanted now.
    Update,
    /// A new value of a secret, and nothing else.
    Rotate,
}

impl Verb {
    /// The command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Update => "update",
            Self::Rotate => "rotate",
        }
    }

    fn past(self) -> &'static str {
        match self {
            Self::Install => "installed",
            Self::Update => "updated",
            Self::Rotate => "rotated",
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
    /// What is wanted.
    pub environment: Environment,
    /// What it renders to.
    pub workspace: Workspace,
    /// Hash of the kit's tree.
    pub kit_tree: String,
    /// The folder that holds `.modules` and `<name>/terraform`: the customer's, or a rehearsal's.
    pub environments: PathBuf,
    /// Which cloud it works against.
    pub engine: EngineName,
    /// Whether rendered files that were edited by hand are overwritten.
    pub overwrite: bool,
    /// Drives terraform against the engine of this run.
    pub terraform: Terraform,
    /// Everything that terraform does not do.
    pub cloud: Arc<dyn Cloud>,
    /// Who is told.
    pub reporter: Reporter,
    /// Who may stop it.
    pub cancel: Cancel,
    /// Who answers.
    pub asks: Box<dyn Asks>,
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
    /// Layers that terraform initialised in this run, in their own folder.
    pub initialised: Mutex<BTreeSet<Layer>>,
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
    pub(super) fn held(&self) -> Option<RunLock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_held(&self, lock: Option<RunLock>) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }

    /// Whether nothing real is read or changed.
    pub fn is_simulated(&self) -> bool {
        self.engine == EngineName::Simulated
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
    pub(super) fn driver(&self, layer: Layer) -> terraform::Layer {
        let (folder, logs) = (self.layer_folder(layer), self.run_folder());
        self.terraform.layer(&folder, &logs, layer.name()).with_lookup(self.lookup())
    }

    /// Initialises a layer in its own folder, once in a run.
    pub(super) async fn init(&self, layer: Layer, terraform: &terraform::Layer) -> Result<()> {
        let initialised = || self.initialised.lock().unwrap_or_else(PoisonError::into_inner);
        if initialised().contains(&layer) {
            return Ok(());
        }
        terraform.init().await?;
        initialised().insert(layer);
        Ok(())
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
        let target = &self.environment.target;
        let how = self.engine.account();
        self.reporter.tell(&Event::RunStarted {
            run: self.id.clone(),
            command: self.command.clone(),
            where_to: format!("{how} {}, {}", target.account_id, target.region),
            steps: match self.verb {
                Verb::Rotate => Step::ROTATE.to_vec(),
                Verb::Install | Verb::Update => Step::INSTALL.to_vec(),
            },
        });
    }

    /// Runs a step: tells its start and end, stops before it when somebody asked to stop.
    pub async fn step<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<Finished<T>>>,
    ) -> Result<T> {
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

fn interrupted(step: Step) -> Failure {
    Failure::new(Exit::Interrupted, format!("interrupted before the step {}", step.name()))
        .because("everything before it is done and recorded")
        .next("run the same command again: it goes on from there")
}

/// A new run's id: UTC time and four random hexadecimal digits.
pub fn new_run_id() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    let mut random = [0_u8; 2];
    // Two runs in one second get different folders; without randomness they would share one.
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random);
    format!("{now}-{:02x}{:02x}", random[0], random[1])
}
