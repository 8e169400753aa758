//! Step `return`: an update that fails once services were touched goes back to what
//! `landfall.lock` says. The foundation of both releases is still there, so only jobs and services
//! move, and what runs then is verified like any other release.

use super::context::{Finished, Run};
use super::layer;
use super::schema;
use crate::environment::model::Class;
use crate::failure::{Exit, Failure, Result};
use crate::receipt::{Candidate, Lock};
use crate::report::{Step, plural};
use crate::verify::{self, ServiceProof};
use crate::workspace::Layer;

/// Where a failed update ended up.
#[derive(Debug)]
pub struct Returned {
    /// What was running before runs again.
    pub to: Lock,
    /// What proves it.
    pub proofs: Vec<ServiceProof>,
}

/// Goes back, if this failure left services between two releases and the older one can serve.
/// Returns the failure with what became of it, and where it ended up.
pub(super) async fn after(run: &Run, failure: Failure) -> (Failure, Option<Returned>) {
    let Some(before) = run.before.clone() else { return (failure, None) };
    if !leaves_a_mixture(run, &failure) {
        return (failure, None);
    }
    let to = before.lock.release.tag.clone();
    match may_go_back(run, &to).await {
        Ok(None) => {}
        Ok(Some(why)) => return (why.into_iter().fold(failure, Failure::because), None),
        Err(error) => return (failure.because(format!("it stays: {}", error.what())), None),
    }
    run.reporter.note(format!("going back to {to}: {}", failure.what()));
    let back = run.beside(before.environment.clone(), before.workspace.clone());
    match back.step(Step::Return, go(&back)).await {
        Ok(proofs) => {
            let said = format!("went back to {to}: {}, verified", plural(proofs.len(), "service"));
            let failure = failure.because(said).next(format!(
                "nothing else is needed to serve {to}; the wanted release is still the one in \
                 environment.hcl"
            ));
            (failure, Some(Returned { to: before.lock.clone(), proofs }))
        }
        Err(error) => {
            let reasons = error.reasons();
            let failure = failure.because(format!("going back to {to} failed: {}", error.what()));
            (reasons.into_iter().fold(failure, Failure::because), None)
        }
    }
}

/// Services were touched, and not by a person's Ctrl-C; what is only not known still serves.
fn leaves_a_mixture(run: &Run, failure: &Failure) -> bool {
    matches!(run.failed_step(), Some(Step::Services | Step::Verify))
        && failure.exit() == Exit::Failed
        && !run.cancel.is_requested()
}

/// Why it stays as it is; `None` if it goes back.
async fn may_go_back(run: &Run, to: &str) -> Result<Option<Vec<String>>> {
    let Some(before) = &run.before else { return Ok(Some(Vec::new())) };
    if before.verified {
        return Ok(Some(vec![format!("it cannot go back to {to}: that was tidied up already")]));
    }
    let live = run.live_schemas().await?;
    let refusals = schema::refusals(&live, &before.environment.kit);
    if !refusals.is_empty() {
        let mut why = vec![format!("it cannot go back to {to}: the database has moved on")];
        why.extend(refusals);
        return Ok(Some(why));
    }
    let asked = run.environment.class == Class::Production && !run.asks.goes_back(to)?;
    Ok(asked.then(|| vec!["it stays as it is: that was your answer".to_owned()]))
}

async fn go(back: &Run) -> Result<Finished<Vec<ServiceProof>>> {
    back.workspace.write(&back.environments, back.overwrite)?;
    layer::go_back(back, Layer::Jobs).await?;
    let services = layer::go_back(back, Layer::Services).await?;
    let foundation = layer::foundation_beside(back)?;
    let proofs = verify::services(back, &foundation, &services).await?;
    verify::checks(back, &foundation).await?;
    Candidate::remove(&back.folder())?;
    let summary = format!("{} as locked", plural(proofs.len(), "service"));
    Ok(Finished::done(summary, proofs))
}
