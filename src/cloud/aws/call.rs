//! A call to AWS and what it is for, so that its failure can say so.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;

use super::errors::{self, Refusal};
use crate::failure::Failure;

/// What we are about to ask of AWS.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Completes "cannot ...", like "start the job".
    pub(super) aim: String,
    /// The IAM action that the call needs, like `ecs:RunTask`.
    pub(super) right: &'static str,
    /// ARN or name of what the right is needed on, for the administrator.
    pub(super) resource: String,
    /// What else a denial may mean here.
    pub(super) denial_may_mean: Option<String>,
    /// The account that we expect to be in.
    pub(super) account: String,
    /// The region that the call goes to.
    pub(super) region: String,
}

impl Call {
    /// Adds what else a denial may mean here.
    pub(super) fn denial_may_mean(mut self, reason: impl Into<String>) -> Self {
        self.denial_may_mean = Some(reason.into());
        self
    }

    /// A failure of this call that AWS did not put in the form of an error.
    pub(super) fn refused(&self, because: impl Into<String>) -> Failure {
        Failure::failed(format!("cannot {}", self.aim)).because(because)
    }

    /// The failure of this call, with evidence and remedy.
    pub(super) fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match (error, error.raw_response()) {
            (SdkError::ServiceError(_) | SdkError::ResponseError(_), Some(response)) => {
                let refusal = Refusal {
                    status: response.status().as_u16(),
                    code: error.code(),
                    message: error.message(),
                    request_id: error.request_id(),
                };
                errors::refused(self, &refusal)
            }
            (SdkError::TimeoutError(_), _) => errors::timed_out(self),
            _ => errors::not_reached(self, error),
        }
    }
}

/// The HTTP status of an answer that is an error; `None` if there was no answer.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}
