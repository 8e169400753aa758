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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::approval::{Consent, ProposedLayer};
    use crate::environment::model::{Target, VerbRoles};
    use crate::plan::{Change, LayerPlan};

    /// A proposal that updates these.
    fn changing(addresses: &[&str]) -> Proposal {
        let change = |address: &&str| Change {
            address: (*address).to_owned(),
            action: Action::Update,
            ..Change::default()
        };
        let changes = addresses.iter().map(change).collect();
        let plan = LayerPlan { layer: "services".into(), changes, ..LayerPlan::default() };
        Proposal {
            target: Target {
                cloud: crate::kit::model::CloudName::Aws,
                project_number: None,
                account_id: "111122223333".into(),
                region: "eu-central-1".into(),
                partition: "aws".into(),
                bucket: "state".into(),
                bucket_key: None,
                permissions_boundary: None,
                roles: VerbRoles::default(),
            },
            environment: "acme".into(),
            from: None,
            release: "v1.0.0".into(),
            kit_tree: String::new(),
            kit_lock: String::new(),
            workspace: String::new(),
            makes_state_store: false,
            layers: vec![ProposedLayer { plan, forecast: false }],
            jobs: Vec::new(),
            tidy: None,
            rotates: None,
            tags: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn the_way_back_touches_only_what_was_approved() {
        let approved = changing(&["a.web", "a.worker"]).approve(&Consent::Person).unwrap();
        for way in [&["a.web"][..], &["a.worker", "a.web (leftover 0f)"], &[]] {
            approved.back(changing(way)).unwrap();
        }
        let failure = approved.back(changing(&["a.web", "b.web"])).unwrap_err();
        assert_eq!(failure.exit(), Exit::NotApproved);
        assert_eq!(failure.reasons(), ["b.web"]);
    }
}
