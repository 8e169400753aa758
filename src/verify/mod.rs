//! What is running, read back from the cloud and held against the lock: right digest, steady,
//! healthy, every required variable present (G9). An answer of 200 alone proves nothing.

mod checks;
mod service;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::environment::model::WorkloadKind;
use crate::failure::{Exit, Failure, Result};
use crate::kit::model::CloudName;
use crate::report::{Event, plural};
use crate::run::{Outputs, Run};

/// What was proved about a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceProof {
    /// The kit's name of the service.
    pub service: String,
    /// Image reference of its task definition.
    pub image: String,
    /// The digest that its tasks run.
    pub digest: String,
    /// Running tasks.
    pub tasks: usize,
    /// `2 of 2 targets healthy`, `steady`.
    pub health: String,
    /// Task definition with revision.
    pub task_definition: String,
    /// How many required variables were found in it.
    pub variables: usize,
}

/// Why something is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Doubt {
    /// What is not as it must be.
    what: String,
    /// Whether waiting can help.
    passes: bool,
    /// Whether it is only not known, instead of wrong.
    unknown: bool,
}

impl Doubt {
    fn wrong(what: impl Into<String>) -> Self {
        Self { what: what.into(), passes: false, unknown: false }
    }

    fn not_yet(what: impl Into<String>) -> Self {
        Self { what: what.into(), passes: true, unknown: false }
    }

    fn not_known(what: impl Into<String>) -> Self {
        Self { what: what.into(), passes: false, unknown: true }
    }
}

/// How long services may take to become healthy after terraform says that they are steady.
const PATIENCE: Duration = Duration::from_mins(5);

/// Holds the kit's checks.
pub async fn checks(run: &Run, foundation: &Outputs) -> Result<()> {
    let doubts = checks::doubts(run, foundation).await?;
    if doubts.is_empty() { Ok(()) } else { Err(refuse(run, &doubts)) }
}

/// Proves every service; all doubts at once.
pub async fn services(
    run: &Run,
    foundation: &Outputs,
    services: &Outputs,
) -> Result<Vec<ServiceProof>> {
    let cluster = foundation
        .get("foundation")
        .and_then(|it| it["cluster"]["name"].as_str())
        .unwrap_or(&run.environment.name)
        .to_owned();
    let patience = if run.is_simulated() { Duration::ZERO } else { PATIENCE };
    let deadline = Instant::now() + patience;
    let mut proofs = Vec::new();
    let mut doubts = Vec::new();
    for workload in &run.environment.workloads {
        if !matches!(workload.kind, WorkloadKind::Service(_)) {
            continue;
        }
        // Terraform keeps an output whose value was known in the plan, and Google's provider plans
        // the revision before: what Cloud Run made last is asked of Cloud Run (`rollout`).
        let wanted = match run.environment.target.cloud {
            CloudName::Aws => services
                .get("services")
                .and_then(|it| it[&workload.key]["task_definition_arn"].as_str()),
            CloudName::Gcp => None,
        };
        run.reporter.tell(&Event::Progress { text: workload.name.clone(), done: 0, total: 0 });
        loop {
            let whose = (&run.environment.target, workload);
            let found = service::prove(run.cloud.as_ref(), &cluster, whose, wanted).await?;
            match found {
                Ok(proof) => proofs.push(proof),
                Err(found)
                    if found.iter().all(|doubt| doubt.passes) && Instant::now() < deadline =>
                {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    continue;
                }
                Err(found) => {
                    let name = format!("service {}", workload.name);
                    doubts.extend(found.into_iter().map(|doubt| (name.clone(), doubt)));
                }
            }
            break;
        }
    }
    if doubts.is_empty() { Ok(proofs) } else { Err(refuse(run, &doubts)) }
}

fn refuse(run: &Run, doubts: &[(String, Doubt)]) -> Failure {
    // What is only unknown leaves a serving release; what is wrong is a failed install.
    let exit =
        if doubts.iter().all(|(_, doubt)| doubt.unknown) { Exit::Unverified } else { Exit::Failed };
    let noun = plural(doubts.len(), "finding");
    let mut failure =
        Failure::new(exit, format!("what runs is not proved to be what was locked: {noun}"));
    for (subject, doubt) in doubts {
        failure = failure.because(format!("{subject}: {}", doubt.what));
    }
    failure.because("landfall.lock was not written").next(format!(
        "look at the service, then run `landfall {}` again: it plans what differs",
        run.command
    ))
}
