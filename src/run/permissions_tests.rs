//! The list of permissions, the page that shows it, and what is said when some are missing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;

use super::*;
use crate::engine::simulated_caller;
use crate::environment::model::Environment;
use crate::environment::tests::resolved_gcp;
use crate::run::grants::When;

const PAGE: &str = include_str!("../../docs/security.md");

/// The rows of the page: role, permissions, when.
fn rows() -> BTreeSet<(String, BTreeSet<String>, &'static str)> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `roles/"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let permissions = cells[1].split(", ").map(|it| it.trim_matches('`').to_owned());
        (format!("roles/{}", cells[0].trim_matches('`')), permissions.collect(), cells[3])
    })
    .collect()
}

#[test]
fn the_page_of_security_shows_every_permission_with_its_role() {
    let listed: BTreeSet<_> = GRANTS
        .iter()
        .map(|grant| {
            let when = match grant.when {
                When::Always => "always",
                When::Database => "with a database",
                When::Ingress => "with an ingress",
                When::Secret => "with secrets",
                When::Schedule => "with a schedule",
            };
            let permissions = grant.permissions.iter().map(|it| (*it).to_owned()).collect();
            (grant.role.to_owned(), permissions, when)
        })
        .collect();
    let rows = rows();
    let lines: Vec<String> = GRANTS
        .iter()
        .map(|grant| {
            let permissions = grant.permissions.join("`, `");
            format!("| `{}` | `{permissions}` | {} |", grant.role, grant.what_for)
        })
        .collect();
    assert_eq!(rows, listed, "docs/security.md does not show:\n{}", lines.join("\n"));
}

#[test]
fn what_is_not_rendered_needs_no_permission() {
    let mut environment = resolved_gcp(&[]);
    let all = wanted(&environment);
    let listed: usize = GRANTS.iter().map(|grant| grant.permissions.len()).sum();
    assert_eq!(all.len(), listed, "the demo has one of everything");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), listed, "one is listed twice");
    let lacks = |environment: &Environment, start: &str| {
        !wanted(environment).iter().any(|it| it.starts_with(start))
    };
    environment.workloads.retain(|workload| workload.name != "nightly");
    assert!(lacks(&environment, "cloudscheduler."));
    environment.databases.clear();
    assert!(lacks(&environment, "cloudsql.") && lacks(&environment, "dns."));
    assert!(lacks(&environment, "resourcemanager.projects.setIamPolicy"));
    environment.ingresses.clear();
    assert!(lacks(&environment, "compute.urlMaps.") && lacks(&environment, "certificatemanager."));
    environment.secrets.clear();
    assert!(lacks(&environment, "secretmanager."));
    assert!(!lacks(&environment, "run.services.create"));
}

#[test]
fn all_that_are_missing_are_told_with_the_commands_that_grant_them() {
    let environment = resolved_gcp(&[]);
    let mut caller = simulated_caller(&environment.target, "kim");
    caller.arn = "user:kim@acme.example".to_owned();
    let missing = [
        "compute.networks.create",
        "compute.forwardingRules.create",
        "run.jobs.create",
        "run.jobs.runWithOverrides",
    ]
    .map(str::to_owned);
    let refused = |caller: &Identity| {
        refused(&environment.target, caller, &missing, 47, "nothing was touched")
    };
    let failure = refused(&caller);
    assert_eq!(failure.exit(), crate::failure::Exit::Failed);
    insta::assert_snapshot!(failure.to_string(), @r"
    error: 4 of 47 permissions missing in project acme-ledger
      because: you are user:kim@acme.example
      because: the network: compute.networks.create (in roles/compute.networkAdmin)
      because: services, worker pools and jobs: run.jobs.create, run.jobs.runWithOverrides (in roles/run.admin)
      because: the way to a database: compute.forwardingRules.create (in roles/compute.networkAdmin)
      because: asked for the project as a whole (projects.testIamPermissions): what is granted on a single resource, or under a condition, does not count
      because: nothing was touched
      next: `gcloud projects add-iam-policy-binding acme-ledger --member=user:kim@acme.example --role=roles/compute.networkAdmin --condition=None`
      next: `gcloud projects add-iam-policy-binding acme-ledger --member=user:kim@acme.example --role=roles/run.admin --condition=None`
      next: wait two minutes until it has arrived everywhere, and run the same command again
    ");
    // A federated identity has no name that is known here.
    caller.arn = "principal:without an e-mail address".to_owned();
    let text = refused(&caller).to_string();
    assert!(text.contains("--member=MEMBER --role=roles/run.admin"), "{text}");
}

#[test]
fn what_google_does_not_say_is_not_known() {
    let target = resolved_gcp(&[]).target;
    let found = |unknown: &[&str]| Permissions {
        missing: Vec::new(),
        unknown: unknown.iter().map(|it| (*it).to_owned()).collect(),
    };
    assert_eq!(not_known(&target, &found(&[]), 2), None);
    let some = not_known(&target, &found(&["run.jobs.run"]), 2).unwrap();
    assert!(some.starts_with("not known whether you have run.jobs.run: Google"), "{some}");
    let all = not_known(&target, &found(&["a", "b"]), 2).unwrap();
    assert!(all.contains("the 2 permissions that an install needs"), "{all}");
    assert!(all.contains("`gcloud services enable cloudresourcemanager.googleapis.com"), "{all}");
}
