//! Words of one cloud in the block of the other: refused with the word that is meant, so that
//! whoever copied an environment is not only told that an attribute is unknown.

use crate::hcl::Body;
use crate::source::Problems;

/// An attribute that the other cloud has: its name, why there is none here, what to write.
type Foreign = (&'static str, &'static str, &'static str);

/// Words of `gcp` in `aws`.
const OF_GCP: [Foreign; 3] = [
    (
        "project",
        "AWS has accounts, projects are Google Cloud's",
        "write `account_id = \"111122223333\"`, or pin the environment with `gcp { ... }`",
    ),
    (
        "project_number",
        "AWS has accounts, projects are Google Cloud's",
        "write `account_id = \"111122223333\"`, or pin the environment with `gcp { ... }`",
    ),
    (
        "images",
        "tasks of AWS pull from every registry, only Cloud Run needs a repository near it",
        "remove the line",
    ),
];

/// Words of `aws` in `gcp`.
const OF_AWS: [Foreign; 4] = [
    (
        "account_id",
        "Google Cloud has projects, accounts are AWS's",
        "write `project = \"acme-ledger\"`, or pin the environment with `aws { ... }`",
    ),
    (
        "permissions_boundary",
        "IAM of Google Cloud has no boundaries",
        "remove the line; an organization policy does what a boundary does",
    ),
    (
        "roles",
        "on Google Cloud nobody assumes a role",
        "remove it, and log in as the service account that may do it: `gcloud auth \
         application-default login --impersonate-service-account=EMAIL`",
    ),
    (
        "partition",
        "Google Cloud has no partitions",
        "remove the line; `region` says where the environment is",
    ),
];

/// Takes what only Google Cloud has out of `aws { }`, with a problem for each.
pub(super) fn in_aws(body: &mut Body, problems: &mut Problems) {
    refuse(body, &OF_GCP, problems);
}

/// Takes what only AWS has out of `gcp { }`, with a problem for each.
pub(super) fn in_gcp(body: &mut Body, problems: &mut Problems) {
    refuse(body, &OF_AWS, problems);
}

fn refuse(body: &mut Body, words: &[Foreign], problems: &mut Problems) {
    for (name, why, help) in words {
        if let Some(value) = body.take_unoffered(name) {
            problems.push(value.problem(*why, *help));
        }
    }
}
