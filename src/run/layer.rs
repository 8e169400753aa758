//! Steps `foundation`, `jobs` and `services`: plan again on the real backend, hold it against
//! what was approved, apply exactly that plan, hand on the outputs.

use std::path::Path;

use serde_json::json;

use super::context::{Finished, Ids, Outputs, Prepared, Run};
use super::rollout;
use super::secrets::VERSIONS_FILE;
use crate::approval::{ApprovedPlan, Confirmed};
use crate::failure::{Failure, Result};
use crate::fs;
use crate::plan::{Action, LayerPlan};
use crate::report::Event;
use crate::terraform::{self, Applied};
use crate::workspace::Layer;

/// Outputs of the foundation, beside the layers that need them.
pub(super) const FOUNDATION_FILE: &str = "foundation.auto.tfvars.json";

/// Applies a layer as far as it was approved; returns its outputs.
pub(super) async fn apply(
    run: &Run,
    approved: &ApprovedPlan,
    layer: Layer,
) -> Result<Finished<Outputs>> {
    let terraform = run.driver(layer);
    let saved = run.saved_plan(layer);
    let prepared = if run.is_prepared(layer)? { run.take_prepared(layer) } else { None };
    let finished = if let Some(Prepared { plan, .. }) = prepared {
        match finish(run, approved, layer, plan, &terraform).await {
            // The state moved since it was planned. A new plan is held against what was approved,
            // like any other.
            Err(Stopped::Untouched(failure)) if !run.cancel.is_requested() => {
                run.reporter.note(format!("{layer} is planned again: {}", failure.what()));
                plan_and_finish(run, approved, layer, &terraform).await
            }
            finished => finished.map_err(Stopped::failure),
        }
    } else {
        run.init(layer, &terraform).await?;
        plan_and_finish(run, approved, layer, &terraform).await
    };
    // The plan holds values of the state; it has no use once it was applied, or became stale.
    fs::remove_file(&saved)?;
    let finished = finished?;
    if layer == Layer::Foundation {
        hand_on(run, &finished.value)?;
    }
    Ok(finished)
}

/// Applies exactly the plan that was prepared in this run: if it became stale, no other one takes
/// its place. For plans of some resources only.
pub(super) async fn apply_exactly(
    run: &Run,
    approved: &ApprovedPlan,
    layer: Layer,
) -> Result<Finished<Outputs>> {
    let Some(Prepared { plan, .. }) = run.take_prepared(layer) else {
        return Err(Failure::failed(format!("layer {layer} was not planned in this run")));
    };
    let finished = finish(run, approved, layer, plan, &run.driver(layer)).await;
    fs::remove_file(&run.saved_plan(layer))?;
    finished.map_err(Stopped::failure)
}

/// Plans a layer beside other work, so that its step can begin with the apply. What goes wrong
/// here is told by the step itself, which then plans again.
pub(super) async fn prepare(run: &Run, layer: Layer) {
    if matches!(run.is_prepared(layer), Ok(true)) {
        return;
    }
    let terraform = run.driver(layer);
    let saved = run.saved_plan(layer);
    let planned = async {
        run.init(layer, &terraform).await?;
        terraform.plan_and_read(&saved, &terraform::Plan::default(), &mut |_| {}).await
    };
    if let Ok(plan) = planned.await {
        run.prepare(layer, &plan, None);
    }
}

/// Applies the foundation of the new release alone: what it takes away was approved as such.
pub(super) async fn tidy(run: &Run, approved: &ApprovedPlan) -> Result<Finished<Outputs>> {
    let layer = Layer::Foundation;
    let (terraform, saved) = (run.driver(layer), run.saved_plan(layer));
    terraform.init().await?;
    let plan = planned(run, layer, &terraform).await?;
    let confirmed = approved.confirm_tidy(plan)?;
    let finished = carry_out(run, confirmed, &terraform).await.map_err(Stopped::failure);
    fs::remove_file(&saved)?;
    let finished = finished?;
    hand_on(run, &finished.value)?;
    Ok(finished)
}

/// Applies a layer as it was verified last.
pub(super) async fn go_back(back: &Run, layer: Layer) -> Result<Outputs> {
    let (terraform, saved) = (back.driver(layer), back.saved_plan(layer));
    terraform.init().await?;
    let plan = planned(back, layer, &terraform).await?;
    let confirmed = Confirmed::way_back(layer, plan)?;
    let finished = carry_out(back, confirmed, &terraform).await.map_err(Stopped::failure);
    fs::remove_file(&saved)?;
    finished.map(|finished| finished.value)
}

/// Outputs of the foundation as they stand beside the services.
pub(super) fn foundation_beside(run: &Run) -> Result<Outputs> {
    let ids = ids_beside(&run.layer_folder(Layer::Services))?;
    let foundation = ids.map(|ids| ids.foundation).unwrap_or_default();
    Ok(Outputs::from_iter([("foundation".to_owned(), foundation)]))
}

async fn plan_and_finish(
    run: &Run,
    approved: &ApprovedPlan,
    layer: Layer,
    terraform: &terraform::Layer,
) -> Result<Finished<Outputs>> {
    let plan = planned(run, layer, terraform).await?;
    finish(run, approved, layer, plan, terraform).await.map_err(Stopped::failure)
}

/// Plans a layer as it is on disk, for the apply that follows.
async fn planned(run: &Run, layer: Layer, terraform: &terraform::Layer) -> Result<LayerPlan> {
    let (saved, options) = (run.saved_plan(layer), terraform::Plan::default());
    let mut tell = |event| run.tell_terraform(layer, &event);
    terraform.plan_and_read(&saved, &options, &mut tell).await
}

/// Why a layer was not applied to its end.
enum Stopped {
    /// Terraform refused before it touched anything: a stale plan, a held lock.
    Untouched(Failure),
    /// Anything else.
    Failed(Failure),
}

impl Stopped {
    fn failure(self) -> Failure {
        match self {
            Self::Untouched(failure) | Self::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Confirms a saved plan, and carries it out.
async fn finish(
    run: &Run,
    approved: &ApprovedPlan,
    layer: Layer,
    plan: LayerPlan,
    terraform: &terraform::Layer,
) -> Result<Finished<Outputs>, Stopped> {
    carry_out(run, approved.confirm(layer, plan)?, terraform).await
}

/// Applies a confirmed plan unless it is empty, and reads the outputs.
async fn carry_out(
    run: &Run,
    confirmed: Confirmed,
    terraform: &terraform::Layer,
) -> Result<Finished<Outputs>, Stopped> {
    let layer = confirmed.layer();
    if confirmed.plan().is_empty() {
        let outputs = confirmed.plan().outputs.clone();
        return Ok(Finished::unchanged(
            format!("{} as they are", confirmed.plan().unchanged),
            outputs,
        ));
    }
    let summary = summary(&confirmed);
    let outputs = consume(run, confirmed, terraform, &run.saved_plan(layer)).await?;
    run.keep_record().await;
    Ok(Finished::done(summary, outputs))
}

/// Applies a confirmed plan and returns the layer's outputs. A service whose rollout fails ends the wait.
async fn consume(
    run: &Run,
    confirmed: Confirmed,
    terraform: &terraform::Layer,
    saved: &Path,
) -> Result<Outputs, Stopped> {
    let layer = confirmed.layer();
    let total = confirmed.plan().changes.len();
    let mut done = 0;
    let mut tell = |event: terraform::Event| {
        run.tell_terraform(layer, &event);
        if let terraform::Event::ApplyComplete { address, .. } = &event {
            done += 1;
            run.reporter.tell(&Event::Progress { text: address.clone(), done, total });
        }
    };
    let scope = run.cancel.scope();
    let watch = rollout::watch(run, layer, &scope);
    let apply = terraform.apply(saved, &scope, &mut tell);
    tokio::pin!(watch, apply);
    let mut rejected = None;
    let applied = loop {
        tokio::select! {
            applied = &mut apply => break applied.map_err(Stopped::Untouched)?,
            found = &mut watch, if rejected.is_none() => rejected = Some(found),
        }
    };
    if let Applied::Complete(progress) = applied {
        return Ok(progress.outputs);
    }
    let failure = applied.failure(&format!("apply the layer {layer}"), Some(&*run.lookup()));
    Err(Stopped::Failed(match (rejected, failure) {
        (Some(rejected), _) => rejected.into_failure(run),
        (None, Some(failure)) => failure,
        (None, None) => Failure::failed(format!("layer {layer} was not applied to its end")),
    }))
}

/// Writes the foundation's outputs beside the later layers: with them a bare `terraform plan`
/// works from a fresh clone.
pub(super) fn hand_on(run: &Run, outputs: &Outputs) -> Result<()> {
    let values = json!({ "foundation": outputs.get("foundation") });
    for layer in [Layer::Jobs, Layer::Services] {
        write_values(&run.layer_folder(layer).join(FOUNDATION_FILE), &values)?;
    }
    Ok(())
}

/// The ids beside a layer; `None` before both files were written.
pub(super) fn ids_beside(folder: &Path) -> Result<Option<Ids>> {
    let read = |file: &str, variable: &str| -> Result<Option<serde_json::Value>> {
        let path = folder.join(file);
        let Some(bytes) = fs::read_if_present(&path)? else { return Ok(None) };
        let mut values: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::input("the ids beside a layer cannot be read")
                .at(path.display().to_string())
                .caused_by(error)
                .next("delete the file: the next run writes it again")
        })?;
        Ok(Some(values[variable].take()))
    };
    let foundation = read(FOUNDATION_FILE, "foundation")?;
    let secret_versions = read(VERSIONS_FILE, "secret_versions")?;
    Ok(foundation
        .zip(secret_versions)
        .map(|(foundation, secret_versions)| Ids { foundation, secret_versions }))
}

/// Writes ids as pretty JSON, if they changed.
pub(super) fn write_values(path: &Path, values: &serde_json::Value) -> Result<()> {
    let text = format!("{values:#}\n");
    if fs::read_if_present(path)?.as_deref() == Some(text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text.as_bytes())
}

/// `31 created, 2 changed`.
fn summary(confirmed: &Confirmed) -> String {
    let count = |wanted: fn(Action) -> bool| {
        confirmed.plan().changes.iter().filter(|change| wanted(change.action)).count()
    };
    let parts = [
        (count(|action| action == Action::Create), "created"),
        (count(|action| action == Action::Update), "changed"),
        (count(|action| matches!(action, Action::Replace { .. })), "replaced"),
        (count(|action| action == Action::Delete), "deleted"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if words.is_empty() { "outputs only".to_owned() } else { words.join(", ") }
}
