//! The way back is part of what was approved: to what ran before, and nothing else.

use super::{ApprovedPlan, Proposal};
use crate::failure::{Exit, Failure, Result};
use crate::plan::Action;

/// The address without what tells a leftover of a failed replacement from what replaced it.
fn resource(address: &str) -> String {
    address.split_once(" (leftover ").map_or(address, |(resource, _)| resource).to_owned()
}

impl ApprovedPlan {
    /// Approves the plan that undoes this one: it may touch only what this one was approved to
    /// touch, run no job and lose nothing. Anything else is shown (exit 4).
    pub fn back(&self, proposal: Proposal) -> Result<Self> {
        let touched = |proposal: &Proposal| -> Vec<String> {
            let changes = proposal.layers.iter().flat_map(|layer| &layer.plan.changes);
            let changes = changes.filter(|it| !matches!(it.action, Action::Read | Action::NoOp));
            changes.map(|change| resource(&change.address)).collect()
        };
        let approved = touched(&self.proposal);
        let mut other = touched(&proposal);
        other.retain(|address| !approved.contains(address));
        other.extend(proposal.losses().into_iter().map(str::to_owned));
        other.extend(proposal.jobs.iter().map(|job| format!("job {}", job.name)));
        if other.is_empty() {
            return Ok(Self {
                digest: proposal.digest(),
                proposal,
                approver: self.approver.clone(),
            });
        }
        let what = "the way back would change something else than what was approved";
        let failure = Failure::new(Exit::NotApproved, what);
        Err(other.into_iter().fold(failure, Failure::because))
    }
}
