//! Steps `bootstrap database` and `migrate`, and the jobs after `verify`: each runs to exit code
//! 0, once for its fingerprint. The proof is the record in the bucket, never a local file.

use std::collections::BTreeMap;

use serde_json::json;

use super::context::{Finished, Outputs, Run, Verb};
use super::records::JobRecord;
use super::secrets::Written;
use super::versions;
use crate::cloud::{JobRequest, JobState};
use crate::database::bootstrap::KEEP_FORMER_LOGINS;
use crate::environment::model::{Environment, Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::hash::sha256;
use crate::kit::model::{CloudName, Phase};
use crate::report::{Outcome, plural};
use crate::workspace::Workspace;

mod follow;
mod redact;

use redact::Redact;

/// Runs the one-off jobs of a run.
pub(super) struct Runner<'a> {
    run: &'a Run,
    foundation: serde_json::Value,
    tasks: serde_json::Value,
    redact: Redact<'a>,
    ran: Vec<String>,
    /// Those that ran before this update was stopped: it goes on.
    ran_before: Vec<String>,
}

/// The one-off jobs in the order in which they run.
pub(super) fn one_off(environment: &Environment) -> Vec<&Workload> {
    let bootstrap = environment
        .workloads
        .iter()
        .filter(|workload| matches!(workload.kind, WorkloadKind::DatabaseBootstrap { .. }));
    let phases = [Phase::Migrate, Phase::Bootstrap, Phase::Post];
    bootstrap.chain(phases.into_iter().flat_map(|phase| of_phase(environment, phase))).collect()
}

/// The jobs of a phase, by their order; ties by the kit's.
fn of_phase(environment: &Environment, phase: Phase) -> Vec<&Workload> {
    let mut jobs: Vec<(i64, &Workload)> = environment
        .workloads
        .iter()
        .filter_map(|workload| match &workload.kind {
            WorkloadKind::Job(job) if job.phase == phase => Some((job.order, workload)),
            _ => None,
        })
        .collect();
    jobs.sort_by_key(|(order, _)| *order);
    jobs.into_iter().map(|(_, workload)| workload).collect()
}

/// What decides whether a job has to run again: image, command, variables, and the very database
/// server, so that a restored one is migrated again. A job of phase `bootstrap` belongs to the
/// installation, not to a release: its image does not count.
pub(super) fn fingerprint(
    workload: &Workload,
    resource_ids: &dyn Fn(&str) -> String,
    workspace: &Workspace,
) -> String {
    let once = matches!(&workload.kind, WorkloadKind::Job(job) if job.phase == Phase::Bootstrap);
    let variables: Vec<_> = workload
        .variables
        .iter()
        .map(|(name, variable)| (name, format!("{:?}", variable.value)))
        .collect();
    let mut databases: Vec<&String> = workload.databases.keys().collect();
    let sql = match &workload.kind {
        WorkloadKind::DatabaseBootstrap { database } => {
            databases.push(database);
            workspace.bootstrap_sql(database).map(sha256)
        }
        _ => None,
    };
    let ids: Vec<String> = databases.into_iter().map(|name| resource_ids(name)).collect();
    let meaning = if once {
        json!({ "databases": ids })
    } else {
        json!({
            "image": workload.image.digest,
            "command": workload.command,
            "args": workload.args.iter().map(|argument| format!("{argument:?}")).collect::<Vec<_>>(),
            "variables": variables,
            "databases": ids,
            "sql": sql,
        })
    };
    sha256(meaning.to_string().as_bytes())[..32].to_owned()
}

/// Whether a record proves that a job ran. Without outputs there is no database yet, so it has not.
pub(super) async fn has_run(
    run: &Run,
    workload: &Workload,
    outputs: Option<&Outputs>,
) -> Result<bool> {
    let Some(foundation) = outputs.and_then(|outputs| outputs.get("foundation")) else {
        return Ok(false);
    };
    let mark = mark(run, workload, foundation).await?;
    let record = run.job_record(&workload.name, &mark).await?;
    Ok(record.is_some_and(|record| record.exit_code == Some(0)))
}

/// What the record of a job is kept under: its fingerprint; for a bootstrap also the version of
/// its verifiers, so that it runs again when they are new.
async fn mark(run: &Run, workload: &Workload, foundation: &serde_json::Value) -> Result<String> {
    let ids = |name: &str| resource_id(foundation, name);
    let mark = fingerprint(workload, &ids, &run.workspace);
    let WorkloadKind::DatabaseBootstrap { database } = &workload.kind else {
        return Ok(mark);
    };
    let database = run.environment.databases.get(database);
    let key = database.and_then(|database| database.verifiers.as_ref());
    let Some(secret) = key.and_then(|key| run.environment.secrets.get(key)) else {
        return Ok(mark);
    };
    let versions = versions::look(run).await?;
    let version = versions.wanted.get(&secret.key).cloned().unwrap_or_default();
    Ok(sha256(format!("{mark} {version}").as_bytes())[..32].to_owned())
}

/// The mark of a job that is run in another way than usual.
fn special(mark: String, how: &str) -> String {
    if how.is_empty() { mark } else { sha256(format!("{mark} {how}").as_bytes())[..32].to_owned() }
}

pub(super) fn resource_id(foundation: &serde_json::Value, database: &str) -> String {
    foundation["databases"][database]["resource_id"].as_str().unwrap_or_default().to_owned()
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        run: &'a Run,
        foundation: &Outputs,
        tasks: &Outputs,
        written: &'a Written,
    ) -> Result<Self> {
        let get = |outputs: &Outputs, name: &str| {
            outputs.get(name).cloned().ok_or_else(|| {
                Failure::failed(format!("terraform has no output {name}")).next(
                    "if you changed templates/ of the kit, keep the outputs of the standard ones",
                )
            })
        };
        Ok(Self {
            run,
            foundation: get(foundation, "foundation")?,
            tasks: get(tasks, "jobs")?,
            redact: Redact::new(&written.values),
            ran: Vec::new(),
            ran_before: Vec::new(),
        })
    }

    /// Names of the jobs that ran in this run, or in those before it that did not get to the end of
    /// the same update.
    pub(super) fn ran(&self) -> Vec<String> {
        self.ran_before.iter().chain(&self.ran).cloned().collect()
    }

    /// Roles, grants and extensions of every database. While services move from one login of a pair
    /// to the other, both may log in.
    pub(super) async fn bootstrap_databases(&mut self) -> Result<Finished<()>> {
        let run = self.run;
        let jobs: Vec<&Workload> = run
            .environment
            .workloads
            .iter()
            .filter(|workload| matches!(workload.kind, WorkloadKind::DatabaseBootstrap { .. }))
            .collect();
        self.all(&jobs, "no database").await
    }

    /// Takes the logins of a database away that are not in use. `after` names what it is done
    /// after, if it was done with the same verifiers before.
    pub(super) async fn retire_logins(&mut self, database: &str, after: &str) -> Result<()> {
        let run = self.run;
        let is_its = |workload: &&Workload| matches!(&workload.kind, WorkloadKind::DatabaseBootstrap { database: its } if its == database);
        let Some(job) = run.environment.workloads.iter().find(is_its) else { return Ok(()) };
        let mark = special(mark(run, job, &self.foundation).await?, after);
        self.once_as(job, &mark, &BTreeMap::new()).await
    }

    /// Migrations in their order, then, on a first install, the jobs of phase `bootstrap`. An older
    /// release migrates nothing: its code was found to serve the schema as it is.
    pub(super) async fn migrate(&mut self) -> Result<Finished<()>> {
        let run = self.run;
        if run.verb == Verb::Rollback {
            return Ok(Finished::unchanged("an older release migrates nothing", ()));
        }
        let migrations = of_phase(&run.environment, Phase::Migrate);
        if self.any_pending(&migrations).await? {
            run.migration_begins(&self.foundation).await?;
        }
        let migrated = self.all(&migrations, "no migration").await?;
        run.migration_ended(&self.foundation).await?;
        let first = of_phase(&run.environment, Phase::Bootstrap);
        if first.is_empty() {
            return Ok(migrated);
        }
        let first = self.all(&first, "").await?;
        Ok(match (migrated.outcome, first.outcome) {
            (Outcome::Unchanged, Outcome::Unchanged) => migrated,
            (Outcome::Unchanged, _) => first,
            (_, Outcome::Unchanged) => migrated,
            _ => Finished::done(format!("{}; {}", migrated.summary, first.summary), ()),
        })
    }

    /// Whether one of these has no record that proves it.
    async fn any_pending(&self, jobs: &[&Workload]) -> Result<bool> {
        for job in jobs {
            let mark = mark(self.run, job, &self.foundation).await?;
            let record = self.run.job_record(&job.name, &mark).await?;
            if record.is_none_or(|record| record.exit_code != Some(0)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The jobs of phase `post`.
    pub(super) async fn post(&mut self) -> Result<()> {
        let jobs = of_phase(&self.run.environment, Phase::Post);
        self.all(&jobs, "").await.map(drop)
    }

    async fn all(&mut self, jobs: &[&Workload], none: &str) -> Result<Finished<()>> {
        if jobs.is_empty() {
            return Ok(Finished::unchanged(none, ()));
        }
        let before = self.ran.len();
        for job in jobs {
            self.once(job).await?;
        }
        let ran = self.ran[before..].join(", ");
        Ok(if ran.is_empty() {
            Finished::unchanged(format!("{} on record", plural(jobs.len(), "job")), ())
        } else {
            Finished::done(format!("{ran}: exit code 0"), ())
        })
    }

    /// Runs a job unless a record proves that it ran; attaches to one that is under way.
    async fn once(&mut self, workload: &Workload) -> Result<()> {
        let mark = mark(self.run, workload, &self.foundation).await?;
        if self.has_moving_logins(workload).await? {
            let both = [(KEEP_FORMER_LOGINS.to_owned(), "true".to_owned())];
            return self.once_as(workload, &special(mark, "both"), &both.into()).await;
        }
        self.once_as(workload, &mark, &BTreeMap::new()).await
    }

    /// Whether services move, or may have begun to move, between two logins.
    async fn has_moving_logins(&self, workload: &Workload) -> Result<bool> {
        let run = self.run;
        let WorkloadKind::DatabaseBootstrap { database } = &workload.kind else { return Ok(false) };
        let database = run.environment.databases.get(database);
        let Some(key) = database.and_then(|it| it.verifiers.as_ref()) else { return Ok(false) };
        let versions = versions::look(run).await?;
        let state = &versions.states[key];
        let moves_to =
            |version: Option<&String>| version.is_some_and(|it| Some(it) != state.version.as_ref());
        Ok(moves_to(versions.wanted.get(key)) || moves_to(state.next.as_ref()))
    }

    async fn once_as(
        &mut self,
        workload: &Workload,
        mark: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<()> {
        let run = self.run;
        let found = run.job_record(&workload.name, mark).await?;
        if let Some(record) = found.as_ref().filter(|record| record.exit_code == Some(0)) {
            // Ids of runs sort by time: it ran since something was verified last.
            if run.before.as_ref().is_some_and(|before| record.run > before.lock.receipt_run) {
                self.ran_before.push(workload.name.clone());
            }
            return Ok(());
        }
        let retries = match &workload.kind {
            WorkloadKind::Job(job) => job.retries,
            _ => 0,
        };
        let mut record = match found {
            // It was started and nobody saw its end: the same token attaches to it.
            Some(record) if record.exit_code.is_none() => record,
            Some(record) => JobRecord::new(run, &workload.name, record.attempt + 1),
            None => JobRecord::new(run, &workload.name, 1),
        };
        let last = record.attempt + retries;
        loop {
            let outcome = self.attempt(workload, mark, environment, &mut record).await?;
            let Some(failure) = outcome else {
                self.ran.push(workload.name.clone());
                return Ok(());
            };
            if record.attempt >= last {
                return Err(failure);
            }
            run.reporter.note(format!("{}: {}, tried again", workload.name, failure.what()));
            record = JobRecord::new(run, &workload.name, record.attempt + 1);
        }
    }

    async fn attempt(
        &self,
        workload: &Workload,
        mark: &str,
        environment: &BTreeMap<String, String>,
        record: &mut JobRecord,
    ) -> Result<Option<Failure>> {
        let run = self.run;
        // Written before the start: whoever comes next starts with the same token, and attaches.
        run.put_job_record(mark, record).await?;
        let mut request = self.request(workload, mark, record)?;
        request.environment.clone_from(environment);
        let handle = run.cloud.start_job(&request).await?;
        record.handle = Some(handle.clone());
        run.put_job_record(mark, record).await?;
        let (state, tail) = self.follow(workload, &handle).await?;
        let JobState::Stopped { exit_code, reason } = state else {
            return Err(Failure::failed(format!("job {} is still running", workload.name)));
        };
        record.exit_code = Some(exit_code.unwrap_or(-1));
        run.put_job_record(mark, record).await?;
        Ok((exit_code != Some(0)).then(|| failed(run, workload, exit_code, &reason, &tail)))
    }

    fn request(&self, workload: &Workload, mark: &str, record: &JobRecord) -> Result<JobRequest> {
        let missing = |what: &str| {
            Failure::failed(format!("the outputs have no {what} for job {}", workload.name))
        };
        let identity = &self.foundation["workloads"][&workload.key];
        let cloud = self.run.environment.target.cloud;
        let text = |value: &serde_json::Value, what: &str| {
            value.as_str().map(str::to_owned).ok_or_else(|| missing(what))
        };
        // A service account is the identity and the address at once: Cloud Run has no groups.
        let security_groups = match cloud {
            CloudName::Aws => vec![text(&identity["security_group_id"], "security group")?],
            CloudName::Gcp => Vec::new(),
        };
        let subnets = self.foundation["network"]["private_subnet_ids"].as_array();
        let token = sha256(format!("{} {mark} {}", workload.name, record.attempt).as_bytes());
        Ok(JobRequest {
            name: workload.name.clone(),
            cluster: text(&self.foundation["cluster"][cloud.id()], "cluster")?,
            task_definition: text(&self.tasks[&workload.key], "task definition")?,
            subnets: subnets
                .ok_or_else(|| missing("subnets"))?
                .iter()
                .filter_map(|subnet| subnet.as_str().map(str::to_owned))
                .collect(),
            security_groups,
            log_group: text(&identity["log_group_name"], "log group")?,
            log_stream_prefix: LOG_STREAM_PREFIX.to_owned(),
            token: token[..64].to_owned(),
            started_by: format!("landfall/{}", &token[..32]),
            environment: BTreeMap::new(),
        })
    }
}

/// How a person reads a log.
pub(super) fn read_log(cloud: CloudName, log_group: &str) -> String {
    match cloud {
        CloudName::Aws => format!("read its log: `aws logs tail {log_group} --since 30m`"),
        CloudName::Gcp => {
            format!("read its log: `gcloud logging read '{log_group}' --freshness 30m`")
        }
    }
}

/// Prefix of every log stream; the job module sets it.
const LOG_STREAM_PREFIX: &str = "task";

fn failed(
    run: &Run,
    workload: &Workload,
    exit_code: Option<i32>,
    reason: &str,
    tail: &[String],
) -> Failure {
    let what = match exit_code {
        Some(code) => format!("job {} ended with exit code {code}", workload.name),
        None => format!("job {} did not start", workload.name),
    };
    let mut failure = Failure::failed(what).because(reason);
    if !tail.is_empty() {
        failure = failure.because(format!("the end of its log:\n{}", tail.join("\n")));
    }
    failure
        .because("no service was touched: what was serving before still serves")
        .next(read_log(run.environment.target.cloud, &workload.log_group))
        .next(format!("mend the cause, then run `landfall {}` again", run.command))
}
