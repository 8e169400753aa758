//! What went wrong at AWS, in words that say whom to ask or what to do.
//!
//! Only codes, messages and the texts of error chains are shown, never a debug form of a request:
//! no credential and no secret value can get into a failure.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::call::Call;
use super::chain;
use crate::failure::Failure;

/// The longest message of AWS that is worth showing; what follows is an encoded policy.
const MESSAGE_LIMIT: usize = 600;

/// An answer that is an error.
pub(super) struct Refusal<'a> {
    /// HTTP status.
    pub(super) status: u16,
    /// The service's name of the error; `None` for an answer without body.
    pub(super) code: Option<&'a str>,
    /// The service's words.
    pub(super) message: Option<&'a str>,
    /// What AWS support asks for.
    pub(super) request_id: Option<&'a str>,
}

/// What kind of trouble an error code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Denied,
    Throttled,
    Expired,
    UnknownCredentials,
    ClockSkew,
    Unavailable,
    Other,
}

/// AWS answered, and said no.
pub(super) fn refused(call: &Call, refusal: &Refusal<'_>) -> Failure {
    let kind = kind(refusal);
    let failure =
        Failure::failed(format!("cannot {}", call.aim)).because(evidence(call, refusal, kind));
    match kind {
        Kind::Denied => denied(call, refusal, failure),
        Kind::Throttled => failure
            .because("AWS limits how often an account may make this call")
            .next("wait a minute, then run the same command again"),
        Kind::Expired => failure.next(
            "renew your credentials (`aws login` or `aws sso login`), then run the same command \
             again",
        ),
        Kind::UnknownCredentials => failure
            .because(format!(
                "the access key is not known, its secret is wrong, or region `{}` is not enabled \
                 in the account",
                call.region
            ))
            .next("check AWS_PROFILE or AWS_ACCESS_KEY_ID, then run `aws sts get-caller-identity`"),
        Kind::ClockSkew => {
            failure.next("set this machine's clock (AWS accepts a difference of five minutes)")
        }
        Kind::Unavailable => {
            failure.next("look at https://health.aws.amazon.com, then run the same command again")
        }
        Kind::Other => failure,
    }
}

/// The call was under way for too long.
pub(super) fn timed_out(call: &Call) -> Failure {
    let failure = Failure::failed(format!("cannot {}", call.aim))
        .because("AWS did not answer in time; the call may or may not have been carried out");
    network(call, failure)
}

/// No answer came: no credentials, no network, or an answer that is not from AWS.
pub(super) fn not_reached(call: &Call, error: &(dyn Error + 'static)) -> Failure {
    if let Some(error) = chain::find::<SdkError<AssumeRoleError, HttpResponse>>(error) {
        return role_not_assumed(call, error);
    }
    let failure = Failure::failed(format!("cannot {}", call.aim));
    let chain = shortened(&chain::texts(error));
    match chain::find::<CredentialsError>(error) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => failure
            .because("no AWS credentials were found")
            .next(
                "log in with `aws login` or `aws sso login`, and see that AWS_PROFILE, if set, names \
                 a profile with credentials",
            ),
        Some(_) => failure
            .because(format!("the AWS credentials could not be loaded: {chain}"))
            .next("log in again with `aws login` or `aws sso login`, and check AWS_PROFILE"),
        None => network(call, failure.because(format!("no answer from AWS: {chain}"))),
    }
}

/// The role of the connection cannot be assumed, so no call can be made.
fn role_not_assumed(call: &Call, error: &SdkError<AssumeRoleError, HttpResponse>) -> Failure {
    let role = Call {
        aim: format!("assume the role of the target to {}", call.aim),
        right: "sts:AssumeRole",
        resource: "the role, and to name you in the role's trust policy".to_owned(),
        denial_may_mean: None,
        ..call.clone()
    };
    match error.raw_response() {
        Some(response) if matches!(error, SdkError::ServiceError(_)) => refused(
            &role,
            &Refusal {
                status: response.status().as_u16(),
                code: error.code(),
                message: error.message(),
                request_id: error.request_id(),
            },
        ),
        // Its own source is asked, for it holds itself: no endless way round.
        _ => match error.source() {
            Some(source) => not_reached(&role, source),
            None => timed_out(&role),
        },
    }
}

fn network(call: &Call, failure: Failure) -> Failure {
    let certificate = failure.reasons().iter().any(|reason| reason.contains("certificate"));
    let failure = failure.next(format!(
        "check the network, HTTPS_PROXY and NO_PROXY, and that region `{}` exists",
        call.region
    ));
    if certificate {
        return failure.next(
            "if a proxy opens TLS here, set SSL_CERT_FILE to a file with its certificate authority",
        );
    }
    failure
}

fn denied(call: &Call, refusal: &Refusal<'_>, failure: Failure) -> Failure {
    let message = refusal.message.unwrap_or_default();
    let right = denied_action(message).unwrap_or(call.right);
    let failure = match &call.denial_may_mean {
        Some(reason) => failure.because(reason),
        None => failure,
    };
    if message.contains("explicit deny") {
        return failure.next(format!(
            "ask the admin of account {} to lift the explicit deny of `{right}` (service control \
             policy, permissions boundary or bucket policy): granting it again does not help",
            call.account
        ));
    }
    failure.next(format!(
        "ask the admin of account {} for `{right}` on {}",
        call.account, call.resource
    ))
}

fn kind(refusal: &Refusal<'_>) -> Kind {
    match refusal.code.unwrap_or_default() {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "UnauthorizedAccess"
        | "AuthorizationError"
        | "Forbidden" => Kind::Denied,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "PriorRequestNotComplete" => Kind::Throttled,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Kind::Expired,
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => Kind::ClockSkew,
        "InvalidSignatureException" | "SignatureDoesNotMatch"
            if refusal.message.unwrap_or_default().starts_with("Signature ") =>
        {
            Kind::ClockSkew // "Signature expired: ...", "Signature not yet current: ..."
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "AuthFailure"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Kind::UnknownCredentials,
        _ => match refusal.status {
            403 if refusal.code.is_none() => Kind::Denied,
            429 => Kind::Throttled,
            500.. => Kind::Unavailable,
            _ => Kind::Other,
        },
    }
}

fn evidence(call: &Call, refusal: &Refusal<'_>, kind: Kind) -> String {
    let code = match refusal.code {
        Some(code) => code.to_owned(),
        None => format!("HTTP {}", refusal.status),
    };
    // Older services answer a wrong signature with the whole signed text, session token included.
    let message = match (kind, refusal.message) {
        (Kind::UnknownCredentials | Kind::ClockSkew, _) | (_, None) => String::new(),
        (_, Some(message)) => format!(": {}", shortened(message)),
    };
    let request = match refusal.request_id {
        Some(id) => format!(", request id {id}"),
        None => String::new(),
    };
    format!("AWS says {code}{message} (account {}, {}{request})", call.account, call.region)
}

/// The action that IAM names in its message, which may be another than that of the call:
/// `RunTask` is denied for want of `iam:PassRole`.
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    action.contains(':').then_some(action)
}

fn shortened(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    match message.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message.to_owned(),
    }
}
