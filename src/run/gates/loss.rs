//! G11 by class: production never replaces or destroys what holds data, whatever is approved.

use super::{Situation, Verdict, verdict};
use crate::approval::Proposal;
use crate::failure::{Exit, Failure, Result};
use crate::plan::{Action, Change, LayerPlan};
use crate::run::Run;

/// What a release may retire, also in production, by an approval that names it: it holds nothing
/// that a product cannot make again, or that outlives its use.
const RETIRED: [&str; 12] = [
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
    "aws_cloudwatch_log_group",
    "aws_sqs_queue",
    "aws_ecr_repository",
    "google_secret_manager_secret",
    "google_secret_manager_secret_version",
    "google_logging_project_bucket_config",
    "google_pubsub_topic",
    "google_pubsub_subscription",
    "google_cloud_tasks_queue",
    "google_artifact_registry_repository",
];

/// Refuses a plan that loses data where no approval can allow it.
pub fn loss(run: &Run, proposal: &Proposal) -> Result<()> {
    let class = run.environment.class;
    if verdict(class, Situation::Loss) != Verdict::Stop {
        return Ok(());
    }
    let plans = proposal.layers.iter().map(|layer| &layer.plan).chain(&proposal.tidy);
    let lost: Vec<&Change> =
        plans.flat_map(LayerPlan::losses).filter(|change| !is_retired(change)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        Exit::NotApproved,
        format!("the plan destroys what holds data in {}", class.word()),
    );
    for change in &lost {
        let why = match change.replace_paths.as_slice() {
            [] => String::new(),
            paths => format!(", because of {}", paths.join(", ")),
        };
        let steps = change.action.steps().join(", then ");
        failure = failure.because(format!("{}: {steps}{why}", change.address));
    }
    failure = failure
        .because(format!("no flag waives this for {}", class.word()))
        .because("nothing was changed")
        .next("undo the change in environment.hcl, or ask the vendor for a release that keeps it");
    for change in lost.iter().filter(|change| change.action == Action::Delete) {
        failure = failure.next(format!(
            "or let go of it, so that it stays in the cloud: `terraform state rm '{}'`",
            change.address
        ));
    }
    Err(failure)
}

fn is_retired(change: &Change) -> bool {
    change.action == Action::Delete && RETIRED.contains(&change.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::is_stateful;

    #[test]
    fn only_what_holds_something_can_be_retired_by_name() {
        assert!(RETIRED.iter().all(|kind| is_stateful(kind)));
        let change =
            |kind: &str, action| Change { kind: kind.to_owned(), action, ..Change::default() };
        let replace = Action::Replace { create_before_destroy: false };
        assert!(is_retired(&change("aws_secretsmanager_secret", Action::Delete)));
        assert!(!is_retired(&change("aws_secretsmanager_secret", replace)));
        assert!(!is_retired(&change("aws_db_instance", Action::Delete)));
        assert!(!is_retired(&change("aws_kms_key", Action::Delete)));
        assert!(is_retired(&change("google_secret_manager_secret", Action::Delete)));
        assert!(!is_retired(&change("google_secret_manager_secret", replace)));
        for kind in
            ["google_sql_database_instance", "google_kms_crypto_key", "google_storage_bucket"]
        {
            assert!(!is_retired(&change(kind, Action::Delete)), "{kind}");
        }
    }
}
