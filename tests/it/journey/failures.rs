//! What goes wrong ends at its step, says what happened and what to type; the same command then
//! goes on to the end.

use std::collections::BTreeMap;

use landfall::kit::model::CloudName;
use serde_json::Value as Json;

use super::{LICENCE, approved_install, approved_update, first_install, install};
use crate::support::{DEMO, Demo, GOOGLE, Root, Said, Terminal, on_both_clouds};

on_both_clouds!(
    an_unhealthy_service_ends_a_first_install_and_the_next_completes_it,
    a_failed_migration_ends_a_first_install_and_the_next_completes_it,
    g6_a_failed_migration_leaves_the_services_that_run_alone,
    g10_a_service_that_the_platform_takes_back_is_a_failed_install,
);

#[track_caller]
fn completes(on: &Demo, root: &Root) -> Said {
    let said = approved_install(root, on.name, &[]).ends_with(0).says(&["installed and verified"]);
    assert!(root.lock(on.name).is_some());
    assert_eq!(root.resources(on.name), on.installed().resources(on.name), "as after one go");
    said
}

fn an_unhealthy_service_ends_a_first_install_and_the_next_completes_it(on: &'static Demo) {
    let root = on.root();
    let fault = ["--fault", "unhealthy=web:times=always"];
    let said = first_install(&root, on.name, &fault).ends_with(1).stops_at("services").says(&[
        "service web does not become healthy",
        on.either("Task failed ELB health checks", "failed the configured startup probe checks"),
        "simulated fault: unhealthy=web",
        on.either("next: read its log: `aws logs tail", "next: read its log: `gcloud logging read"),
        &format!("next: mend the cause, then run `landfall install {}` again", on.name),
    ]);
    assert!(!said.steps().iter().any(|(step, _)| step == "verify"));
    assert_eq!(root.lock(on.name), None, "what is not verified is not locked");

    let said = completes(on, &root);
    let unchanged = |step: &str| said.steps().contains(&(step.to_owned(), "--".to_owned()));
    for step in ["foundation", "secrets", "jobs", "bootstrap database", "migrate"] {
        assert!(unchanged(step), "{step} was done before:\n{}", said.err);
    }
    assert_eq!(root.jobs(on.name), ["bootstrap_main", "migrate"], "no job ran twice");
}

fn a_failed_migration_ends_a_first_install_and_the_next_completes_it(on: &'static Demo) {
    let root = on.root();
    let fault = ["--fault", "job=migrate:exit=3"];
    first_install(&root, on.name, &fault).ends_with(1).stops_at("migrate").says(&[
        "job migrate ended with exit code 3",
        "the end of its log:",
        "simulated fault: job=migrate:exit=3: migrate exits with code 3",
        "no service was touched",
        &format!("next: mend the cause, then run `landfall install {}` again", on.name),
    ]);
    assert_eq!(root.lock(on.name), None);
    assert!(!root.resources(on.name).contains_key(on.service), "no service was made");

    completes(on, &root);
    assert_eq!(root.jobs(on.name), ["bootstrap_main", "migrate", "migrate"]);
}

#[test]
fn an_api_that_the_organization_forbids_ends_an_install_before_anything_is_made() {
    let root = GOOGLE.root();
    let fault = ["--fault", "policy=sqladmin.googleapis.com"];
    let said = first_install(&root, GOOGLE.name, &fault).ends_with(1).stops_at("state store");
    said.says(&[
        "cannot enable the APIs that are missing: sqladmin.googleapis.com (databases)",
        "constraints/gcp.restrictServiceUsage",
        "simulated fault: policy=sqladmin.googleapis.com",
        "ask the organization's admin for an exception for project acme-ledger",
        "`gcloud org-policies describe gcp.restrictServiceUsage --effective --project=acme-ledger`",
    ]);
    assert!(root.resources(GOOGLE.name).is_empty(), "nothing was made");
}

#[test]
fn what_cannot_be_asked_before_the_apis_are_on_is_asked_before_anything_is_made() {
    let root = GOOGLE.root();
    let off = ["--fault", "disabled=cloudresourcemanager.googleapis.com"];
    let denied = ["--fault", "deny=run:jobs.create"];
    let faults = [off, denied].concat();
    first_install(&root, GOOGLE.name, &faults).ends_with(1).stops_at("state store").says(&[
        "not known whether you have the 48 permissions that an install needs",
        "`gcloud services enable cloudresourcemanager.googleapis.com --project=acme-ledger`",
        "error: 1 of 48 permissions missing in project acme-ledger",
        "services, worker pools and jobs: run.jobs.create (in roles/run.admin)",
        "because: only the state bucket and APIs were made",
    ]);
    assert!(root.resources(GOOGLE.name).is_empty(), "nothing was made");

    // The API is on now, so the first look tells.
    let said = Terminal::landfall(&root, &install(GOOGLE.name, &faults)).end();
    said.ends_with(1).stops_at("preflight").says(&["because: nothing was touched"]);
    first_install(&root, GOOGLE.name, &off).ends_with(0).says(&["installed and verified"]);
}

#[test]
fn an_error_in_the_middle_of_a_layer_keeps_what_was_made() {
    let root = Root::demo();
    let fault = ["--fault", "create=aws_*:nth=3"];
    first_install(&root, DEMO, &fault).ends_with(1).stops_at("foundation").says(&[
        "failed to apply the layer foundation",
        "simulated fault: create=aws_*:nth=3",
        "done before that, and",
        "next: run the same command again: it plans anew and goes on from here",
    ]);
    assert!(!root.resources(DEMO).is_empty(), "what was made is kept");
    assert!(!root.resources(DEMO).contains_key("aws_ecs_task_definition"), "no later layer");
    assert_eq!(root.jobs(DEMO), [""; 0]);

    // The secret was never written, so it is asked for again.
    let mut terminal = Terminal::landfall(&root, &install(DEMO, &[]));
    terminal.until("licence").types_hidden(LICENCE).approves();
    terminal.end().ends_with(0).says(&["installed and verified"]);
    assert_eq!(root.resources(DEMO), Root::installed().resources(DEMO), "as after one go");
}

fn g6_a_failed_migration_leaves_the_services_that_run_alone(on: &'static Demo) {
    let root = on.installed();
    let (services, lock) = (serving(on, &root), root.lock(on.name));
    root.edit(&on.file(), "ledger@acme.example", "other@acme.example");
    let fault = ["--fault", "job=migrate"];
    approved_update(&root, on.name, &fault)
        .ends_with(1)
        .stops_at("migrate")
        .says(&["no service was touched: what was serving before still serves"]);
    assert_eq!(serving(on, &root), services, "they run what they ran");
    assert_eq!(root.lock(on.name), lock);

    approved_update(&root, on.name, &[]).ends_with(0);
    assert_ne!(serving(on, &root), services);
    assert_ne!(root.lock(on.name), lock);
}

fn g10_a_service_that_the_platform_takes_back_is_a_failed_install(on: &'static Demo) {
    let root = on.installed();
    let lock = root.lock(on.name);
    root.edit(&on.file(), "ledger@acme.example", "other@acme.example");
    let said = approved_update(&root, on.name, &["--fault", "unhealthy=web"]).ends_with(1);
    said.says(&["service web", "went back to v1.0.0: 2 services, verified"])
        .never_says(&["updated and verified"]);
    let definition = &serving(on, &root)["web"];
    let is = |sender: &str| definition.contains(sender);
    assert!(is("ledger@acme.example") && !is("other@acme.example"), "{definition}");
    assert_eq!(root.lock(on.name), lock, "what is not verified is not locked");

    approved_update(&root, on.name, &[]).ends_with(0);
    assert_ne!(root.lock(on.name), lock);
}

/// Service → the containers of what it serves, as the platform has them.
fn serving(on: &Demo, root: &Root) -> BTreeMap<String, String> {
    let account = root.account(on.name);
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let definition = |arn: &str| {
        let mut all = account["resources"]["aws_ecs_task_definition"].as_object().unwrap().values();
        let found = all.find(|it| it["state"]["arn"] == arn).unwrap();
        text(&found["state"]["container_definitions"])
    };
    let revision = |id: &str| {
        let revisions = &account["cloud_run"][id];
        let mut all = revisions["all"].as_array().unwrap().iter();
        let ready = all.find(|it| it["name"] == revisions["ready"]).unwrap();
        ready["template"][0]["containers"].to_string()
    };
    let services = account["resources"][on.service].as_object().unwrap().values();
    let served = services.map(|service| {
        let state = &service["state"];
        let name = text(&state["name"]).rsplit('-').next().unwrap().to_owned();
        match on.cloud {
            CloudName::Aws => (name, definition(&text(&state["task_definition"]))),
            CloudName::Gcp => (name, revision(&text(&state["id"]))),
        }
    });
    served.collect()
}
