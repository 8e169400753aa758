//! What happens in a run, as data.

use serde::Serialize;

/// A step of a run, in the words of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The release that is wanted, held against the one that runs.
    Release,
    /// Writes the workspace.
    Render,
    /// Tools, identity, certificate, supplied secrets.
    Preflight,
    /// What differs in the cloud from what was applied (G4).
    Drift,
    /// Foundation for real, later layers as a forecast.
    Plan,
    /// One, for everything.
    Approval,
    /// The state bucket.
    StateStore,
    /// Databases, before anything in them changes.
    Snapshot,
    /// Layer foundation.
    Foundation,
    /// Values into containers.
    Secrets,
    /// Layer jobs.
    Jobs,
    /// Roles and grants.
    BootstrapDatabase,
    /// Migrations, and first-install jobs.
    Migrate,
    /// Layer services.
    Services,
    /// What runs is what was locked.
    Verify,
    /// The way back of an update that failed.
    Return,
    /// Takes away what only the release before needed.
    Tidy,
    /// The record of it all.
    Receipt,
}

impl Step {
    /// All steps of an install, in order.
    pub const INSTALL: [Self; 13] = [
        Self::Render,
        Self::Preflight,
        Self::Plan,
        Self::Approval,
        Self::StateStore,
        Self::Foundation,
        Self::Secrets,
        Self::Jobs,
        Self::BootstrapDatabase,
        Self::Migrate,
        Self::Services,
        Self::Verify,
        Self::Receipt,
    ];

    /// All steps of an update and of a rollback, in order.
    pub const UPDATE: [Self; 17] = [
        Self::Release,
        Self::Render,
        Self::Preflight,
        Self::Drift,
        Self::Plan,
        Self::Approval,
        Self::StateStore,
        Self::Snapshot,
        Self::Foundation,
        Self::Secrets,
        Self::Jobs,
        Self::BootstrapDatabase,
        Self::Migrate,
        Self::Services,
        Self::Verify,
        Self::Tidy,
        Self::Receipt,
    ];

    /// As it is written on a command line: `bootstrap-database`.
    pub fn key(self) -> String {
        self.name().replace(' ', "-")
    }

    /// As people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Render => "render",
            Self::Preflight => "preflight",
            Self::Drift => "drift",
            Self::Plan => "plan",
            Self::Approval => "approval",
            Self::StateStore => "state store",
            Self::Snapshot => "snapshot",
            Self::Foundation => "foundation",
            Self::Secrets => "secrets",
            Self::Jobs => "jobs",
            Self::BootstrapDatabase => "bootstrap database",
            Self::Migrate => "migrate",
            Self::Services => "services",
            Self::Verify => "verify",
            Self::Return => "return",
            Self::Tidy => "tidy",
            Self::Receipt => "receipt",
        }
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done now.
    Done,
    /// Proved to hold already.
    Unchanged,
    /// Not done; the failure follows.
    Failed,
}

/// What happens in a run.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A run begins; the whole list of steps is known.
    RunStarted {
        /// Its id.
        run: String,
        /// `install demo-aws`.
        command: String,
        /// Account, region, caller or the word that it is simulated.
        where_to: String,
        /// In order.
        steps: Vec<Step>,
    },
    /// A step begins.
    StepStarted {
        /// Which.
        step: Step,
    },
    /// A step ended.
    StepFinished {
        /// Which.
        step: Step,
        /// How.
        outcome: Outcome,
        /// In a few words: `31 created`.
        summary: String,
        /// How long it took.
        seconds: f64,
    },
    /// A remark that is kept.
    Note {
        /// One line.
        text: String,
    },
    /// Several lines that a person must see whole: a plan, an approval.
    Text {
        /// Without trailing line break.
        text: String,
    },
    /// A person is about to be asked: until the next event nothing may draw over the question.
    Question,
    /// Terraform began or finished work on a resource. Kept in the journal, shown with `-v`.
    Resource {
        /// Full address.
        address: String,
        /// `create`, `update`, ...
        action: String,
        /// Finished, and after how long.
        seconds: Option<f64>,
    },
    /// How far a step is; only the last one matters.
    Progress {
        /// What is being done.
        text: String,
        /// How many are done.
        done: usize,
        /// Of how many; 0 if unknown.
        total: usize,
    },
    /// A line of a job's log, redacted.
    JobLog {
        /// The job.
        job: String,
        /// The line.
        line: String,
    },
    /// The run ended.
    RunFinished {
        /// Its id.
        run: String,
        /// Exit code of the process.
        exit: u8,
        /// One line.
        summary: String,
        /// How long it took.
        seconds: f64,
    },
}

impl Event {
    /// Whether it may be dropped from what is kept.
    pub fn is_progress(&self) -> bool {
        matches!(self, Self::Progress { .. } | Self::Question)
    }
}
