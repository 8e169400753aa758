//! What went wrong at Google Cloud, in words that say whom to ask or what to do.
//!
//! Only codes, messages and the texts of error chains are shown, never a request: no token and no
//! secret value can get into a failure.

use super::call::Call;
use super::refusal::Refusal;
use super::trouble_kind::{Kind, api_in, constraint, kind, permission_in};
use crate::failure::Failure;

/// The longest message of Google that is worth showing.
const MESSAGE_LIMIT: usize = 600;

/// How to log in.
const LOG_IN: &str = "log in: `gcloud auth application-default login`";

/// Google answered, and said no.
pub(super) fn refused(call: &Call, refusal: &Refusal) -> Failure {
    let kind = kind(refusal);
    let failure =
        Failure::failed(format!("cannot {}", call.aim)).because(evidence(call, refusal, kind));
    match kind {
        Kind::ApiDisabled => api_disabled(call, refusal, failure),
        Kind::BillingDisabled => failure
            .because(format!("project {} has no open billing account", call.project))
            .next(format!(
                "`gcloud billing projects link {} --billing-account=ACCOUNT`",
                call.project
            )),
        Kind::QuotaProject => quota_project(call, refusal, failure),
        Kind::Unauthenticated => failure.next(format!("{LOG_IN}, then run the same command again")),
        Kind::OrganizationPolicy => organization_policy(call, refusal, failure),
        Kind::Perimeter => failure
            .because("a VPC Service Controls perimeter is around the project")
            .next("ask the organization's admin to let this caller in, or run inside of it"),
        Kind::RateLimited => failure
            .because("Google limits how often a project may make this call")
            .next("wait a minute, then run the same command again"),
        Kind::Quota => quota(call, refusal, failure),
        Kind::Denied => denied(call, refusal, failure),
        Kind::Conflict => failure.next("wait a minute, then run the same command again"),
        Kind::Unavailable => {
            failure.next("look at https://status.cloud.google.com, then run the same command again")
        }
        Kind::NotFound | Kind::Other => failure,
    }
}

/// There is no token.
pub(super) fn no_credentials(call: &Call, chain: &str) -> Failure {
    let failure = Failure::failed(format!("cannot {}", call.aim));
    // What the library says when there is no file, and no Google machine under us.
    if chain.contains("not running in a Google Cloud Environment") {
        return failure.because("no Google Cloud credentials were found").next(LOG_IN);
    }
    let failure =
        failure.because(format!("Google Cloud gave no token: {}", shortened(chain))).next(LOG_IN);
    if chain.contains("iamcredentials") || chain.contains("impersonat") {
        return failure.next(
            "to impersonate a service account you need `iam.serviceAccounts.getAccessToken` on it \
             (role `roles/iam.serviceAccountTokenCreator`)",
        );
    }
    failure.next("see that GOOGLE_APPLICATION_CREDENTIALS, if set, names a file with credentials")
}

/// The call was under way for too long.
pub(super) fn timed_out(call: &Call) -> Failure {
    network(Failure::failed(format!("cannot {}", call.aim)).because(
        "Google Cloud did not answer in time; the call may or may not have been carried out",
    ))
}

/// No answer came.
pub(super) fn not_reached(call: &Call, chain: &str) -> Failure {
    let failure = Failure::failed(format!("cannot {}", call.aim));
    network(failure.because(format!("no answer from Google Cloud: {}", shortened(chain))))
}

/// An answer came that is not what the API documents: a proxy's page, most of the time.
pub(super) fn unreadable(call: &Call, error: &str) -> Failure {
    Failure::failed(format!("cannot {}", call.aim))
        .because(format!("the answer is not what Google Cloud documents: {error}"))
        .next("see that no proxy answers in its place, then run the same command again")
}

fn network(failure: Failure) -> Failure {
    let certificate = failure.reasons().iter().any(|reason| reason.contains("certificate"));
    let failure = failure.next("check the network, HTTPS_PROXY and NO_PROXY");
    if certificate {
        return failure.next(
            "if a proxy opens TLS here, set SSL_CERT_FILE to a file with its certificate authority",
        );
    }
    failure
}

/// A call is paid for by a project, and that one must have the API: it is not always the target.
fn api_disabled(call: &Call, refusal: &Refusal, failure: Failure) -> Failure {
    let api = refusal.metadata.get("service").cloned().or_else(|| api_in(refusal));
    let api = api.as_deref().unwrap_or("API.googleapis.com");
    if let Some(other) = other_consumer(call, refusal) {
        return failure
            .because(format!("the call counts for project {other}, not for {}", call.project))
            .next(format!("`gcloud auth application-default set-quota-project {}`", call.project));
    }
    failure
        .next(format!("`gcloud services enable {api} --project={}`", call.project))
        .next("it takes a few minutes to arrive everywhere: then run the same command again")
}

/// The project that a call counts for, if it is not the target.
pub(super) fn other_consumer(call: &Call, refusal: &Refusal) -> Option<String> {
    let consumer = refusal.metadata.get("consumer").map(|name| name.replace("projects/", ""));
    consumer.filter(|other| *other != call.project && *other != call.project_number)
}

fn quota_project(call: &Call, refusal: &Refusal, failure: Failure) -> Failure {
    let consumer = refusal.metadata.get("consumer").map(|name| name.replace("projects/", ""));
    let project = consumer.as_deref().unwrap_or(&call.project);
    failure.because(format!("your credentials let calls count for project {project}")).next(
        format!(
            "ask the admin of project {project} for `serviceusage.services.use` (role \
             `roles/serviceusage.serviceUsageConsumer`), or choose another: `gcloud auth \
             application-default set-quota-project {}`",
            call.project
        ),
    )
}

fn organization_policy(call: &Call, refusal: &Refusal, failure: Failure) -> Failure {
    match constraint(refusal) {
        Some(name) => failure.next(format!(
            "ask the organization's admin for an exception for project {}, or see what is allowed: \
             `gcloud org-policies describe {name} --effective --project={}`",
            call.project, call.project
        )),
        None => failure.next(format!(
            "ask the organization's admin for an exception for project {}",
            call.project
        )),
    }
}

fn quota(call: &Call, refusal: &Refusal, failure: Failure) -> Failure {
    let mut failure = failure;
    for violation in &refusal.violations {
        failure = failure.because(format!("{}: {}", violation.subject, violation.description));
    }
    let limit = ["quota_limit", "quota_metric"].map(|key| refusal.metadata.get(key));
    if let Some(name) = limit.into_iter().flatten().next() {
        let value = refusal.metadata.get("quota_limit_value");
        let value = value.map(|value| format!(" is {value}")).unwrap_or_default();
        failure = failure.because(format!("the quota {name}{value}"));
    }
    failure.next(format!(
        "delete what nobody needs, or ask for more: \
         https://console.cloud.google.com/iam-admin/quotas?project={}",
        call.project
    ))
}

fn denied(call: &Call, refusal: &Refusal, failure: Failure) -> Failure {
    let named = refusal.metadata.get("permission").cloned().or_else(|| permission_in(refusal));
    let right = named.as_deref().unwrap_or(call.right);
    let failure = match &call.denial_may_mean {
        Some(reason) => failure.because(reason),
        None => failure,
    };
    if refusal.says("deny policy") || refusal.says("access boundary") {
        return failure.next(format!(
            "ask the admin of project {} to lift the deny policy or access boundary over `{right}`: \
             granting it again does not help",
            call.project
        ));
    }
    failure.next(format!(
        "ask the admin of project {} for `{right}` on {}",
        call.project, call.resource
    ))
}

fn evidence(call: &Call, refusal: &Refusal, kind: Kind) -> String {
    let code = match (&refusal.word, &refusal.reason) {
        (Some(word), Some(reason)) => format!("{word} ({reason})"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => format!("HTTP {}", refusal.status),
    };
    // Words about a wrong token may repeat it, and those about a wrong request what it held.
    let repeats = refusal.word.as_deref().is_none_or(|word| word == "INVALID_ARGUMENT");
    let hidden = kind == Kind::Unauthenticated || (call.confidential && repeats);
    let message = match &refusal.message {
        Some(message) if !hidden => format!(": {}", shortened(message)),
        _ => String::new(),
    };
    format!("Google Cloud says {code}{message} (project {}, {})", call.project, call.region)
}

fn shortened(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    match message.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message.to_owned(),
    }
}
