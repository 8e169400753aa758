//! The way back of a rotation whose services did not get healthy.

use super::context::Run;
use super::rotation::Rotation;
use super::secrets::{self, Written};
use super::{jobs, layer, promote, propose, versions};
use crate::approval::ApprovedPlan;
use crate::failure::{Failure, Result};
use crate::verify;
use crate::workspace::Layer;

/// Back to the old value, which is still there and still current. What went wrong stays the
/// failure of the run.
pub(super) async fn go_back(
    run: &Run,
    rotation: &Rotation<'_>,
    approved: &ApprovedPlan,
    written: &Written,
    failure: Failure,
) -> Failure {
    run.reporter.note(format!("{}: going back to the old value", failure.what()));
    let told = |what: String| {
        let told = Failure::failed(what).because(failure.what());
        failure.reasons().into_iter().fold(told, Failure::because)
    };
    match back(run, rotation, approved, written).await {
        Ok(()) => told(format!(
            "cannot rotate {}: everything runs with the old value again",
            rotation.what()
        ))
        .next(format!("mend the cause, then run `landfall {}` again", run.command)),
        Err(other) => {
            let told = told(format!("cannot rotate {}, and the way back failed", rotation.what()))
                .because(other.what());
            other.reasons().into_iter().fold(told, Failure::because).next(format!(
                "`landfall update {}`: it goes back to the old value",
                run.environment.name
            ))
        }
    }
}

async fn back(
    run: &Run,
    rotation: &Rotation<'_>,
    approved: &ApprovedPlan,
    written: &Written,
) -> Result<()> {
    run.pin([].into());
    secrets::keep(run, &versions::look(run).await?.wanted)?;
    let way = approved.back(propose::propose(run).await?.value)?;
    let foundation = layer::apply(run, &way, Layer::Foundation).await?.value;
    let tasks = layer::apply(run, &way, Layer::Jobs).await?.value;
    let services = layer::apply(run, &way, Layer::Services).await?.value;
    verify::services(run, &foundation, &services).await?;
    if let Some(database) = rotation.database {
        let mut runner = jobs::Runner::new(run, &foundation, &tasks, written)?;
        runner.retire_logins(database, &rotation.version).await?;
    }
    promote::settle(run, &rotation.secrets).await
}
