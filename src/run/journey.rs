//! The whole way of `install`, `update` and `rollback`, top to bottom, and the part of it that
//! `plan` goes.

use std::sync::PoisonError;
use std::time::Instant;

use super::context::{Finished, Run, Verb};
use super::going_back::{self, Returned};
use super::{
    gates, jobs, layer, preflight, promote, propose, secrets, snapshot, state_store, tidy,
    transition,
};
use crate::approval::{ApprovedPlan, Approver, Proposal};
use crate::failure::{Exit, Failure, Result};
use crate::receipt::{self, Receipt, Stopped};
use crate::report::{Event, Outcome, Step, plural};
use crate::site::Site;
use crate::verify;
use crate::workspace::Layer;

/// What an install ends with.
#[derive(Debug)]
pub struct Installed {
    /// The record of it.
    pub receipt: Receipt,
    /// Whether anything was changed.
    pub changed: bool,
}

/// From files to services that are proved to be running.
pub async fn install(run: &Run) -> Result<Installed> {
    let started = Instant::now();
    run.announce();
    let result = journey(run).await;
    conclude(run, result, started).await
}

/// From what runs to another release or other values, or back to what ran.
pub async fn update(run: &mut Run, site: &Site) -> Result<Installed> {
    let started = Instant::now();
    run.announce();
    let result = match run.step(Step::Release, transition::prepare(run, site)).await {
        Ok(transition) => {
            run.enter(transition);
            journey(run).await
        }
        Err(failure) => Err(failure),
    };
    conclude(run, result, started).await
}

/// Goes back where that is needed, leaves the record, frees the lock, tells the end.
async fn conclude(run: &Run, result: Result<Installed>, started: Instant) -> Result<Installed> {
    let result = match result {
        Err(failure) => {
            let (failure, returned) = going_back::after(run, failure).await;
            leave_receipt(run, &failure, returned).await;
            Err(failure)
        }
        done => done,
    };
    run.let_go().await;
    run.remove_plans();
    let (exit, summary) = match &result {
        Ok(installed) if installed.changed => (Exit::Done, run.verb.done()),
        Ok(_) => {
            (Exit::Done, "nothing to change: everything is as wanted, and verified".to_owned())
        }
        Err(failure) => (failure.exit(), format!("stopped: {}", failure.what())),
    };
    let seconds = started.elapsed().as_secs_f64();
    run.reporter.tell(&Event::RunFinished {
        run: run.id.clone(),
        exit: exit as u8,
        summary,
        seconds,
    });
    run.keep_record().await;
    result
}

/// The receipt of a run that stopped, if it had begun: who holds no lock has touched nothing. That
/// it cannot be written is said; the failure that is told is the first.
pub(super) async fn leave_receipt(run: &Run, failure: &Failure, returned: Option<Returned>) {
    if run.held().is_none() {
        return;
    }
    if let Err(unwritten) = Stopped::of(run, failure, returned).write(run).await {
        run.reporter.note(format!("no receipt was written: {}", unwritten.what()));
    }
}

async fn journey(run: &Run) -> Result<Installed> {
    run.step(Step::Render, render(run)).await?;
    let (identity, supplied) = run.step(Step::Preflight, preflight::check(run)).await?;
    if run.before.is_some() {
        run.step(Step::Drift, gates::drift(run)).await?;
    }
    let proposal = run.step(Step::Plan, plan_within_gates(run)).await?;
    fits_the_verb(run, &proposal)?;
    let approved = run.step(Step::Approval, approve(run, proposal)).await?;
    run.step(Step::StateStore, state_store::ensure(run, &identity)).await?;
    let mut snapshots = Vec::new();
    if run.before.is_some() {
        snapshots = run.step(Step::Snapshot, snapshot_before(run, &approved)).await?;
    }
    let foundation =
        run.step(Step::Foundation, layer::apply(run, &approved, Layer::Foundation)).await?;
    let mut written = run.step(Step::Secrets, secrets::write(run, &foundation, supplied)).await?;
    // The plan of the services needs nothing that comes in between.
    let (tasks, ()) = tokio::join!(
        run.step(Step::Jobs, layer::apply(run, &approved, Layer::Jobs)),
        layer::prepare(run, Layer::Services),
    );
    let tasks = tasks?;
    let mut runner = jobs::Runner::new(run, &foundation, &tasks, &written)?;
    run.step(Step::BootstrapDatabase, runner.bootstrap_databases()).await?;
    run.step(Step::Migrate, runner.migrate()).await?;
    let services = run.step(Step::Services, layer::apply(run, &approved, Layer::Services)).await?;
    let proofs =
        run.step(Step::Verify, verify_all(run, &mut runner, &foundation, &services)).await?;
    let jobs = runner.ran();
    if run.before.is_some() {
        run.step(Step::Tidy, tidy::apply(run, &approved, &mut written)).await?;
    }
    let changed = *approved.approver() != crate::approval::Approver::NothingToApprove;
    let record = receipt::Parts {
        identity,
        approved: &approved,
        foundation: &foundation,
        written: &written,
        proofs,
        jobs,
        snapshots,
        changed,
    };
    let receipt = run.step(Step::Receipt, receipt::write(run, record)).await?;
    Ok(Installed { receipt, changed })
}

/// Plans, and refuses what no approval can allow.
async fn plan_within_gates(run: &Run) -> Result<Finished<Proposal>> {
    let planned = propose::propose(run).await?;
    gates::loss(run, &planned.value)?;
    Ok(planned)
}

/// A way back for the data, if anything is going to change.
async fn snapshot_before(run: &Run, approved: &ApprovedPlan) -> Result<Finished<Vec<String>>> {
    if *approved.approver() == Approver::NothingToApprove {
        return Ok(Finished::unchanged("nothing changes", Vec::new()));
    }
    snapshot::before_update(run).await
}

/// An install changes nothing where one was verified already.
fn fits_the_verb(run: &Run, proposal: &Proposal) -> Result<()> {
    let name = &run.environment.name;
    let installed = receipt::Lock::read(&run.folder().join("landfall.lock"))?.is_some();
    if run.verb != Verb::Install || !installed || proposal.is_empty() {
        return Ok(());
    }
    run.show(proposal);
    Err(Failure::new(Exit::Differs, format!("{name} is installed, and something differs"))
        .because("install changes nothing on an installed environment")
        .next(format!("read what differs, then apply it: `landfall update {name}`")))
}

/// Renders, plans and shows; touches nothing in the cloud.
pub async fn plan(run: &mut Run, site: &Site) -> Result<Proposal> {
    run.announce();
    if receipt::Lock::read(&run.folder().join("landfall.lock"))?.is_some() {
        run.verb = Verb::Update;
        let transition = run.step(Step::Release, transition::prepare(run, site)).await?;
        run.enter(transition);
    }
    // Before the first install there is nothing in the folder that a look could disturb.
    if run.before.is_some() {
        run.preview = true;
    } else {
        run.step(Step::Render, render(run)).await?;
    }
    run.step(Step::Preflight, preflight::identity_only(run)).await?;
    let proposal = run.step(Step::Plan, propose::propose(run)).await;
    run.remove_plans();
    let proposal = proposal?;
    run.show(&proposal);
    run.keep_proposal(&proposal).await;
    Ok(proposal)
}

pub(super) async fn render(run: &Run) -> Result<Finished<()>> {
    let written = run.workspace.write(&run.environments, run.overwrite)?;
    *run.hand_edited.lock().unwrap_or_else(PoisonError::into_inner) = written.hand_edited();
    if let Some(text) = written.text() {
        run.reporter.tell(&Event::Text { text });
    }
    if run.is_simulated() {
        state_store::keep_state_in_simulated_bucket(run)?;
    }
    let files = run.workspace.files.len();
    let edited = match written.edits.len() {
        0 => String::new(),
        count => format!(", {count} edited by hand"),
    };
    Ok(if written.count == 0 {
        let summary = format!("{} as rendered before{edited}", plural(files, "file"));
        Finished::unchanged(summary, ())
    } else {
        Finished::done(format!("{} of {}{edited}", written.count, plural(files, "file")), ())
    })
}

pub(super) async fn approve(run: &Run, proposal: Proposal) -> Result<Finished<ApprovedPlan>> {
    let empty = proposal.is_empty();
    if !empty {
        run.show(&proposal);
        run.reporter.tell(&Event::Question);
    }
    let (digest, canonical) = (proposal.digest(), proposal.canonical());
    let approved = match (run.asks.approve(proposal), run.asks.given_digest()) {
        (Err(failure), Some(given)) if !is_of(given, &digest) => {
            return Err(run.tell_moved(given, &canonical, failure).await);
        }
        (approved, _) => approved?,
    };
    let short = approved.digest().chars().take(19).collect::<String>();
    Ok(if empty {
        Finished {
            outcome: Outcome::Unchanged,
            summary: "nothing to approve".into(),
            value: approved,
        }
    } else {
        let by = match approved.approver() {
            crate::approval::Approver::Person => "by you",
            crate::approval::Approver::Digest => "by its digest",
            crate::approval::Approver::Rehearsal => "a rehearsal approves itself",
            crate::approval::Approver::NothingToApprove => "",
        };
        Finished::done(format!("{by}, {short}"), approved)
    })
}

/// Whether a digest, or its first digits, is this one.
fn is_of(given: &str, digest: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_owned();
    bare(digest).starts_with(&bare(given))
}

async fn verify_all(
    run: &Run,
    runner: &mut jobs::Runner<'_>,
    foundation: &super::Outputs,
    services: &super::Outputs,
) -> Result<Finished<Vec<verify::ServiceProof>>> {
    let proofs = verify::services(run, foundation, services).await?;
    runner.post().await?;
    verify::checks(run, foundation).await?;
    promote::proved(run, runner).await?;
    let tasks: usize = proofs.iter().map(|proof| proof.tasks).sum();
    let summary =
        format!("{}, {} by digest", plural(proofs.len(), "service"), plural(tasks, "task"));
    Ok(Finished::done(summary, proofs))
}
