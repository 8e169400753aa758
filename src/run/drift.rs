//! Looks for drift and touches nothing in the cloud: what `landfall drift` does.

use super::context::{Finished, Run};
use super::{journey, preflight};
use crate::drift::{self, Owner, Report};
use crate::failure::Result;
use crate::receipt::Lock;
use crate::report::{Step, plural};

/// The steps of a look.
const STEPS: [Step; 3] = [Step::Render, Step::Preflight, Step::Drift];

/// What differs from what was installed; `None` if no install was ever verified.
pub async fn look(run: &Run) -> Result<Option<Report>> {
    if Lock::read(&run.folder().join("landfall.lock"))?.is_none() {
        return Ok(None);
    }
    run.announce_steps(&STEPS);
    run.step(Step::Render, journey::render(run)).await?;
    run.step(Step::Preflight, preflight::identity_only(run)).await?;
    run.step(Step::Drift, find(run)).await
}

/// Step `drift` without a gate.
pub(super) async fn find(run: &Run) -> Result<Finished<Option<Report>>> {
    let report = drift::find(run).await?;
    let count = report.iter().flat_map(|report| report.of(Owner::Vendor)).count();
    Ok(match count {
        0 => Finished::unchanged("nothing differs that must not", report),
        count => Finished::done(plural(count, "difference"), report),
    })
}
