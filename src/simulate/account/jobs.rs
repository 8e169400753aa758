//! One-off jobs: a task that runs to its end at once, unless a fault says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::{Account, now};
use crate::cloud::{JobHandle, JobRequest, JobState, LogLine};
use crate::failure::{Failure, Result};
use crate::simulate::faults::{Effect, Faults, Operation};
use crate::simulate::platform::Platform;

/// Exit code of a container that was stopped: 128 and SIGKILL. Cloud Run tells none for what was
/// cancelled.
fn killed(platform: Platform) -> Option<i32> {
    (platform == Platform::Aws).then_some(137)
}

/// A job that was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    handle: JobHandle,
    name: String,
    task_definition: String,
    started_by: String,
    /// Variables of this one start.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// `sha256:...` of the image; empty if the task definition names none.
    digest: String,
    /// It is still running at that many more looks; `None` never ends.
    polls: Option<u32>,
    exit_code: Option<i32>,
    /// Why it stopped.
    reason: String,
    /// (milliseconds since 1970, text)
    log: Vec<(i64, String)>,
}

/// A job as tests and reports see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// The kit's name of the job.
    pub name: String,
    /// With revision.
    pub task_definition: String,
    /// Who started it.
    pub started_by: String,
    /// What it ran.
    pub digest: String,
    /// `None` if it never started, or has not ended.
    pub exit_code: Option<i32>,
}

/// What a platform says of a job that it is asked to start.
pub(super) struct Prepared {
    pub(super) handle: JobHandle,
    /// What it runs, with its revision where there are such.
    pub(super) definition: String,
    /// `sha256:...` of the image; empty if none is named.
    pub(super) digest: String,
    /// Why it never starts, in the platform's words.
    pub(super) cannot_start: Option<String>,
}

impl Content {
    /// What becomes of a job that starts now.
    fn outcome(&self, request: &JobRequest, faults: &Faults) -> Result<Job> {
        let prepared = match self.platform() {
            Platform::Aws => self.prepare_task(request, faults),
            Platform::Google => self.prepare_execution(request, faults),
        };
        let prepared = prepared.map_err(|why| {
            Failure::failed(format!("cannot start the job {}", request.name)).because(why)
        })?;
        let mut job = Job {
            handle: prepared.handle,
            name: request.name.clone(),
            task_definition: prepared.definition,
            started_by: request.started_by.clone(),
            environment: request.environment.clone(),
            digest: prepared.digest,
            polls: Some(0),
            exit_code: None,
            reason: String::new(),
            log: Vec::new(),
        };
        if let Some(reason) = prepared.cannot_start {
            job.reason = reason;
            return Ok(job);
        }
        let effect = faults.strike(Operation::Job, &request.name);
        job.run(&effect.unwrap_or_default(), self.platform());
        Ok(job)
    }
}

/// What the platform says of a job that ended.
fn ended(platform: Platform, code: i32) -> String {
    match (platform, code) {
        (Platform::Aws, _) => "Essential container in task exited".to_owned(),
        (Platform::Google, 0) => "Execution completed successfully.".to_owned(),
        (Platform::Google, code) => format!(
            "Task failed with message: The container exited with an error. Container called \
             exit({code})."
        ),
    }
}

impl Job {
    fn run(&mut self, effect: &Effect, platform: Platform) {
        let fails = !effect.label.is_empty() && effect.polls == 0 && !effect.hang;
        let code = effect.exit.unwrap_or(i32::from(fails));
        self.polls = (!effect.hang).then_some(effect.polls);
        self.exit_code = Some(code);
        self.reason = ended(platform, code);
        let mut say = |text: String| self.log.push((now(), text));
        say(format!("simulated: {} starts", self.name));
        if effect.hang {
            say(format!("{}: it will not end", effect.label));
        } else if code == 0 {
            say(format!("simulated: {} ran to its end", self.name));
        } else {
            say(format!("{}: {} exits with code {code}", effect.label, self.name));
        }
    }
}

impl Account {
    /// Starts a job, or attaches to the one that was started with the same token.
    pub(crate) fn start_job(&self, request: &JobRequest, faults: &Faults) -> Result<JobHandle> {
        self.change(|content| {
            if let Some(job) = content.jobs.get(&request.token) {
                return Ok(job.handle.clone());
            }
            let job = content.outcome(request, faults)?;
            let handle = job.handle.clone();
            content.jobs.insert(request.token.clone(), job);
            Ok(handle)
        })?
    }

    /// A look at a job; looks count.
    pub(crate) fn job(&self, handle: &JobHandle) -> Result<JobState> {
        let mut content = self.content();
        let job = content.jobs.values_mut().find(|job| job.handle.task == handle.task);
        let job = job.ok_or_else(|| no_such_task(&handle.task))?;
        match &mut job.polls {
            Some(0) => {
                Ok(JobState::Stopped { exit_code: job.exit_code, reason: job.reason.clone() })
            }
            Some(polls) => {
                *polls -= 1;
                Ok(JobState::Running("RUNNING".to_owned()))
            }
            None => Ok(JobState::Running("RUNNING".to_owned())),
        }
    }

    /// Stops a job that runs, as a person may; no change to one that has ended.
    pub(crate) fn stop_job(&self, handle: &JobHandle, reason: &str) -> Result<()> {
        self.change(|content| {
            let platform = content.platform();
            let job = content.jobs.values_mut().find(|job| job.handle.task == handle.task);
            let job = job.ok_or_else(|| no_such_task(&handle.task))?;
            if job.polls != Some(0) {
                job.polls = Some(0);
                job.exit_code = killed(platform);
                reason.clone_into(&mut job.reason);
            }
            Ok(())
        })?
    }

    /// The lines of a job's log from the `from`th on. While it runs, the last one is still to come.
    pub(crate) fn job_log(&self, handle: &JobHandle, from: usize) -> Result<Vec<LogLine>> {
        let content = self.content();
        let job = content.jobs.values().find(|job| job.handle.task == handle.task);
        let job = job.ok_or_else(|| no_such_task(&handle.task))?;
        let written = match job.polls {
            Some(0) => job.log.len(),
            _ => job.log.len().saturating_sub(1),
        };
        let lines = job.log.iter().take(written).skip(from);
        Ok(lines.map(|(at, text)| LogLine { at: *at, text: text.clone() }).collect())
    }

    /// Every job that was started, sorted by name.
    pub fn jobs(&self) -> Vec<JobRecord> {
        let content = self.content();
        let mut jobs: Vec<JobRecord> = content
            .jobs
            .values()
            .map(|job| JobRecord {
                name: job.name.clone(),
                task_definition: job.task_definition.clone(),
                started_by: job.started_by.clone(),
                digest: job.digest.clone(),
                exit_code: job.exit_code.filter(|_| job.polls.is_some()),
            })
            .collect();
        jobs.sort_by(|a, b| a.name.cmp(&b.name));
        jobs
    }
}

fn no_such_task(task: &str) -> Failure {
    Failure::failed(format!("there is no task {task}"))
}
