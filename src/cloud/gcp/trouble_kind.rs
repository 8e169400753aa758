//! What kind of trouble an answer is, and what it names: the API, the permission, the constraint.

use super::refusal::Refusal;

/// What kind of trouble an answer stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ApiDisabled,
    BillingDisabled,
    QuotaProject,
    Unauthenticated,
    OrganizationPolicy,
    Perimeter,
    RateLimited,
    Quota,
    Denied,
    NotFound,
    Conflict,
    Unavailable,
    Other,
}

/// Says what it is: by the reason if there is one, else by the words and the status.
pub(super) fn kind(refusal: &Refusal) -> Kind {
    if let Some(kind) = refusal.reason.as_deref().and_then(kind_of_reason) {
        return kind;
    }
    let names_constraint = refusal.violations.iter().any(|it| it.kind.starts_with("constraints/"));
    if names_constraint || refusal.says("constraints/") || refusal.says("constraint constraints") {
        return Kind::OrganizationPolicy;
    }
    if refusal.says("vpcServiceControlsUniqueIdentifier") {
        return Kind::Perimeter;
    }
    let over_quota = !refusal.violations.is_empty() || refusal.says("Quota exceeded");
    match (refusal.word.as_deref().unwrap_or_default(), refusal.status) {
        ("UNAUTHENTICATED", _) | (_, 401) => Kind::Unauthenticated,
        ("RESOURCE_EXHAUSTED", _) | (_, 429) if over_quota => Kind::Quota,
        ("RESOURCE_EXHAUSTED", _) | (_, 429) => Kind::RateLimited,
        ("PERMISSION_DENIED", _) | (_, 403) => Kind::Denied,
        ("NOT_FOUND", _) | (_, 404) => Kind::NotFound,
        ("ALREADY_EXISTS" | "ABORTED", _) | (_, 409) => Kind::Conflict,
        (_, 500..) => Kind::Unavailable,
        _ => Kind::Other,
    }
}

/// `google.api.ErrorReason` and the reasons of the older APIs.
fn kind_of_reason(reason: &str) -> Option<Kind> {
    Some(match reason {
        "SERVICE_DISABLED" | "accessNotConfigured" => Kind::ApiDisabled,
        "BILLING_DISABLED" | "accountDisabled" => Kind::BillingDisabled,
        "USER_PROJECT_DENIED" | "userProjectAccessDenied" => Kind::QuotaProject,
        "ACCESS_TOKEN_EXPIRED"
        | "ACCESS_TOKEN_TYPE_UNSUPPORTED"
        | "ACCOUNT_STATE_INVALID"
        | "CREDENTIALS_MISSING"
        | "authError"
        | "invalid_grant" => Kind::Unauthenticated,
        "IAM_PERMISSION_DENIED" => Kind::Denied,
        "RATE_LIMIT_EXCEEDED" | "rateLimitExceeded" | "userRateLimitExceeded" => Kind::RateLimited,
        "RESOURCE_QUOTA_EXCEEDED" | "quotaExceeded" => Kind::Quota,
        "CUSTOM_ORG_POLICY_VIOLATION" | "ORG_POLICY_VIOLATION" => Kind::OrganizationPolicy,
        "SECURITY_POLICY_VIOLATED" | "vpcServiceControls" => Kind::Perimeter,
        _ => return None,
    })
}

/// Older messages say it in an address: `.../apis/api/sqladmin.googleapis.com/overview?project=`.
pub(super) fn api_in(refusal: &Refusal) -> Option<String> {
    let message = refusal.message.as_deref()?;
    let words = message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    let mut apis = words.filter(|word| word.ends_with(".googleapis.com"));
    apis.next().map(str::to_owned)
}

/// The name of the policy's constraint, without `constraints/`.
pub(super) fn constraint(refusal: &Refusal) -> Option<String> {
    let mut texts: Vec<&str> = refusal.message.iter().map(String::as_str).collect();
    for violation in &refusal.violations {
        texts.extend([violation.kind.as_str(), &violation.subject, &violation.description]);
    }
    texts.extend(refusal.metadata.values().map(String::as_str));
    texts.into_iter().find_map(|text| {
        let (_, name) = text.split_once("constraints/")?;
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'));
        let name = name[..end.unwrap_or(name.len())].trim_end_matches('.');
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// The permission that Google names in its words: "Permission 'run.jobs.run' denied on resource",
/// "does not have storage.objects.get access to the Google Cloud Storage object". It has three
/// parts, as nothing else in such a sentence.
pub(super) fn permission_in(refusal: &Refusal) -> Option<String> {
    let message = refusal.message.as_deref()?;
    let mut words = message.split(|c: char| !(c.is_ascii_alphanumeric() || ".-_@/".contains(c)));
    words.find_map(|word| {
        let word = word.trim_end_matches('.');
        let mut parts = word.split('.');
        let three = [parts.next()?, parts.next()?, parts.next()?];
        let is_name = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_alphanumeric())
        };
        let fits = parts.next().is_none() && three.iter().all(|part| is_name(part));
        (fits && three[2] != "com").then(|| word.to_owned())
    })
}
