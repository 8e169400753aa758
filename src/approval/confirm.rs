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

impl Confirmed {
    /// A plan of the way back to what is locked. It is part of every approved update, so nobody is
    /// asked again; but it never loses what holds data (G11).
    pub fn way_back(layer: Layer, plan: LayerPlan) -> Result<Self> {
        let losses: Vec<&str> = plan.losses().map(|change| change.address.as_str()).collect();
        if losses.is_empty() {
            return Ok(Self { layer, plan });
        }
        let failure = Failure::new(Exit::NotApproved, "going back would lose what holds data");
        Err(losses.into_iter().fold(failure, Failure::because))
    }
}

impl ApprovedPlan {
    /// Confirms the last step of an update: everything it takes away was approved as such. What was
    /// approved and is not there to take away is no difference.
    pub fn confirm_tidy(&self, now: LayerPlan) -> Result<Confirmed> {
        let mut approved = self.proposal.tidy.clone().unwrap_or_default();
        approved.changes.retain(|it| now.changes.iter().any(|change| change.address == it.address));
        let unknown = plan::compare(&plan::part(&approved), &plan::part(&now));
        if unknown.is_empty() {
            return Ok(Confirmed { layer: Layer::Foundation, plan: now });
        }
        let what = "tidying up would now change something else than what was approved";
        let failure = Failure::new(Exit::NotApproved, what);
        Err(unknown
            .into_iter()
            .fold(failure, Failure::because)
            .because("the new release serves and is verified; nothing was taken away")
            .next("run the same command again: it plans anew and asks again"))
    }

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
