//! Following a job to its end: its state, and its log as it is written.

use super::Runner;
use crate::cloud::{JobHandle, JobState, LogCursor};
use crate::environment::model::{Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::report::Event;

/// How often a failed job's log is looked at after its end.
const LATE_LOOKS: usize = 5;

/// Lines of a failed job's log that its message repeats.
const LAST_LINES: usize = 8;

/// What was read of a job's log.
#[derive(Default)]
struct Log {
    cursor: LogCursor,
    tail: Vec<String>,
}

impl Runner<'_> {
    /// Follows a job to its end: its state, and the last lines of its log.
    pub(super) async fn follow(
        &self,
        workload: &Workload,
        handle: &JobHandle,
    ) -> Result<(JobState, Vec<String>)> {
        let run = self.run;
        let timeout = match &workload.kind {
            WorkloadKind::Job(job) => job.timeout,
            _ => std::time::Duration::from_mins(15),
        };
        let deadline = tokio::time::Instant::now() + timeout;
        let mut log = Log::default();
        loop {
            let state = run.cloud.job(handle).await?;
            self.tell_log(workload, handle, &mut log).await?;
            match state {
                JobState::Stopped { exit_code, .. } => {
                    if exit_code.is_some_and(|code| code != 0) && !run.is_simulated() {
                        self.await_last_lines(workload, handle, &mut log).await?;
                    }
                    return Ok((state, log.tail));
                }
                JobState::Running(word) => {
                    let text = format!("{}: {}", workload.name, word.to_lowercase());
                    run.reporter.tell(&Event::Progress { text, done: 0, total: 0 });
                }
            }
            if tokio::time::Instant::now() >= deadline {
                run.cloud.stop_job(handle, "it ran longer than the kit allows").await?;
            }
            if run.cancel.is_requested() {
                return Err(still_running(workload, handle));
            }
            tokio::time::sleep(run.engine.pace()).await;
        }
    }

    /// Tells what a job has written since the last look; whether that is something.
    async fn tell_log(
        &self,
        workload: &Workload,
        handle: &JobHandle,
        log: &mut Log,
    ) -> Result<bool> {
        let run = self.run;
        let (lines, next) = run.cloud.job_log(handle, &log.cursor).await?;
        log.cursor = next;
        let found = !lines.is_empty();
        for line in lines {
            let line = self.redact.line(&line.text);
            run.reporter.tell(&Event::JobLog { job: workload.name.clone(), line: line.clone() });
            log.tail.push(line);
        }
        let excess = log.tail.len().saturating_sub(LAST_LINES);
        log.tail.drain(..excess);
        Ok(found)
    }

    /// Why a job failed is in its last lines, and these come some seconds after its end.
    async fn await_last_lines(
        &self,
        workload: &Workload,
        handle: &JobHandle,
        log: &mut Log,
    ) -> Result<()> {
        let mut came = false;
        for _ in 0..LATE_LOOKS {
            tokio::time::sleep(self.run.engine.pace()).await;
            let found = self.tell_log(workload, handle, log).await?;
            if came && !found {
                break;
            }
            came |= found;
        }
        Ok(())
    }
}

fn still_running(workload: &Workload, handle: &JobHandle) -> Failure {
    Failure::new(
        crate::failure::Exit::Interrupted,
        format!("interrupted while job {} runs", workload.name),
    )
    .at(&handle.task)
    .because("the job goes on in the cloud")
    .next("run the same command again: it attaches to the job")
}
