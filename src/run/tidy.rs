//! Step `tidy`: after the new release is verified, the foundation loses what only the release
//! before needed. It is planned with everything else, and part of the same approval.

use super::context::{Finished, Run};
use super::secrets::{self, Written};
use super::state_store::keep_layer_in_simulated_bucket;
use super::{layer, propose};
use crate::approval::{ApprovedPlan, ProposedLayer};
use crate::failure::Result;
use crate::fs;
use crate::plan::{Action, Change, LayerPlan, Shown};
use crate::receipt::Candidate;
use crate::terraform;
use crate::workspace::Layer;

/// What tidying up will take away; `None` if both releases need the same.
pub(super) async fn propose(run: &Run, layers: &[ProposedLayer]) -> Result<Option<LayerPlan>> {
    let Some(exact) = run.before.as_ref().and_then(|before| before.exact.as_ref()) else {
        return Ok(None);
    };
    let copy = propose::copy(run, exact, "exact")?;
    let planned = plan_copy(run, &copy).await;
    fs::remove_folder(&copy)?;
    let mut exact = planned?;
    // What the foundation of both releases does as well is done by then.
    let first: Vec<_> = layers.first().map(|it| it.plan.changes.clone()).unwrap_or_default();
    exact.changes.retain(|change| {
        change.action != Action::Read && !(is_told(change) && first.contains(change))
    });
    exact.outputs_changed.clear();
    Ok((!exact.changes.is_empty()).then_some(exact))
}

/// Whether two changes that look the same are the same: no value is too long or too secret to show.
fn is_told(change: &Change) -> bool {
    change.attributes.iter().all(|attribute| {
        let both = [&attribute.before, &attribute.after];
        both.into_iter().all(|side| matches!(side, Shown::Absent | Shown::Text(_)))
    })
}

/// Plans the foundation as it will be, against the state as it is, without its lock.
async fn plan_copy(run: &Run, copy: &std::path::Path) -> Result<LayerPlan> {
    let layer = Layer::Foundation;
    let folder = copy.join(&run.environment.name).join("terraform").join(layer.name());
    if run.is_simulated() {
        keep_layer_in_simulated_bucket(&folder)?;
    }
    let logs = run.run_folder().join("tidy");
    let terraform = run.terraform.layer(&folder, &logs, layer.name()).with_lookup(run.lookup());
    terraform.init().await?;
    let out = copy.join("foundation.tfplan");
    let options = terraform::Plan { unlocked: true, ..Default::default() };
    terraform.plan_and_read(&out, &options, &mut |event| run.tell_terraform(layer, &event)).await
}

/// Writes the new release's own foundation and applies it; versions of secrets that it does not
/// have are forgotten.
pub(super) async fn apply(
    run: &Run,
    approved: &ApprovedPlan,
    written: &mut Written,
) -> Result<Finished<()>> {
    let Some(exact) = run.before.as_ref().and_then(|before| before.exact.as_ref()) else {
        return Ok(Finished::unchanged("nothing that only the release before needed", ()));
    };
    // From here on the release before has lost something: whoever goes on must not render it again.
    Candidate { verified: true, ..Candidate::of(run) }.write(&run.folder())?;
    run.keep_record().await;
    exact.write(&run.environments, run.overwrite)?;
    let finished = layer::tidy(run, approved).await?;
    written.versions.retain(|key, _| run.environment.secrets.contains_key(key));
    secrets::keep(run, &written.versions)?;
    Ok(Finished { outcome: finished.outcome, summary: finished.summary, value: () })
}
