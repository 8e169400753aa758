//! What each refusal of Google becomes: `google.rpc.ErrorInfo`, `QuotaFailure`,
//! `PreconditionFailure` as `google.api.ErrorReason` documents them, and the form of the older
//! APIs.

use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::super::rest::Trouble;
use super::{NUMBER, PROJECT, Token, denied, disabled, gcp, status};

/// The failure of a call that needs `run.services.get`.
fn failure((code, body): (u16, Value)) -> String {
    let gcp = gcp("http://127.0.0.1:1", Token(Ok("token-1")).into());
    let call = gcp.call("read service `web`", "run.services.get", "service `web`");
    let refusal = Refusal::read(code, body.to_string().as_bytes());
    call.failed(&Trouble::Refused(Box::new(refusal))).to_string()
}

/// As Cloud Storage, Cloud SQL and Compute Engine write errors.
fn older(code: u16, reason: &str, message: &str) -> (u16, Value) {
    (
        code,
        json!({ "error": { "code": code, "message": message, "errors": [
        { "message": message, "domain": "global", "reason": reason }] } }),
    )
}

fn info(reason: &str, metadata: Value) -> Value {
    json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
        "domain": "googleapis.com", "metadata": metadata }])
}

/// All of these are in the text.
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn an_api_that_is_not_enabled_has_its_command() {
    for consumer in [NUMBER, PROJECT] {
        says(
            &failure(disabled("run.googleapis.com", consumer)),
            &[
                "error: cannot read service `web`",
                "Google Cloud says PERMISSION_DENIED (SERVICE_DISABLED)",
                "next: `gcloud services enable run.googleapis.com --project=acme-ledger`",
            ],
        );
    }
    let message = "Cloud SQL Admin API has not been used in project 123456789012 before. Enable it \
                   by visiting https://console.developers.google.com/apis/api/\
                   sqladmin.googleapis.com/overview?project=123456789012 then retry.";
    let text = failure(older(403, "accessNotConfigured", message));
    says(&text, &["`gcloud services enable sqladmin.googleapis.com --project=acme-ledger`"]);
}

#[test]
fn a_call_that_counts_for_another_project_says_so() {
    // Credentials of gcloud without a quota project: the call counts for gcloud's own.
    let text = failure(disabled("run.googleapis.com", "764086051850"));
    says(
        &text,
        &[
            "the call counts for project 764086051850, not for acme-ledger",
            "`gcloud auth application-default set-quota-project acme-ledger`",
        ],
    );
    assert!(!text.contains("services enable"), "{text}");
    let details = info("USER_PROJECT_DENIED", json!({ "consumer": "projects/elsewhere" }));
    let text = failure(status(403, "PERMISSION_DENIED", "no access to project", details));
    says(&text, &["`serviceusage.services.use`", "admin of project elsewhere"]);
}

#[test]
fn a_denial_names_the_permission_that_google_names() {
    let ask = "next: ask the admin of project acme-ledger for";
    says(&failure(denied("run.jobs.run")), &[&format!("{ask} `run.jobs.run` on service `web`")]);
    let message = "installer@acme-ledger.iam.gserviceaccount.com does not have \
                   storage.objects.get access to the Google Cloud Storage object. Permission \
                   'storage.objects.get' denied on resource (or it may not exist).";
    let text = failure(older(403, "forbidden", message));
    says(&text, &[&format!("{ask} `storage.objects.get`")]);
    let message = "The client is not authorized to make this request.";
    let text = failure(older(403, "notAuthorized", message));
    says(&text, &[&format!("{ask} `run.services.get`"), "notAuthorized: The client"]);
    let message = "Permission 'run.services.get' denied by an IAM deny policy";
    let text = failure(status(403, "PERMISSION_DENIED", message, json!([])));
    says(&text, &["granting it again does not help"]);
}

#[test]
fn a_quota_and_a_rate_are_told_apart() {
    let details = json!([
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            { "subject": "project:123456789012", "description": "cpus is exhausted" }] }]);
    let text = failure(status(429, "RESOURCE_EXHAUSTED", "Quota exceeded for cpus", details));
    says(
        &text,
        &["project:123456789012: cpus is exhausted", "iam-admin/quotas?project=acme-ledger"],
    );
    let text = failure(older(403, "quotaExceeded", "Quota 'NETWORKS' exceeded. Limit: 5.0"));
    says(&text, &["Quota 'NETWORKS' exceeded", "ask for more"]);
    let metadata = json!({ "quota_limit": "ReadRequestsPerMinutePerProject",
        "quota_limit_value": "60", "service": "run.googleapis.com" });
    let details = info("RATE_LIMIT_EXCEEDED", metadata);
    let text = failure(status(429, "RESOURCE_EXHAUSTED", "Quota exceeded for reads", details));
    says(&text, &["limits how often", "wait a minute"]);
    let details = info(
        "RESOURCE_QUOTA_EXCEEDED",
        json!({ "quota_limit": "instances",
        "quota_limit_value": "10" }),
    );
    let text = failure(status(429, "RESOURCE_EXHAUSTED", "too many", details));
    says(&text, &["the quota instances is 10"]);
}

#[test]
fn an_organization_policy_is_named() {
    let describe = "`gcloud org-policies describe run.allowedIngress --effective \
                    --project=acme-ledger`";
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
        "violations": [{ "type": "constraints/run.allowedIngress", "subject": "orgpolicy:projects/x",
            "description": "not allowed" }] }]);
    let text = failure(status(400, "FAILED_PRECONDITION", "One or more violations", details));
    says(&text, &[describe]);
    let message = "Constraint constraints/run.allowedIngress violated for projects/x.";
    let text = failure(status(400, "FAILED_PRECONDITION", message, json!([])));
    says(&text, &[describe]);
    let details = info("CUSTOM_ORG_POLICY_VIOLATION", json!({}));
    let text = failure(status(403, "PERMISSION_DENIED", "customConstraints/custom.x", details));
    says(&text, &["ask the organization's admin for an exception for project acme-ledger"]);
    let message = "Request is prohibited by organization's policy. \
                   vpcServiceControlsUniqueIdentifier: abc";
    let text = failure(status(403, "PERMISSION_DENIED", message, json!([])));
    says(&text, &["VPC Service Controls perimeter"]);
}

#[test]
fn a_caller_that_google_does_not_know_is_told_to_log_in() {
    let log_in = "log in: `gcloud auth application-default login`";
    let details = info("ACCESS_TOKEN_EXPIRED", json!({}));
    let text = failure(status(401, "UNAUTHENTICATED", "token ya29.secret expired", details));
    says(&text, &[log_in, "UNAUTHENTICATED (ACCESS_TOKEN_EXPIRED)"]);
    assert!(!text.contains("ya29"), "words about a token may repeat it: {text}");
    says(&failure(older(401, "authError", "Invalid Credentials")), &[log_in]);
    let oauth = json!({ "error": "invalid_grant", "error_description": "Bad Request" });
    says(&failure((400, oauth)), &[log_in]);
}

#[test]
fn other_answers_keep_googles_words() {
    let details = info("BILLING_DISABLED", json!({}));
    let text = failure(status(403, "PERMISSION_DENIED", "billing", details));
    says(&text, &["gcloud billing projects link acme-ledger"]);
    let text = failure(status(404, "NOT_FOUND", "Resource 'web' was not found", json!([])));
    says(&text, &["NOT_FOUND: Resource 'web' was not found (project acme-ledger, europe-west3)"]);
    assert!(!text.contains("next:"), "{text}");
    let text = failure(status(409, "ABORTED", "Conflict for resource 'web'", json!([])));
    says(&text, &["Conflict for resource", "run the same command again"]);
    let text = failure(status(503, "UNAVAILABLE", "try later", json!([])));
    says(&text, &["https://status.cloud.google.com"]);
    let long = failure(status(400, "INVALID_ARGUMENT", &"x".repeat(2000), json!([])));
    assert!(long.contains("xxx...") && long.len() < 1000, "{long}");
}

#[test]
fn a_page_in_place_of_an_error_is_not_shown() {
    let gcp = gcp("http://127.0.0.1:1", Token(Ok("token-1")).into());
    let call = gcp.call("read service `web`", "run.services.get", "service `web`");
    let text = |body: &[u8]| {
        call.failed(&Trouble::Refused(Box::new(Refusal::read(502, body)))).to_string()
    };
    says(&text(b"<html><body>502</body></html>"), &["Google Cloud says HTTP 502 (project"]);
    says(&text(b"upstream reset"), &["Google Cloud says HTTP 502: upstream reset"]);
}
