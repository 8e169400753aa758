//! A call to Google Cloud and what it is for, so that its failure can say so.

use super::errors;
use super::rest::Trouble;
use crate::failure::Failure;

/// What we are about to ask of Google Cloud.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Completes "cannot ...", like "start the job".
    pub(super) aim: String,
    /// The IAM permission that the call needs, like `run.jobs.run`.
    pub(super) right: &'static str,
    /// Name of what the permission is needed on, for the administrator.
    pub(super) resource: String,
    /// What else a denial may mean here.
    pub(super) denial_may_mean: Option<String>,
    /// The request holds a secret: words of Google's that could repeat it are left out.
    pub(super) confidential: bool,
    /// The project that we expect to be in.
    pub(super) project: String,
    /// Its number.
    pub(super) project_number: String,
    /// The region of the target.
    pub(super) region: String,
}

impl Call {
    /// Adds what else a denial may mean here.
    pub(super) fn denial_may_mean(mut self, reason: impl Into<String>) -> Self {
        self.denial_may_mean = Some(reason.into());
        self
    }

    /// Leaves words of Google's that could repeat the request out of a failure.
    pub(super) fn confidential(mut self) -> Self {
        self.confidential = true;
        self
    }

    /// A failure of this call that Google did not put in the form of an error.
    pub(super) fn refused(&self, because: impl Into<String>) -> Failure {
        Failure::failed(format!("cannot {}", self.aim)).because(because)
    }

    /// The failure of this call, with evidence and remedy.
    pub(super) fn failed(&self, trouble: &Trouble) -> Failure {
        match trouble {
            Trouble::Refused(refusal) => errors::refused(self, refusal),
            Trouble::NoCredentials(text) => errors::no_credentials(self, text),
            Trouble::TimedOut => errors::timed_out(self),
            Trouble::NotReached(text) => errors::not_reached(self, text),
            Trouble::Unreadable(text) => errors::unreadable(self, text),
        }
    }
}
