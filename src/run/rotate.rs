//! A new value of a secret: written beside the one in use, services and jobs pinned to it, proved,
//! and only then the old one taken out of use. There is no saved position: the labels of the
//! versions say how far it came, so the same command goes on from wherever it stopped.

use std::time::Instant;

use super::context::{Finished, Outputs, Run, Supplied};
use super::journey::{approve, leave_receipt, render};
use super::rotation::{Rotation, is_supplied};
use super::secrets::{self, Written};
use super::way_back::go_back;
use super::{jobs, layer, promote, propose, recover, versions};
use crate::approval::{ApprovedPlan, Proposal};
use crate::cloud::Identity;
use crate::database::generate;
use crate::environment::model::{SecretContainer, SecretValue};
use crate::failure::{Exit, Failure, Result};
use crate::receipt::{self, Lock, Receipt};
use crate::report::{Event, Step, plural};
use crate::verify::{self, ServiceProof};
use crate::workspace::Layer;

/// What a rotation ends with.
#[derive(Debug)]
pub struct Rotated {
    /// The record of it.
    pub receipt: Receipt,
    /// `secret licence`, `the logins of database main`.
    pub what: String,
    /// The id of the version that is in use now.
    pub version: String,
    /// What became of the old value, in a sentence.
    pub old: String,
}

/// Gives a secret a new value. `key` is its container's; the key of anything that is composed of a
/// database's passwords rotates all logins of that database.
///
/// Fails with exit 2 if the kit says that it is immutable, with 3 if the environment differs in
/// anything else, and with 1 if services did not get healthy with the new value: then they run
/// with the old one again.
pub async fn rotate(run: &Run, key: &str) -> Result<Rotated> {
    let started = Instant::now();
    run.announce();
    let result = journey(run, key).await;
    if let Err(failure) = &result {
        leave_receipt(run, failure, None).await;
    }
    run.let_go().await;
    run.remove_plans();
    let (exit, summary) = match &result {
        Ok(_) => (Exit::Done, run.verb.done()),
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

async fn journey(run: &Run, key: &str) -> Result<Rotated> {
    is_as_verified(run)?;
    run.step(Step::Render, render(run)).await?;
    let (identity, rotation, supplied) = run.step(Step::Preflight, preflight(run, key)).await?;
    let proposal = run.step(Step::Plan, plan(run, &rotation)).await?;
    rotation.check_alone(run, &proposal)?;
    let approved = run.step(Step::Approval, approve(run, proposal)).await?;
    let foundation =
        run.step(Step::Foundation, layer::apply(run, &approved, Layer::Foundation)).await?;
    let written = run.step(Step::Secrets, write(run, &rotation, &foundation, supplied)).await?;
    let tasks = run.step(Step::Jobs, layer::apply(run, &approved, Layer::Jobs)).await?;
    let mut runner = jobs::Runner::new(run, &foundation, &tasks, &written)?;
    run.step(Step::BootstrapDatabase, runner.bootstrap_databases()).await?;
    let proofs = match roll_over(run, &approved, &foundation).await {
        Ok(proofs) => proofs,
        // Whoever interrupts may go on; what cannot be known now may be known the next time.
        Err(failure) if failure.exit() == Exit::Failed && !run.cancel.is_requested() => {
            return Err(go_back(run, &rotation, &approved, &written, failure).await);
        }
        Err(failure) => return Err(failure),
    };
    run.step(Step::Retire, retire(run, &rotation, &mut runner)).await?;
    let parts = receipt::Parts {
        identity,
        approved: &approved,
        foundation: &foundation,
        written: &written,
        proofs,
        jobs: runner.ran(),
        snapshots: Vec::new(),
        changed: true,
    };
    let receipt = run.step(Step::Receipt, receipt::write(run, parts)).await?;
    // Last: until here the same command goes on instead of beginning anew.
    promote::settle(run, &rotation.secrets).await?;
    Ok(Rotated { receipt, what: rotation.what(), old: rotation.after(), version: rotation.version })
}

/// A rotation is of what was verified: the same release, rendered to the same files.
fn is_as_verified(run: &Run) -> Result<()> {
    let name = &run.environment.name;
    let Some(lock) = Lock::read(&run.folder().join("landfall.lock"))? else {
        return Err(Failure::input(format!("{name} is not installed yet"))
            .because("no install was ever verified here: there is no landfall.lock")
            .next(format!("`landfall install {name}`")));
    };
    let same = lock.release.tree == run.kit_tree
        && lock.release.lock == run.environment.lock.hash
        && lock.release.workspace == run.workspace.hash();
    if same {
        return Ok(());
    }
    Err(Failure::new(Exit::Differs, format!("{name} is not what was last verified"))
        .because(
            "its release or its environment.hcl changed since, and a rotation changes nothing else",
        )
        .next(format!("apply the change first: `landfall update {name}`")))
}

async fn preflight<'a>(
    run: &'a Run,
    key: &str,
) -> Result<Finished<(Identity, Rotation<'a>, Supplied)>> {
    let identity = run.check_identity().await?;
    run.hold(&identity.arn).await?;
    recover::recover(run).await?;
    let rotation = Rotation::find(run, key).await?;
    let pins = rotation.secrets.iter().map(|it| (it.key.clone(), rotation.version.clone()));
    run.pin(pins.collect());
    let mut asked: Vec<SecretContainer> = Vec::new();
    if rotation.staged {
        run.reporter.note(format!(
            "a rotation of {} was stopped: it goes on with the value that it wrote",
            rotation.what()
        ));
    } else {
        let supplied = rotation.secrets.iter().filter(|secret| is_supplied(secret));
        asked.extend(supplied.map(|secret| question(secret)));
    }
    let supplied = if asked.is_empty() {
        Supplied::new()
    } else {
        run.reporter.tell(&Event::Question);
        run.asks.secrets(&asked.iter().collect::<Vec<_>>())?
    };
    let taken = match supplied.len() {
        0 => String::new(),
        count => format!(", {} taken", plural(count, "secret")),
    };
    let account = run.environment.target.cloud.account();
    let summary = format!("{account} {}{taken}", identity.account);
    Ok(Finished::done(summary, (identity, rotation, supplied)))
}

/// The container as it is asked for: here it needs a value, whatever the kit says.
fn question(secret: &SecretContainer) -> SecretContainer {
    let mut asked = secret.clone();
    asked.required = true;
    if let SecretValue::Supplied { prompt, .. } = &mut asked.value {
        *prompt = format!("New value of {}", secret.key);
    }
    asked
}

async fn plan(run: &Run, rotation: &Rotation<'_>) -> Result<Finished<Proposal>> {
    let mut planned = propose::propose(run).await?;
    // What a run before this one did was approved then; what is left is approved now.
    if !(rotation.staged && planned.value.is_empty()) {
        planned.value.rotates = Some(rotation.rotates(run));
    }
    Ok(planned)
}

/// Writes the new value, beside the one in use.
async fn write(
    run: &Run,
    rotation: &Rotation<'_>,
    foundation: &Outputs,
    mut supplied: Supplied,
) -> Result<Finished<Written>> {
    let mut written = Written { versions: versions::look(run).await?.wanted, values: Vec::new() };
    if !rotation.staged {
        match rotation.database {
            Some(database) => {
                secrets::compose(run, database, true, foundation, &mut written).await?;
            }
            None => {
                for secret in &rotation.secrets {
                    let value = match &secret.value {
                        SecretValue::Generated { kind, length, prefix } => {
                            Some(generate(*kind, *length, prefix)?)
                        }
                        _ => supplied.remove(&secret.key),
                    };
                    let value = value.ok_or_else(|| {
                        Failure::input(format!("no new value of {} was given", secret.key))
                    })?;
                    secrets::put(run, secret, value, &rotation.token, true, &mut written).await?;
                }
            }
        }
    }
    secrets::keep(run, &written.versions)?;
    Ok(match written.values.len() {
        0 => Finished::unchanged("written before", written),
        count => {
            Finished::done(format!("{} written, not yet current", plural(count, "value")), written)
        }
    })
}

/// Services take the new value, and are proved with it.
async fn roll_over(
    run: &Run,
    approved: &ApprovedPlan,
    foundation: &Outputs,
) -> Result<Vec<ServiceProof>> {
    let services = run.step(Step::Services, layer::apply(run, approved, Layer::Services)).await?;
    run.step(Step::Verify, prove(run, foundation, &services)).await
}

async fn prove(
    run: &Run,
    foundation: &Outputs,
    services: &Outputs,
) -> Result<Finished<Vec<ServiceProof>>> {
    let proofs = verify::services(run, foundation, services).await?;
    verify::checks(run, foundation).await?;
    let tasks: usize = proofs.iter().map(|proof| proof.tasks).sum();
    let summary = format!("{}, {}", plural(proofs.len(), "service"), plural(tasks, "task"));
    Ok(Finished::done(summary, proofs))
}

/// The new version becomes current; the logins before it are taken away.
async fn retire(
    run: &Run,
    rotation: &Rotation<'_>,
    runner: &mut jobs::Runner<'_>,
) -> Result<Finished<()>> {
    promote::promote(run, &rotation.secrets, &rotation.version).await?;
    let Some(database) = rotation.database else {
        return Ok(Finished::done("the version before it is kept under a label", ()));
    };
    runner.retire_logins(database, "").await?;
    Ok(Finished::done(format!("the former logins of database {database} are taken away"), ()))
}
