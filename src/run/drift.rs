//! Looks for drift and touches nothing in the cloud: what `landfall drift` does.

use std::path::PathBuf;

use serde_json::json;

use super::context::{Finished, Ids, Outputs, Run};
use super::{forecast, journey, layer, preflight, versions};
use crate::drift::{self, Owner, Report};
use crate::failure::Result;
use crate::fs;
use crate::receipt::Lock;
use crate::report::{Step, plural};
use crate::workspace::Layer;

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

/// A file of values for the later layers, if what is beside them lacks what the wanted release
/// needs: a secret or a service that comes with it. Without them terraform would not even look.
pub(crate) async fn values(run: &Run) -> Result<Option<PathBuf>> {
    let Some(beside) = layer::ids_beside(&run.layer_folder(Layer::Services))? else {
        return Ok(None);
    };
    if !lacks(run, &beside) {
        return Ok(None);
    }
    let known = Outputs::from_iter([("foundation".to_owned(), beside.foundation)]);
    let foreseen = forecast::over(forecast::foundation(run).await?, Some(known));
    let values = json!({
        "foundation": foreseen.get("foundation"),
        "secret_versions": versions::look(run).await?.wanted,
    });
    let path = run.run_folder().join("drift.tfvars.json");
    fs::write_private(&path, values.to_string().as_bytes())?;
    Ok(Some(path))
}

/// Whether the wanted release has something that the foundation, as it stands, knows nothing of.
fn lacks(run: &Run, beside: &Ids) -> bool {
    let environment = &run.environment;
    let unknown = |kind: &str, key: &str| beside.foundation[kind].get(key).is_none();
    let secrets = environment.secrets.values().filter(|secret| secret.required);
    let mut secrets = secrets.map(|secret| secret.key.as_str());
    secrets.any(|key| unknown("secrets", key) || beside.secret_versions.get(key).is_none())
        || environment.workloads.iter().any(|workload| unknown("workloads", &workload.key))
        || environment.databases.keys().any(|name| unknown("databases", name))
        || environment.ingresses.keys().any(|name| unknown("ingresses", name))
}
