//! What a rotation is about: which containers, who is pinned to them, and what it may change.

use super::context::Run;
use super::versions;
use crate::approval::{Proposal, Rotates};
use crate::database::Turn;
use crate::environment::model::{SecretContainer, SecretValue, Wiring, Workload, WorkloadKind};
use crate::failure::{Exit, Failure, Result};
use crate::plan::Action;

/// What a rotation may change: what names the version of a secret, and what runs it.
const KINDS: [&str; 6] = [
    "aws_ecs_service",
    "aws_ecs_task_definition",
    "aws_scheduler_schedule",
    "google_cloud_run_v2_service",
    "google_cloud_run_v2_worker_pool",
    "google_cloud_run_v2_job",
];

/// A rotation: one secret of the kit, or everything that is composed of a database's passwords.
pub(super) struct Rotation<'a> {
    /// Its containers; of a database the verifiers last.
    pub(super) secrets: Vec<&'a SecretContainer>,
    /// The database whose logins are rotated.
    pub(super) database: Option<&'a str>,
    /// The version that the new value has or will have.
    pub(super) version: String,
    /// What makes the write of the new value repeatable: the version, where whoever writes it chooses
    /// its id. A number that the platform counts tells no two writes apart.
    pub(super) token: String,
    /// Whether the new value was written by a run before this one.
    pub(super) staged: bool,
}

impl<'a> Rotation<'a> {
    /// Finds what is to be rotated, and how far a run before this one came.
    pub(super) async fn find(run: &'a Run, key: &str) -> Result<Self> {
        let secret = secret(run, key)?;
        let database = secret.value.database();
        let secrets = match database {
            Some(database) => versions::of_database(&run.environment, database),
            None => vec![secret],
        };
        let states = versions::look(run).await?.states;
        for secret in &secrets {
            if states[&secret.key].version.is_none() {
                let name = &run.environment.name;
                return Err(Failure::input(format!("the secret {} has no value yet", secret.key))
                    .at(&secret.name)
                    .next(format!("`landfall install {name}`, or `landfall update {name}`")));
            }
        }
        let next = secrets.iter().find_map(|secret| states[&secret.key].next.clone());
        let written = |version: &String| {
            secrets.iter().all(|secret| {
                let state = &states[&secret.key];
                [&state.next, &state.version].contains(&&Some(version.clone()))
            })
        };
        let found = next.filter(written);
        let staged = found.is_some();
        let version = match (found, database) {
            (Some(version), _) => version,
            (None, Some(database)) => versions::fresh(run, database, &states)?,
            (None, None) => {
                let token = run.version_id(&format!("next {key}"))?;
                let number = run.cloud.upcoming_version(&secret.name).await?;
                let version = number.unwrap_or_else(|| token.clone());
                return Ok(Self { secrets, database, version, token, staged });
            }
        };
        let token = version.clone();
        Ok(Self { secrets, database, version, token, staged })
    }

    /// `secret licence`, `the logins of database main`.
    pub(super) fn what(&self) -> String {
        match (self.database, self.secrets.first()) {
            (Some(database), _) => format!("the logins of database {database}"),
            (None, Some(secret)) => format!("secret {}", secret.key),
            (None, None) => String::new(),
        }
    }

    /// As the approval says it.
    pub(super) fn rotates(&self, run: &Run) -> Rotates {
        let pinned = run.environment.workloads.iter().filter(|workload| self.concerns(workload));
        let consumers = pinned.filter_map(|workload| match workload.kind {
            WorkloadKind::Service(_) => Some(format!("service {}", workload.name)),
            WorkloadKind::Job(_) => Some(format!("job {}", workload.name)),
            WorkloadKind::DatabaseBootstrap { .. } => None,
        });
        Rotates { what: self.what(), consumers: consumers.collect() }
    }

    /// Whether a workload is pinned to the version.
    fn concerns(&self, workload: &Workload) -> bool {
        if let Some(database) = self.database {
            let bootstraps = matches!(&workload.kind,
                WorkloadKind::DatabaseBootstrap { database: its } if its == database);
            return bootstraps || workload.databases.contains_key(database);
        }
        workload.variables.values().any(|variable| {
            matches!(&variable.value, Wiring::Secret(key)
                if self.secrets.iter().any(|secret| secret.key == *key))
        })
    }

    /// Refuses a plan that does more than this rotation (exit 3).
    pub(super) fn check_alone(&self, run: &Run, proposal: &Proposal) -> Result<()> {
        let concerned: Vec<&Workload> =
            run.environment.workloads.iter().filter(|workload| self.concerns(workload)).collect();
        let modules: Vec<String> =
            concerned.iter().map(|workload| format!("module.{}", workload.key)).collect();
        let mut others = Vec::new();
        for change in proposal.layers.iter().flat_map(|layer| &layer.plan.changes) {
            let quiet = matches!(change.action, Action::Read | Action::NoOp);
            let own = change.module.as_ref().is_some_and(|module| modules.contains(module));
            let expected = own && KINDS.contains(&change.kind.as_str());
            if !quiet && !expected {
                others.push(change.address.clone());
            }
        }
        let foreign = proposal
            .jobs
            .iter()
            .filter(|job| !concerned.iter().any(|workload| workload.name == job.name));
        others.extend(foreign.map(|job| format!("job {}: {}", job.name, job.purpose)));
        if others.is_empty() {
            return Ok(());
        }
        let name = &run.environment.name;
        let failure =
            Failure::new(Exit::Differs, format!("{name} differs in more than {}", self.what()));
        let failure = others.into_iter().fold(failure, Failure::because);
        Err(failure
            .because("nothing was touched: a rotation changes nothing else")
            .next(format!("read what differs, and apply it: `landfall update {name}`"))
            .next("then rotate"))
    }

    /// What the old value's state is once the rotation is over, in a sentence.
    pub(super) fn after(&self) -> String {
        match self.database {
            Some(database) => {
                let old = Turn::of(&self.version).other();
                let word = if old == Turn::First { "first" } else { "second" };
                format!("the {word} logins of database {database} are refused from now on")
            }
            None => "no task refers to the version before it, which stays under the label \
                     landfall-previous until the next rotation"
                .to_owned(),
        }
    }
}

/// The container of that key, if it may be rotated.
fn secret<'a>(run: &'a Run, key: &str) -> Result<&'a SecretContainer> {
    let secrets = &run.environment.secrets;
    let secret = secrets.get(key).ok_or_else(|| {
        let keys: Vec<&str> = secrets.keys().map(String::as_str).collect();
        Failure::input(format!("there is no secret {key}"))
            .because(format!("secrets here: {}", keys.join(", ")))
    })?;
    if secret.immutable {
        return Err(Failure::input(format!("the secret {key} is never rotated"))
            .because(
                "the kit says that it is immutable: what was made with the old value would be lost",
            )
            .next("if it must be replaced, ask the vendor how"));
    }
    Ok(secret)
}

/// Whether a person gives the value.
pub(super) fn is_supplied(secret: &SecretContainer) -> bool {
    matches!(secret.value, SecretValue::Supplied { .. })
}
