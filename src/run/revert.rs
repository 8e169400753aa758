//! Takes drift back: the locked release, the drifted addresses, nothing else; approved like any
//! plan, and proved by a second look.

use std::time::Instant;

use super::context::{Finished, Outputs, Run};
use super::journey::{Installed, approve, leave_receipt, render};
use super::layer::{apply_exactly, hand_on, ids_beside};
use super::{drift, gates, recover};
use crate::approval::{ApprovedPlan, Proposal, ProposedLayer};
use crate::cloud::Identity;
use crate::drift::{Finding, Owner, Report, beyond};
use crate::failure::{Exit, Failure, Result};
use crate::plan::{Action, LayerPlan};
use crate::receipt::{self, Lock};
use crate::report::{Event, Step, plural};
use crate::run::Written;
use crate::terraform;
use crate::verify::{self, ServiceProof};
use crate::workspace::Layer;

/// The steps of it.
const STEPS: [Step; 9] = [
    Step::Render,
    Step::Preflight,
    Step::Drift,
    Step::Plan,
    Step::Approval,
    Step::Foundation,
    Step::Jobs,
    Step::Services,
    Step::Verify,
];

/// Takes back what differs and must not; `None` if nothing does.
pub async fn revert(run: &Run) -> Result<Option<Installed>> {
    let started = Instant::now();
    let steps = [STEPS.as_slice(), &[Step::Receipt]].concat();
    run.announce_steps(&steps);
    let result = journey(run).await;
    if let Err(failure) = &result {
        leave_receipt(run, failure, None).await;
    }
    run.let_go().await;
    run.remove_plans();
    let (exit, summary) = match &result {
        Ok(Some(_)) => (Exit::Done, "taken back and verified".to_owned()),
        Ok(None) => (Exit::Done, "nothing to take back".to_owned()),
        Err(failure) => (failure.exit(), format!("stopped: {}", failure.what())),
    };
    let seconds = started.elapsed().as_secs_f64();
    let run_id = run.id.clone();
    run.reporter.tell(&Event::RunFinished { run: run_id, exit: exit as u8, summary, seconds });
    run.keep_record().await;
    result
}

async fn journey(run: &Run) -> Result<Option<Installed>> {
    locked_release(run)?;
    run.step(Step::Render, render(run)).await?;
    let identity = run.step(Step::Preflight, preflight(run)).await?;
    let found = run.step(Step::Drift, drift::find(run)).await?;
    let Some(report) = found.filter(Report::is_drift) else { return Ok(None) };
    let proposal = run.step(Step::Plan, propose(run, &report)).await?;
    gates::loss(run, &proposal)?;
    let touched: Vec<bool> = proposal.layers.iter().map(|it| !it.plan.is_empty()).collect();
    let renews = proposal
        .layers
        .iter()
        .flat_map(|layer| &layer.plan.changes)
        .any(|change| matches!(change.action, Action::Create | Action::Replace { .. }));
    let approved = run.step(Step::Approval, approve(run, proposal)).await?;
    for ((layer, step), touched) in layers().into_iter().zip(touched) {
        if touched {
            run.step(step, apply(run, &approved, layer)).await?;
        }
    }
    let (foundation, proofs) = run.step(Step::Verify, prove(run)).await?;
    if renews {
        run.reporter.note(format!(
            "what was made anew may have another id: `landfall plan {}` shows what follows",
            run.environment.name
        ));
    }
    let written = Written { versions: secret_versions(run)?, values: Vec::new() };
    let parts = receipt::Parts {
        identity,
        approved: &approved,
        foundation: &foundation,
        written: &written,
        proofs,
        jobs: Vec::new(),
        snapshots: Vec::new(),
        changed: true,
    };
    let receipt = run.step(Step::Receipt, receipt::write(run, parts)).await?;
    Ok(Some(Installed { receipt, changed: true }))
}

fn layers() -> [(Layer, Step); 3] {
    let [foundation, jobs, services] = Layer::ALL;
    [(foundation, Step::Foundation), (jobs, Step::Jobs), (services, Step::Services)]
}

/// Only what was installed exactly so can be taken back to.
fn locked_release(run: &Run) -> Result<()> {
    let name = &run.environment.name;
    let Some(lock) = Lock::read(&run.folder().join("landfall.lock"))? else {
        return Err(Failure::input(format!("{name} is not installed yet"))
            .because("no install was ever verified here: there is nothing to go back to"));
    };
    let locked = &lock.release;
    let wanted = (&run.environment.release, &run.kit_tree, &run.environment.lock.hash);
    if wanted != (&locked.tag, &locked.tree, &locked.lock) {
        return Err(Failure::input("drift is taken back to the locked release only")
            .because(format!("landfall.lock says {}, wanted is another kit", locked.tag))
            .because(format!("environment.hcl asks for {}", run.environment.release))
            .next(format!(
                "name {} in environment.hcl with its kit, then run this again",
                locked.tag
            )));
    }
    if run.workspace.hash() != locked.workspace {
        return Err(Failure::input("environment.hcl was changed since it was installed")
            .because("taking drift back would apply that change with it")
            .next("put it aside (`git stash`), take the drift back, then update with the change"));
    }
    Ok(())
}

async fn preflight(run: &Run) -> Result<Finished<Identity>> {
    let identity = run.check_identity().await?;
    run.hold(&identity.arn).await?;
    recover::recover(run).await?;
    let account = run.environment.target.cloud.account();
    Ok(Finished::done(format!("{account} {}", identity.account), identity))
}

/// Plans the drifted addresses of each layer, and refuses a plan that would do more.
async fn propose(run: &Run, report: &Report) -> Result<Finished<Proposal>> {
    let mut layers = Vec::new();
    let mut more = Vec::new();
    for layer in Layer::ALL {
        let findings: Vec<&Finding> =
            report.of(Owner::Vendor).filter(|finding| finding.layer == layer).collect();
        let plan = if findings.is_empty() {
            LayerPlan { layer: layer.name().to_owned(), ..LayerPlan::default() }
        } else {
            plan_back(run, layer, &findings).await?
        };
        more.extend(beyond(&plan, &findings).into_iter().map(|line| format!("{layer}: {line}")));
        layers.push(ProposedLayer { plan, forecast: false });
    }
    if !more.is_empty() {
        let mut failure =
            Failure::new(Exit::Differs, "taking it back would change more than what drifted");
        for line in more {
            failure = failure.because(line);
        }
        let name = &run.environment.name;
        return Err(failure
            .because("nothing was changed")
            .next(format!("see all of it: `landfall plan {name}`")));
    }
    let changes: usize = layers.iter().map(|layer| layer.plan.changes.len()).sum();
    let proposal = Proposal {
        target: run.environment.target.clone(),
        environment: run.environment.name.clone(),
        from: Some(report.release.clone()),
        release: run.environment.release.clone(),
        kit_tree: run.kit_tree.clone(),
        kit_lock: run.environment.lock.hash.clone(),
        workspace: run.workspace.hash(),
        makes_state_store: false,
        jobs: Vec::new(),
        layers,
        tidy: None,
        rotates: None,
        tags: std::collections::BTreeMap::new(),
    };
    Ok(Finished::done(plural(changes, "change"), proposal))
}

async fn plan_back(run: &Run, layer: Layer, findings: &[&Finding]) -> Result<LayerPlan> {
    let terraform = run.driver(layer);
    let saved = run.saved_plan(layer);
    let mut targets: Vec<String> = findings.iter().map(|it| it.address.clone()).collect();
    targets.sort_unstable();
    targets.dedup();
    let options = terraform::Plan { targets, ..terraform::Plan::default() };
    let mut tell = |event| run.tell_terraform(layer, &event);
    let mut plan = terraform.plan_and_read(&saved, &options, &mut tell).await?;
    // A plan of some resources cannot tell what the outputs will be.
    plan.outputs_changed.clear();
    run.prepare(layer, &plan, None);
    Ok(plan)
}

async fn apply(run: &Run, approved: &ApprovedPlan, layer: Layer) -> Result<Finished<()>> {
    let finished = apply_exactly(run, approved, layer).await?;
    Ok(Finished { outcome: finished.outcome, summary: finished.summary, value: () })
}

/// A second look finds nothing, and what runs is what was locked.
async fn prove(run: &Run) -> Result<Finished<(Outputs, Vec<ServiceProof>)>> {
    let report = drift::find(run).await?.value;
    if let Some(report) = report.filter(Report::is_drift) {
        let mut failure = Failure::new(Exit::Differs, "it was taken back, and differs again");
        for finding in report.of(Owner::Vendor) {
            failure = failure.because(format!("{}: {}", finding.layer, finding.text));
        }
        return Err(
            failure.next("find who changes it: CloudTrail names the caller of every change")
        );
    }
    let foundation = outputs(run, Layer::Foundation).await?;
    hand_on(run, &foundation)?;
    let services = outputs(run, Layer::Services).await?;
    let proofs = verify::services(run, &foundation, &services).await?;
    verify::checks(run, &foundation).await?;
    let summary = format!("no drift, {}", plural(proofs.len(), "service"));
    Ok(Finished::done(summary, (foundation, proofs)))
}

async fn outputs(run: &Run, layer: Layer) -> Result<Outputs> {
    let terraform = run.driver(layer);
    run.init(layer, &terraform).await?;
    terraform.outputs().await
}

/// The versions that the services run with, as they lie beside the layer.
fn secret_versions(run: &Run) -> Result<std::collections::BTreeMap<String, String>> {
    let ids = ids_beside(&run.layer_folder(Layer::Services))?;
    let versions = ids.map(|ids| ids.secret_versions).unwrap_or_default();
    serde_json::from_value(versions).or_else(|_| Ok(std::collections::BTreeMap::new()))
}
