//! Step `plan`: the foundation for real, later layers for real if the foundation stays as it is,
//! else as a forecast.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::{Finished, Ids, Outputs, Run, Verb};
use super::state_store::{keep_layer_in_simulated_bucket, keep_state_in};
use super::{forecast, orphans, tidy};
use crate::approval::{Proposal, ProposedJob, ProposedLayer};
use crate::environment::model::{Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::fs;
use crate::kit::model::Phase;
use crate::plan::{Action, Change, LayerPlan, is_stateful};
use crate::receipt::Lock;
use crate::release::lock::KitLock;
use crate::report::{Event, plural};
use crate::terraform;
use crate::workspace::{Layer, Workspace};

/// The output of the foundation that later layers take as their variable of the same name.
const FOUNDATION: &str = "foundation";

/// Plans all layers and collects the jobs.
pub(super) async fn propose(run: &Run) -> Result<Finished<Proposal>> {
    let store = run.cloud.state_store(run.bucket()).await?;
    // Before the bucket exists, everything is planned in a copy with its state in a folder; a plan
    // saved there is never applied.
    let scratch = match &store {
        None if !run.is_simulated() => Some(local_copy(run)?),
        _ if run.preview => Some(preview_copy(run)?),
        _ => None,
    };
    let base = scratch.clone().unwrap_or_else(|| run.environments.clone());
    let planned = plan_layers(run, &base).await;
    if let Some(scratch) = &scratch {
        fs::remove_folder(scratch)?;
    }
    let Planned { layers, known } = planned?;
    let tidy = tidy::propose(run, &layers).await?;
    if store.is_some() {
        orphans::look_for(run, &layers).await?;
    }
    let lock = Lock::read(&run.folder().join("landfall.lock"))?;
    let proposal = Proposal {
        target: run.environment.target.clone(),
        environment: run.environment.name.clone(),
        from: lock.as_ref().map(|lock| lock.release.tag.clone()),
        release: run.environment.release.clone(),
        kit_tree: run.kit_tree.clone(),
        kit_lock: run.environment.lock.hash.clone(),
        workspace: effective(run)?.hash(),
        makes_state_store: store.is_none(),
        jobs: pending_jobs(run, known.as_ref()).await?,
        rotates: None,
        layers,
        tidy,
        tags: tags(&run.environment.lock, lock.as_ref()),
    };
    refuse_empty_data(run, &proposal)?;
    let changes = proposal.layers.iter().flat_map(|layer| &layer.plan.changes);
    // That data is read is nothing to a person.
    let changes = changes.filter(|change| change.action != Action::Read).count();
    Ok(if proposal.is_empty() {
        Finished::unchanged("no changes", proposal)
    } else {
        let jobs = match proposal.jobs.len() {
            0 => String::new(),
            count => format!(", {}", plural(count, "job")),
        };
        Finished::done(format!("{}{jobs}", plural(changes, "change")), proposal)
    })
}

/// The tags that people know images by: `landfall.lock` names images by digest, with the release.
fn tags(kit: &KitLock, locked: Option<&Lock>) -> BTreeMap<String, String> {
    let named = |(_, reference): (&String, &String), tag: &str| {
        Some((reference.split_once('@')?.1.to_owned(), tag.to_owned()))
    };
    let old = locked
        .into_iter()
        .flat_map(|lock| lock.images.iter().filter_map(|image| named(image, &lock.release.tag)));
    let new = kit.images.values().map(|image| (image.digest.clone(), image.tag.clone()));
    old.chain(new).collect()
}

/// All layers, and the foundation's outputs as they are stored, if it was ever applied.
struct Planned {
    layers: Vec<ProposedLayer>,
    known: Option<Outputs>,
}

async fn plan_layers(run: &Run, base: &Path) -> Result<Planned> {
    let fresh = !fs::exists(&run.layer_folder(Layer::Jobs).join(super::layer::FOUNDATION_FILE));
    // The real provider cannot know the outputs of a first install: they are made up meanwhile.
    let (foundation, synthetic) = if fresh && !run.is_simulated() {
        let (foundation, synthetic) =
            tokio::join!(plan_layer(run, base, Layer::Foundation, None), forecast::foundation(run));
        (foundation?, Some(synthetic?))
    } else {
        // The foundation before all else: everything waits for its plan.
        initialise(run, base, Layer::Foundation).await;
        let (foundation, (), ()) = tokio::join!(
            plan_layer(run, base, Layer::Foundation, None),
            initialise(run, base, Layer::Jobs),
            initialise(run, base, Layer::Services),
        );
        (foundation?, None)
    };
    let forecast = !foundation.is_empty();
    let known = known_outputs(run, base, &foundation).await?;
    let outputs = match synthetic {
        _ if foundation.outputs.contains_key(FOUNDATION) => foundation.outputs.clone(),
        Some(synthetic) => forecast::over(synthetic, known.clone()),
        None => forecast::over(forecast::foundation(run).await?, known.clone()),
    };
    let ids = later_ids(run, &outputs).await?;
    let (jobs, services) = tokio::join!(
        plan_layer(run, base, Layer::Jobs, Some(&ids)),
        plan_layer(run, base, Layer::Services, Some(&ids)),
    );
    let layers = vec![
        ProposedLayer { plan: foundation, forecast: false },
        ProposedLayer { plan: jobs?, forecast },
        ProposedLayer { plan: services?, forecast },
    ];
    Ok(Planned { layers, known })
}

/// Initialises a layer ahead of its plan, in its own folder. What goes wrong here is told when it is
/// planned.
async fn initialise(run: &Run, base: &Path, layer: Layer) {
    if base == run.environments {
        let _ = run.init(layer, &run.driver(layer)).await;
    }
}

/// Plans a layer; a later one with ids of its own instead of those beside it.
async fn plan_layer(run: &Run, base: &Path, layer: Layer, ids: Option<&Ids>) -> Result<LayerPlan> {
    let folder = base.join(&run.environment.name).join("terraform").join(layer.name());
    let terraform = run.terraform.layer(&folder, &run.run_folder(), layer.name());
    let on_the_spot = base == run.environments;
    if on_the_spot {
        run.init(layer, &terraform).await?;
    } else {
        terraform.init().await?;
    }
    let out = run.saved_plan(layer);
    let values = ids.map(|ids| write_ids(run, layer, ids)).transpose()?;
    let options = terraform::Plan {
        refresh: run.refresh(layer),
        variable_files: values.iter().cloned().collect(),
        // Whoever only looks may be allowed to read alone.
        unlocked: run.preview,
        ..Default::default()
    };
    let mut tell = |event| run.tell_terraform(layer, &event);
    let plan = terraform.plan_and_read(&out, &options, &mut tell).await;
    if let Some(values) = values {
        fs::remove_file(&values)?;
    }
    // A plan of a scratch copy is never applied.
    match &plan {
        Ok(plan) if on_the_spot => run.prepare(layer, plan, ids.cloned()),
        _ => fs::remove_file(&out)?,
    }
    plan
}

/// The foundation's outputs as they are stored, if it was ever applied.
async fn known_outputs(run: &Run, base: &Path, plan: &LayerPlan) -> Result<Option<Outputs>> {
    // All of it is new: there is no state to ask.
    let new = |change: &Change| matches!(change.action, Action::Create | Action::Read);
    if plan.unchanged == 0 && plan.changes.iter().all(new) {
        return Ok(None);
    }
    if plan.outputs_changed.is_empty() && plan.outputs.contains_key(FOUNDATION) {
        return Ok(Some(plan.outputs.clone()));
    }
    let folder = base.join(&run.environment.name).join("terraform/foundation");
    let outputs = run.terraform.layer(&folder, &run.run_folder(), "foundation").outputs().await?;
    Ok(outputs.contains_key(FOUNDATION).then_some(outputs))
}

/// What the later layers need to be planned: outputs and secret versions, real or not yet.
async fn later_ids(run: &Run, outputs: &Outputs) -> Result<Ids> {
    let found = super::versions::look(run).await?;
    if run.verb != Verb::Rotate {
        found.remind(run);
    }
    let versions = found.wanted;
    let foundation = outputs.get(FOUNDATION).cloned().unwrap_or_default();
    Ok(Ids { foundation, secret_versions: json!(versions) })
}

fn write_ids(run: &Run, layer: Layer, ids: &Ids) -> Result<PathBuf> {
    let values = json!({ FOUNDATION: ids.foundation, "secret_versions": ids.secret_versions });
    let path = run.run_folder().join(format!("{layer}.proposed.tfvars.json"));
    fs::write_private(&path, values.to_string().as_bytes())?;
    Ok(path)
}

/// A copy of the workspace whose state lies in folders.
fn local_copy(run: &Run) -> Result<PathBuf> {
    let scratch = copy(run, &effective(run)?, "scratch")?;
    for layer in Layer::ALL {
        let folder = scratch.join(&run.environment.name).join("terraform").join(layer.name());
        keep_state_in(&folder, "proposed.tfstate")?;
    }
    Ok(scratch)
}

/// A copy of the workspace with its own backends: to look at a release leaves no trace.
fn preview_copy(run: &Run) -> Result<PathBuf> {
    let scratch = copy(run, &effective(run)?, "preview")?;
    for layer in Layer::ALL {
        let folder = scratch.join(&run.environment.name).join("terraform").join(layer.name());
        if run.is_simulated() {
            keep_layer_in_simulated_bucket(&folder)?;
        }
    }
    Ok(scratch)
}

/// The workspace with the edits of people that stay, whether it is written already or not.
fn effective(run: &Run) -> Result<Workspace> {
    run.workspace.with_edits(&run.environments, run.overwrite)
}

/// A copy of a workspace in the run's folder.
pub(super) fn copy(run: &Run, workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let scratch = run.run_folder().join(name);
    fs::create_private_folder(&scratch)?;
    for (path, bytes) in &workspace.files {
        fs::write(&scratch.join(path), bytes)?;
    }
    Ok(scratch)
}

/// Going back adds what the older release needs; what held data would come back empty.
fn refuse_empty_data(run: &Run, proposal: &Proposal) -> Result<()> {
    if run.verb != Verb::Rollback {
        return Ok(());
    }
    let changes = proposal.layers.iter().flat_map(|layer| &layer.plan.changes);
    let made = changes.filter(|it| it.action == Action::Create && is_stateful(&it.kind));
    let made: Vec<&str> = made.map(|change| change.address.as_str()).collect();
    if made.is_empty() {
        return Ok(());
    }
    let to = &run.environment.release;
    let failure = Failure::failed(format!("{to} needs what was deleted, with what it held"));
    Err(made
        .into_iter()
        .fold(failure, |failure, address| failure.because(format!("{address} would be empty")))
        .because("nothing was touched")
        .next("restore it from its backup or its deletion window, `terraform import` it, and run the same command again"))
}

/// The jobs that would run: those without a record; all before the first install.
async fn pending_jobs(run: &Run, known: Option<&Outputs>) -> Result<Vec<ProposedJob>> {
    let mut pending = Vec::new();
    for workload in super::jobs::one_off(&run.environment) {
        let migrates =
            matches!(&workload.kind, WorkloadKind::Job(job) if job.phase == Phase::Migrate);
        if run.verb == Verb::Rollback && migrates {
            continue;
        }
        if !super::jobs::has_run(run, workload, known).await? {
            pending.push(ProposedJob {
                name: workload.name.clone(),
                purpose: purpose(workload),
                image: workload.image.reference(),
            });
        }
    }
    Ok(pending)
}

fn purpose(workload: &Workload) -> String {
    match &workload.kind {
        WorkloadKind::DatabaseBootstrap { database } => {
            format!("roles and grants of database {database}")
        }
        WorkloadKind::Job(job) => match job.phase {
            Phase::Migrate => "migration".to_owned(),
            Phase::Bootstrap => "once, at the first install".to_owned(),
            Phase::Post | Phase::Schedule => "after the services are verified".to_owned(),
        },
        WorkloadKind::Service(_) => String::new(),
    }
}

impl Run {
    /// Shows a proposal to whoever reads along; the digests of its images to those who want more.
    pub(super) fn show(&self, proposal: &Proposal) {
        self.reporter.tell(&Event::Text { text: proposal.text() });
        let detail = proposal.detail();
        if !detail.is_empty() {
            self.reporter.tell(&Event::Detail { text: detail });
        }
    }

    /// Passes terraform's events on: resources to the journal, counts to the bar.
    pub(crate) fn tell_terraform(&self, layer: Layer, event: &terraform::Event) {
        use terraform::Event as Terraform;
        match event {
            Terraform::ApplyStart { address, action } => self.reporter.tell(&Event::Resource {
                address: address.clone(),
                action: action.word().to_owned(),
                seconds: None,
            }),
            Terraform::ApplyComplete { address, action, elapsed_seconds } => {
                self.reporter.tell(&Event::Resource {
                    address: address.clone(),
                    action: action.word().to_owned(),
                    seconds: Some(*elapsed_seconds),
                });
            }
            Terraform::PlannedChange { address, .. } | Terraform::RefreshStart { address } => {
                let text = format!("{layer}: {address}");
                self.reporter.tell(&Event::Progress { text, done: 0, total: 0 });
            }
            Terraform::AskedToStop => self
                .reporter
                .note("asked terraform to stop: it finishes what is in flight and saves its state"),
            Terraform::StillWaiting { running } => self.reporter.note(format!(
                "still waiting for terraform: what it makes now would be lost: {}",
                running.join(", ")
            )),
            _ => {}
        }
    }
}
