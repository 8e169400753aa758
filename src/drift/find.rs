//! Asks terraform what differs: a refresh-only plan of every layer, and a plan where something
//! does that must not.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::configuration::Configuration;
use super::triage::{Facts, triage};
use super::{Finding, Owner, Report};
use crate::failure::Result;
use crate::fs;
use crate::plan::LayerPlan;
use crate::receipt::Lock;
use crate::run::{Run, values_for_drift};
use crate::terraform::{Plan, Refresh};
use crate::workspace::Layer;

/// Everything that differs from what was installed, by reading alone; `None` if no install was
/// ever verified. The workspace must be on disk as it is wanted.
pub async fn find(run: &Run) -> Result<Option<Report>> {
    let Some(lock) = Lock::read(&run.folder().join("landfall.lock"))? else { return Ok(None) };
    let configuration = Configuration::read(&run.workspace)?;
    let [foundation, jobs, services] = Layer::ALL;
    let values = values_for_drift(run).await?;
    let later = values.as_deref();
    let (foundation, jobs, services) = tokio::join!(
        of_layer(run, foundation, None, &configuration),
        of_layer(run, jobs, later, &configuration),
        of_layer(run, services, later, &configuration),
    );
    if let Some(values) = later {
        fs::remove_file(values)?;
    }
    Ok(Some(Report {
        environment: run.environment.name.clone(),
        release: lock.release.tag,
        since: lock.receipt_run,
        findings: [foundation?, jobs?, services?].concat(),
    }))
}

async fn of_layer(
    run: &Run,
    layer: Layer,
    values: Option<&Path>,
    configuration: &Configuration,
) -> Result<Vec<Finding>> {
    let look = |refresh| look(run, layer, values, refresh);
    let (plan, mut wanted) = match look(Refresh::Only).await {
        Ok(plan) if plan.drift.is_empty() => {
            run.found_undrifted(layer);
            return Ok(Vec::new());
        }
        Ok(plan) => (plan, None),
        // Of what is gone, a refresh-only plan cannot make the outputs: terraform gives up. A plan
        // that would make it again has the same drift in it.
        Err(failure) => match look(Refresh::Before).await {
            Ok(plan) if !run.cancel.is_requested() => (plan.clone(), Some(plan)),
            _ => return Err(failure),
        },
    };
    let moved = plan.drift.iter().any(|change| change.task_definition.is_some());
    let known = if moved { known_revisions(run).await? } else { BTreeMap::new() };
    let drift = &run.environment.drift;
    let mut facts = Facts { configuration, drift, known: &known, wanted: None };
    let findings = triage(layer, &plan, &facts);
    if findings.iter().all(|finding| finding.owner != Owner::Vendor) {
        return Ok(findings);
    }
    // What terraform would leave like that is no drift: somebody wrote it into environment.hcl,
    // or a run that was killed got that far.
    if wanted.is_none() {
        wanted = Some(look(Refresh::Before).await?);
    }
    facts.wanted = wanted.as_ref();
    Ok(triage(layer, &plan, &facts))
}

/// A plan that is read and thrown away. It takes no lock: whoever looks may only read.
async fn look(
    run: &Run,
    layer: Layer,
    values: Option<&Path>,
    refresh: Refresh,
) -> Result<LayerPlan> {
    let terraform = run.driver(layer);
    run.init(layer, &terraform).await?;
    let out = run.run_folder().join(format!("{layer}.drift.tfplan"));
    let variable_files = values.into_iter().map(Path::to_path_buf).collect();
    let options = Plan { refresh, unlocked: true, variable_files, ..Plan::default() };
    let mut tell = |event| run.tell_terraform(layer, &event);
    let read = async {
        if refresh == Refresh::Only {
            return terraform.plan_and_read(&out, &options, &mut tell).await;
        }
        // That nothing would be changed does not say that nothing differs.
        terraform.plan_with(&out, &options, &mut tell).await?;
        terraform.show(&out).await
    };
    let plan = read.await;
    // It holds values of the state.
    fs::remove_file(&out)?;
    plan
}

/// The part of a receipt that says what ran. A run that stopped says nothing.
#[derive(Deserialize)]
struct Proved {
    run: String,
    #[serde(default)]
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    task_definition: String,
}

/// Task definitions that were proved to run, with the run whose receipt says so.
async fn known_revisions(run: &Run) -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for key in run.cloud.list_objects(run.bucket(), "receipts/").await? {
        let Some(object) = run.cloud.get_object(run.bucket(), &key).await? else { continue };
        // What another version wrote, and we cannot read, proves nothing to us.
        let Ok(receipt) = serde_json::from_slice::<Proved>(&object.body) else { continue };
        for service in receipt.services {
            known.insert(service.task_definition, receipt.run.clone());
        }
    }
    Ok(known)
}
