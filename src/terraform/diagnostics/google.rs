//! What Google's APIs say when they refuse, as the provider quotes them: one code, 403, stands for a
//! missing right, an API that is off, a quota, a policy and a project nobody pays for.

use super::Trouble;

/// Whether a text comes from an API of Google's.
pub(super) fn spoke(text: &str) -> bool {
    ["googleapi", "googleapis.com", "rpc error", "oauth2", "default credentials", "gcloud"]
        .iter()
        .any(|word| text.contains(word))
}

/// What kind of trouble a text of Google's is; `None` if it is not Google's or not known.
pub(super) fn trouble(text: &str) -> Option<Trouble> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if !spoke(text) {
        return None;
    }
    if has(&["SERVICE_DISABLED", "accessNotConfigured", "it is disabled. Enable it"])
        || has(&["API has not been used in project"])
    {
        return Some(Trouble::ApiDisabled(api(text)));
    }
    if has(&["BILLING_DISABLED", "requires billing to be enabled", "billing account"])
        && has(&["disabled", "enable", "closed", "BILLING_DISABLED"])
    {
        return Some(Trouble::Billing);
    }
    if has(&["constraints/", "customConstraints/", "organization policy", "orgpolicy"]) {
        return Some(Trouble::Policy(constraint(text)));
    }
    if has(&["RESOURCE_EXHAUSTED", "quotaExceeded", "QUOTA_EXCEEDED", "rateLimitExceeded"])
        || has(&["Quota exceeded", "exceeded quota", "Error 429"])
        || (has(&["Quota '"]) && has(&["exceeded"]))
    {
        return Some(Trouble::Quota);
    }
    if has(&["ALREADY_EXISTS", "alreadyExists", "already exists", "instanceAlreadyExists"]) {
        return Some(Trouble::Exists);
    }
    if has(&["Error 401", "UNAUTHENTICATED"]) {
        return Some(Trouble::Credentials);
    }
    if has(&["Error 403", "PERMISSION_DENIED", "PermissionDenied"]) {
        return Some(Trouble::Denied(permission(text)));
    }
    None
}

/// The permission: "Permission 'run.services.create' denied", "Required 'compute.networks.create'
/// permission", "Permission iam.roles.create is required", "does not have storage.buckets.create
/// access".
pub(super) fn permission(text: &str) -> Option<String> {
    ["Permission '", "Required '", "Permission ", "permission \"", "does not have "]
        .iter()
        .flat_map(|marker| text.split(marker).skip(1))
        .map(|rest| word(rest, |letter| letter.is_ascii_alphanumeric() || letter == '.'))
        .map(|found| found.trim_end_matches('.'))
        .find(|found| found.matches('.').count() >= 2)
        .map(str::to_owned)
}

/// The API's name: in the details, else in the address where it is enabled.
fn api(text: &str) -> Option<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let mut rests = ["apis/api/", "\"service\": \"", "service:", "services/"]
        .iter()
        .flat_map(|marker| text.split(marker).skip(1));
    let names = rests.by_ref().map(|rest| word(rest.trim_start_matches(['"', ' ']), is_name));
    names.map(str::to_owned).find(|name| name.ends_with(".googleapis.com"))
}

/// `constraints/sql.restrictPublicIp`, with its family.
fn constraint(text: &str) -> Option<String> {
    let from = text.find("customConstraints/").or_else(|| text.find("constraints/"))?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let name = word(&text[from..], is_name).trim_end_matches('.');
    Some(name.to_owned())
}

/// The project that a text is about, by id or number.
fn project(text: &str) -> Option<&str> {
    ["project=", "in project ", "project #", "projects/"]
        .iter()
        .flat_map(|marker| text.split(marker).skip(1))
        .map(|rest| word(rest, |letter| letter.is_ascii_alphanumeric() || letter == '-'))
        .find(|name| !name.is_empty())
}

/// What a text begins with, as far as its letters belong to it.
fn word(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|letter| !belongs(letter)).unwrap_or(text.len())]
}

/// What to do about a trouble of Google's; `None` where the general advice fits.
pub(super) fn next(trouble: &Trouble, text: &str) -> Option<String> {
    if !spoke(text) {
        return None;
    }
    let of_project = project(text).map(|it| format!(" --project={it}")).unwrap_or_default();
    Some(match trouble {
        Trouble::Credentials => "sign in to the target project (`gcloud auth application-default \
             login`) and run the same command again"
            .to_owned(),
        Trouble::Denied(Some(permission)) => format!(
            "ask the project's admin for a role with the permission `{permission}`, then run the \
             same command again: a new right takes a minute or two"
        ),
        Trouble::Denied(None) => "ask the project's admin which permission is missing: the audit \
             log names it, `gcloud logging read 'protoPayload.status.code=7' --limit=5`"
            .to_owned(),
        Trouble::ApiDisabled(Some(api)) => format!(
            "enable it: `gcloud services enable {api}{of_project}`, wait a minute, and run the \
             same command again"
        ),
        Trouble::ApiDisabled(None) => {
            "enable the API that is named above, wait a minute, and run the same command again"
                .to_owned()
        }
        Trouble::Billing => format!(
            "link a billing account: `gcloud billing projects link {} --billing-account=ACCOUNT`, \
             and run the same command again",
            project(text).unwrap_or("PROJECT")
        ),
        Trouble::Policy(Some(constraint)) => format!(
            "ask the organisation's admin for an exception from `{constraint}` for this project, \
             or change what it forbids in environment.hcl"
        ),
        Trouble::Policy(None) => "ask the organisation's admin which policy forbids it, and for \
             an exception for this project"
            .to_owned(),
        Trouble::Quota => "ask the project's admin to raise the quota that is named above (Google \
             Cloud console, IAM & Admin, Quotas), free some of it, or ask for less"
            .to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Trouble {
        trouble(text).unwrap_or(Trouble::Other)
    }

    #[test]
    fn a_permission_is_named_in_all_its_forms() {
        for (text, permission) in [
            (
                "Error creating Service: googleapi: Error 403: Permission 'run.services.create' \
                 denied on resource 'projects/acme/locations/r' (or it may not exist).",
                "run.services.create",
            ),
            (
                "googleapi: Error 403: Required 'compute.networks.create' permission for \
                 'projects/acme/global/networks/x', forbidden",
                "compute.networks.create",
            ),
            (
                "googleapi: Error 403: Permission iam.serviceAccounts.create is required to \
                 perform this operation on project projects/acme., forbidden",
                "iam.serviceAccounts.create",
            ),
            (
                "googleapi: Error 403: kim@acme.example does not have storage.buckets.create \
                 access to the Google Cloud project., forbidden",
                "storage.buckets.create",
            ),
        ] {
            assert_eq!(of(text), Trouble::Denied(Some(permission.to_owned())), "{text}");
            let next = next(&of(text), text).unwrap_or_default();
            assert!(next.contains(permission) && !next.contains("aws"), "{next}");
        }
        let silent = "googleapi: Error 403: The client is not authorized to make this request.";
        assert_eq!(of(silent), Trouble::Denied(None));
    }

    #[test]
    fn an_api_that_is_off_is_named_with_how_to_enable_it() {
        let text = "Error creating Service: googleapi: Error 403: Cloud Run Admin API has not been \
             used in project 123456789012 before or it is disabled. Enable it by visiting \
             https://console.developers.google.com/apis/api/run.googleapis.com/overview?\
             project=123456789012 then retry., accessNotConfigured";
        assert_eq!(of(text), Trouble::ApiDisabled(Some("run.googleapis.com".to_owned())));
        let next = next(&of(text), text).unwrap_or_default();
        let command = "`gcloud services enable run.googleapis.com --project=123456789012`";
        assert!(next.contains(command), "{next}");
        let details = "googleapi: Error 403: off. Details: [{\"reason\": \"SERVICE_DISABLED\", \
             \"metadata\": {\"service\": \"sqladmin.googleapis.com\"}}]";
        assert_eq!(of(details), Trouble::ApiDisabled(Some("sqladmin.googleapis.com".to_owned())));
    }

    #[test]
    fn a_403_is_not_always_a_right() {
        let quota = "googleapi: Error 403: Quota 'NETWORKS' exceeded. Limit: 5.0 globally.";
        assert_eq!(of(quota), Trouble::Quota);
        assert_eq!(
            of("rpc error: code = ResourceExhausted desc = RESOURCE_EXHAUSTED"),
            Trouble::Quota
        );
        let policy = "googleapi: Error 412: Constraint constraints/sql.restrictPublicIp violated \
             for projects/acme., conditionNotMet";
        assert_eq!(of(policy), Trouble::Policy(Some("constraints/sql.restrictPublicIp".into())));
        let billing = "googleapi: Error 403: This API method requires billing to be enabled. \
             Please enable billing on project #123456789012, BILLING_DISABLED";
        assert_eq!(of(billing), Trouble::Billing);
        let exists = "googleapi: Error 409: The resource 'projects/acme/global/networks/x' already \
             exists, alreadyExists";
        assert_eq!(of(exists), Trouble::Exists);
        let expired = "googleapi: Error 401: Request had invalid authentication credentials.";
        assert_eq!(of(expired), Trouble::Credentials);
    }

    #[test]
    fn what_others_say_is_left_to_them() {
        assert_eq!(trouble("AccessDenied: not authorized to perform: ecs:CreateService"), None);
        assert_eq!(next(&Trouble::Credentials, "ExpiredToken"), None);
    }
}
