//! A layer's plan, held against what was approved.

use super::ApprovedPlan;
use crate::failure::{Exit, Failure, Result};
use crate::plan::{self, LayerPlan};
use crate::workspace::Layer;

/// A plan of a layer that means what was approved. An apply consumes it.
#[derive(Debug)]
pub struct Confirmed {
    layer: Layer,
    plan: LayerPlan,
}

impl Confirmed {
    /// Which layer.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// The plan.
    pub fn plan(&self) -> &LayerPlan {
        &self.plan
    }
}

impl ApprovedPlan {
    /// Confirms that a plan made just now means what was approved; else shows every difference
    /// (exit 4).
    pub fn confirm(&self, layer: Layer, now: LayerPlan) -> Result<Confirmed> {
        let position = Layer::ALL.iter().position(|it| *it == layer).unwrap_or_default();
        let Some(approved) = self.proposal.layers.get(position) else {
            return Err(Failure::failed(format!("layer {layer} was never proposed")));
        };
        let differences = plan::compare(&plan::part(&approved.plan), &plan::part(&now));
        if differences.is_empty() {
            return Ok(Confirmed { layer, plan: now });
        }
        let mut failure = Failure::new(
            Exit::NotApproved,
            format!("layer {layer} would now change something else than what was approved"),
        );
        for difference in differences.iter().take(20) {
            failure = failure.because(difference);
        }
        if differences.len() > 20 {
            failure = failure.because(format!("and {} more", differences.len() - 20));
        }
        Err(failure.next("run the same command again: it plans anew and asks again"))
    }
}
