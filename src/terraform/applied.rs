//! How an apply ended, decided from its events and nothing else that could disagree with them.

use std::path::{Path, PathBuf};

use super::diagnostics::{Diagnostic, Lookup, Severity, failure};
use super::events::{Event, Summary};
use crate::failure::{Exit, Failure, Result};

/// What the events of a command have told so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Addresses that are being worked on.
    pub running: Vec<String>,
    /// Addresses that are done.
    pub done: Vec<String>,
    /// Addresses that failed.
    pub failed: Vec<String>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The counts at the end; absent when terraform did not get there.
    pub summary: Option<Summary>,
    /// The outputs at the end, by name, without sensitive ones.
    pub outputs: serde_json::Map<String, serde_json::Value>,
}

impl Progress {
    /// Takes in one event. A new `version` line is a new command in the same file.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Version { .. } => *self = Self::default(),
            Event::Diagnostic(diagnostic) => self.diagnostics.push(diagnostic.clone()),
            Event::Outputs(outputs) => self.outputs.clone_from(outputs),
            Event::Summary(summary) => self.summary = Some(summary.clone()),
            Event::ApplyStart { address, .. } => self.running.push(address.clone()),
            Event::ApplyComplete { address, .. } => {
                self.ended(address);
                self.done.push(address.clone());
            }
            Event::ApplyErrored { address, .. } => {
                self.ended(address);
                self.failed.push(address.clone());
            }
            _ => {}
        }
    }

    /// A replacement runs twice under one address, so only one entry goes.
    fn ended(&mut self, address: &str) {
        if let Some(at) = self.running.iter().position(|running| running == address) {
            self.running.remove(at);
        }
    }

    /// Whether anything was touched.
    pub fn touched(&self) -> bool {
        !(self.running.is_empty() && self.done.is_empty() && self.failed.is_empty())
    }

    /// Whether an error was reported.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|one| one.severity == Severity::Error)
    }

    /// Whether the stream tells of an end without errors: all there is to know about a terraform
    /// that was not started by this process.
    pub(super) fn tells_success(&self) -> bool {
        let applied = |summary: &Summary| summary.operation != "plan";
        !self.has_errors() && self.summary.as_ref().is_some_and(applied)
    }
}

/// How an apply ended. Only `Complete` goes on; after all others the saved plan is stale, and the
/// next step is a new plan.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Everything in the plan was done.
    Complete(Progress),
    /// Something failed after the first change; the state holds what was done.
    Partial(Progress),
    /// It was asked to stop and did; the state holds what was done, the lock is free.
    Interrupted(Progress),
    /// Terraform could not store the state of what it did.
    StateNotSaved {
        /// The file that holds it instead.
        errored: PathBuf,
        /// What was done.
        progress: Progress,
    },
}

impl Applied {
    /// What the events told, however it ended.
    pub fn progress(&self) -> &Progress {
        match self {
            Self::Complete(progress)
            | Self::Partial(progress)
            | Self::Interrupted(progress)
            | Self::StateNotSaved { progress, .. } => progress,
        }
    }

    /// The failure to show, unless it is complete. `purpose` fits behind "failed to".
    pub fn failure(&self, purpose: &str, lookup: Option<&Lookup>) -> Option<Failure> {
        let again = "run the same command again: it plans anew and goes on from here";
        let count = |progress: &Progress| match progress.done.len() {
            1 => "1 resource was done before that, and is in the state".to_owned(),
            count => format!("{count} resources were done before that, and are in the state"),
        };
        Some(match self {
            Self::Complete(_) => return None,
            Self::Partial(progress) => {
                failure(purpose, &progress.diagnostics, lookup).because(count(progress)).next(again)
            }
            Self::Interrupted(progress) => {
                let stopped = Failure::new(Exit::Interrupted, format!("asked to stop: {purpose}"));
                stopped.because(count(progress)).next(again)
            }
            Self::StateNotSaved { errored, .. } => not_saved(errored),
        })
    }
}

/// The failure for a state that exists only in a local file.
pub(super) fn not_saved(errored: &Path) -> Failure {
    Failure::failed("terraform could not store the state of its last apply")
        .at(errored.display().to_string())
        .because("that file is the only record of what was made; applying again would fork it")
        .next("keep the file, and run the same command again where the state store is reachable")
}

/// The verdict. `success` is the exit code where we have one; `errored` the path of
/// `errored.tfstate` if it is there now. Fails if terraform stopped before it touched anything.
pub(super) fn conclude(
    purpose: &str,
    success: bool,
    interrupted: bool,
    errored: Option<PathBuf>,
    progress: Progress,
    lookup: Option<&Lookup>,
) -> Result<Applied> {
    match errored {
        Some(errored) => Ok(Applied::StateNotSaved { errored, progress }),
        None if success => Ok(Applied::Complete(progress)),
        None if interrupted => Ok(Applied::Interrupted(progress)),
        None if progress.touched() => Ok(Applied::Partial(progress)),
        None => Err(failure(purpose, &progress.diagnostics, lookup)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn progress(lines: &[&str]) -> Progress {
        let mut progress = Progress::default();
        for line in lines {
            progress.take(&Event::read(line.as_bytes()));
        }
        progress
    }

    fn hook(kind: &str, address: &str) -> String {
        format!(
            r#"{{"type":"{kind}","hook":{{"resource":{{"addr":"{address}"}},"action":"create"}}}}"#
        )
    }

    fn judged(
        success: bool,
        interrupted: bool,
        errored: bool,
        progress: Progress,
    ) -> Result<Applied> {
        let errored = errored.then(|| PathBuf::from("errored.tfstate"));
        conclude("apply layer jobs", success, interrupted, errored, progress, None)
    }

    #[test]
    fn every_way_to_end() {
        let touched = progress(&[
            &hook("apply_start", "a.a"),
            &hook("apply_complete", "a.a"),
            &hook("apply_start", "a.b"),
            &hook("apply_errored", "a.b"),
            r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"no room"}}"#,
        ]);
        assert_eq!((touched.done.len(), touched.failed.len(), touched.running.len()), (1, 1, 0));
        let is = |result: Result<Applied>, expected: Applied| assert_eq!(result.unwrap(), expected);
        is(judged(true, false, false, touched.clone()), Applied::Complete(touched.clone()));
        is(judged(false, false, false, touched.clone()), Applied::Partial(touched.clone()));
        is(judged(false, true, false, touched.clone()), Applied::Interrupted(touched.clone()));
        // It finished before the interrupt reached it.
        is(judged(true, true, false, touched.clone()), Applied::Complete(touched.clone()));
        let lost = judged(false, true, true, touched).unwrap();
        assert!(matches!(lost, Applied::StateNotSaved { .. }), "{lost:?}");
        let nothing = judged(false, false, false, Progress::default()).unwrap_err();
        assert_eq!(nothing.what(), "failed to apply layer jobs");
    }

    #[test]
    fn a_half_applied_plan_says_what_was_done_and_what_to_do() {
        let partial = Applied::Partial(progress(&[
            &hook("apply_complete", "a.a"),
            r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"no room","address":"a.b"}}"#,
        ]));
        assert_eq!(
            partial.failure("apply layer jobs", None).unwrap().to_string(),
            "error: failed to apply layer jobs\n  \
               at: a.b\n  \
               because: no room\n  \
               because: 1 resource was done before that, and is in the state\n  \
               next: run the same command again: it plans anew and goes on from here"
        );
        assert!(Applied::Complete(Progress::default()).failure("x", None).is_none());
    }

    #[test]
    fn a_replacement_runs_twice_under_one_address() {
        let progress = progress(&[
            &hook("apply_start", "a.a"),
            &hook("apply_start", "a.a"),
            &hook("apply_complete", "a.a"),
        ]);
        assert_eq!((progress.running.len(), progress.done.len()), (1, 1));
    }

    #[test]
    fn a_stream_that_stops_in_the_middle_is_no_success() {
        let plan = r#"{"type":"change_summary","changes":{"operation":"plan"}}"#;
        let apply = r#"{"type":"change_summary","changes":{"operation":"apply"}}"#;
        let version = r#"{"type":"version","terraform":"1.11.4","ui":"1.2"}"#;
        assert!(!progress(&[plan]).tells_success());
        assert!(progress(&[plan, apply]).tells_success());
        assert!(!progress(&[apply, version]).tells_success(), "that was the command before");
    }
}
