//! Proof that the caller has the permissions of a first install on Google Cloud, before anything is
//! touched.
//!
//! Nothing is asked on AWS: see [`Cloud::permissions`](crate::cloud::Cloud::permissions). Nor is it
//! for an update, which may get along with fewer rights.

use super::context::{Run, Verb};
use super::grants::{GRANTS, MAKE_BUCKET, wanted};
use crate::cloud::gcp::RESOURCE_MANAGER;
use crate::cloud::{Identity, Permissions};
use crate::environment::model::Target;
use crate::failure::{Failure, Result};
use crate::kit::model::CloudName;
use crate::receipt::Lock;
use crate::report::plural;

/// Proves the permissions of a first install; what the step says of it. `touched` says what was
/// done so far.
pub(super) async fn prove(run: &Run, caller: &Identity, touched: &str) -> Result<String> {
    let environment = &run.environment;
    let installed = || Lock::read(&run.folder().join("landfall.lock")).map(|lock| lock.is_some());
    if environment.target.cloud != CloudName::Gcp || run.verb != Verb::Install || installed()? {
        return Ok(String::new());
    }
    let wanted = wanted(environment);
    let mut found = run.cloud.permissions(&wanted).await?;
    if found.missing.iter().any(|it| it == MAKE_BUCKET)
        && run.cloud.state_store(run.bucket()).await?.is_some()
    {
        found.missing.retain(|it| it != MAKE_BUCKET);
    }
    if !found.missing.is_empty() {
        return Err(refused(&environment.target, caller, &found.missing, wanted.len(), touched));
    }
    if let Some(note) = not_known(&environment.target, &found, wanted.len()) {
        run.reporter.note(note);
    }
    let proved = wanted.len() - found.unknown.len();
    // What is simulated proves nothing.
    Ok(if proved == 0 || run.is_simulated() {
        String::new()
    } else {
        format!(", {}", plural(proved, "permission"))
    })
}

fn not_known(target: &Target, found: &Permissions, wanted: usize) -> Option<String> {
    if found.unknown.is_empty() {
        return None;
    }
    let project = &target.account_id;
    Some(if found.unknown.len() == wanted {
        format!(
            "not known whether you have the {} that an install needs: the API \
             {RESOURCE_MANAGER} does not answer for project {project} yet; to know before: `gcloud \
             services enable {RESOURCE_MANAGER} --project={project}`",
            plural(wanted, "permission"),
        )
    } else {
        let unknown = found.unknown.join(", ");
        format!("not known whether you have {unknown}: Google does not say it of project {project}")
    })
}

/// All that are missing, by the role that gives them, and the commands that grant it.
fn refused(
    target: &Target,
    caller: &Identity,
    missing: &[String],
    wanted: usize,
    touched: &str,
) -> Failure {
    let project = &target.account_id;
    let mut failure = Failure::failed(format!(
        "{} of {} missing in project {project}",
        missing.len(),
        plural(wanted, "permission"),
    ))
    .because(format!("you are {}", caller.arn));
    let mut roles: Vec<&str> = Vec::new();
    for grant in &GRANTS {
        let of_it = |permission: &&&str| missing.iter().any(|it| it == *permission);
        let lacking: Vec<&str> = grant.permissions.iter().filter(of_it).copied().collect();
        if lacking.is_empty() {
            continue;
        }
        let lacking = lacking.join(", ");
        failure = failure.because(format!("{}: {lacking} (in {})", grant.what_for, grant.role));
        if !roles.contains(&grant.role) {
            roles.push(grant.role);
        }
    }
    failure = failure
        .because(
            "asked for the project as a whole (projects.testIamPermissions): what is granted on a \
             single resource, or under a condition, does not count",
        )
        .because(touched);
    let member = match caller.arn.split_once(':') {
        Some(("user" | "serviceAccount", _)) => caller.arn.as_str(),
        _ => "MEMBER",
    };
    for role in roles {
        failure = failure.next(format!(
            "`gcloud projects add-iam-policy-binding {project} --member={member} --role={role} \
             --condition=None`"
        ));
    }
    failure.next("wait two minutes until it has arrived everywhere, and run the same command again")
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
