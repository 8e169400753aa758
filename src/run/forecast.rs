//! Synthetic outputs of the foundation: what the later layers are planned with before it exists.
//!
//! They come from a plan of the very foundation in a scratch folder, by a simulated provider that
//! foresees its answers: shaped like the real ones, so the real provider can plan with them.

use std::sync::Arc;

use serde_json::Value;

use super::context::{Outputs, Run};
use super::state_store::keep_state_in;
use crate::engine::simulated_caller;
use crate::failure::Result;
use crate::fs;
use crate::simulate::{Account, Faults, Simulator};
use crate::terraform::{Engine, Plan};
use crate::workspace::Layer;

/// Plans the foundation on a simulated account that is thrown away and returns its outputs.
pub(super) async fn foundation(run: &Run) -> Result<Outputs> {
    let scratch = run.run_folder().join("forecast");
    fs::create_private_folder(&scratch)?;
    let outputs = foresee(run, &scratch).await;
    fs::remove_folder(&scratch)?;
    outputs
}

async fn foresee(run: &Run, scratch: &std::path::Path) -> Result<Outputs> {
    let foundation = format!("{}/terraform/{}/", run.environment.name, Layer::Foundation);
    for (path, bytes) in &run.workspace.files {
        if path.starts_with(".modules/") || path.starts_with(&foundation) {
            fs::write(&scratch.join(path), bytes)?;
        }
    }
    let folder = scratch.join(&foundation);
    keep_state_in(&folder, "forecast.tfstate")?;
    let target = &run.environment.target;
    let account = Account::ephemeral(simulated_caller(target, "forecast"))?;
    let account = Arc::new(account);
    let faults = Arc::new(Faults::none());
    let simulator = Simulator::foreseeing(account, faults, &run.workspace.configuration())?;
    let engine = Engine::Simulated { reattach: simulator.reattach(), states: None };
    let terraform = run.terraform.with_engine(&engine);
    let layer = terraform.layer(&folder, scratch, "forecast");
    let plan = scratch.join("forecast.tfplan");
    layer.init().await?;
    Ok(layer.plan_and_read(&plan, &Plan::default(), &mut |_| {}).await?.outputs)
}

/// Known outputs over synthetic ones, key by key: what exists is planned as it is.
pub(super) fn over(synthetic: Outputs, known: Option<Outputs>) -> Outputs {
    let Some(known) = known else { return synthetic };
    match merge(Value::Object(synthetic), Value::Object(known)) {
        Value::Object(merged) => merged,
        _ => Outputs::new(),
    }
}

fn merge(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let merged = match base.remove(&key) {
                    Some(under) => merge(under, value),
                    None => value,
                };
                base.insert(key, merged);
            }
            Value::Object(base)
        }
        // A half-made foundation has outputs with gaps.
        (base, Value::Null) => base,
        (base, Value::Array(items)) if items.iter().any(Value::is_null) => base,
        (_, over) => over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_wins_and_what_is_new_stays() {
        let merged = merge(
            serde_json::json!({ "a": { "x": 1, "y": 2 }, "b": 3, "c": [4, 5] }),
            serde_json::json!({ "a": { "x": 9 }, "b": null, "c": [6, null] }),
        );
        assert_eq!(merged, serde_json::json!({ "a": { "x": 9, "y": 2 }, "b": 3, "c": [4, 5] }));
    }
}
