//! What goes wrong ends at its step, says what happened and what to type; the same command then
//! goes on to the end.

use super::{LICENCE, approved_install, approved_update, first_install, install};
use crate::support::{DEMO, Root, Said, Terminal};

const ENVIRONMENT: &str = "environments/demo-aws/environment.hcl";

#[track_caller]
fn completes(root: &Root) -> Said {
    let said = approved_install(root, DEMO, &[]).ends_with(0).says(&["installed and verified"]);
    assert!(root.lock(DEMO).is_some());
    assert_eq!(root.resources(DEMO), Root::installed().resources(DEMO), "as after one go");
    said
}

#[test]
fn an_unhealthy_service_ends_a_first_install_and_the_next_completes_it() {
    let root = Root::demo();
    let fault = ["--fault", "unhealthy=web:times=always"];
    let said = first_install(&root, DEMO, &fault).ends_with(1).stops_at("services").says(&[
        "service web does not become healthy",
        "Task failed ELB health checks",
        "simulated fault: unhealthy=web",
        "next: read its log: `aws logs tail",
        "next: mend the cause, then run `landfall install demo-aws` again",
    ]);
    assert!(!said.steps().iter().any(|(step, _)| step == "verify"));
    assert_eq!(root.lock(DEMO), None, "what is not verified is not locked");

    let said = completes(&root);
    let unchanged = |step: &str| said.steps().contains(&(step.to_owned(), "--".to_owned()));
    for step in ["foundation", "secrets", "jobs", "bootstrap database", "migrate"] {
        assert!(unchanged(step), "{step} was done before:\n{}", said.err);
    }
    assert_eq!(root.jobs(DEMO), ["bootstrap_main", "migrate"], "no job ran twice");
}

#[test]
fn a_failed_migration_ends_a_first_install_and_the_next_completes_it() {
    let root = Root::demo();
    let fault = ["--fault", "job=migrate:exit=3"];
    first_install(&root, DEMO, &fault).ends_with(1).stops_at("migrate").says(&[
        "job migrate ended with exit code 3",
        "the end of its log:",
        "simulated fault: job=migrate:exit=3: migrate exits with code 3",
        "no service was touched",
        "next: mend the cause, then run `landfall install demo-aws` again",
    ]);
    assert_eq!(root.lock(DEMO), None);
    assert!(!root.resources(DEMO).contains_key("aws_ecs_service"), "no service was made");

    completes(&root);
    assert_eq!(root.jobs(DEMO), ["bootstrap_main", "migrate", "migrate"]);
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

#[test]
fn g6_a_failed_migration_leaves_the_services_that_run_alone() {
    let root = Root::installed();
    let (services, lock) = (services(&root), root.lock(DEMO));
    root.edit(ENVIRONMENT, "ledger@acme.example", "other@acme.example");
    let fault = ["--fault", "job=migrate"];
    approved_update(&root, DEMO, &fault)
        .ends_with(1)
        .stops_at("migrate")
        .says(&["no service was touched: what was serving before still serves"]);
    assert_eq!(self::services(&root), services, "they run what they ran");
    assert_eq!(root.lock(DEMO), lock);

    approved_update(&root, DEMO, &[]).ends_with(0);
    assert_ne!(self::services(&root), services);
    assert_ne!(root.lock(DEMO), lock);
}

#[test]
fn g10_a_service_that_the_platform_takes_back_is_a_failed_install() {
    let root = Root::installed();
    let lock = root.lock(DEMO);
    root.edit(ENVIRONMENT, "ledger@acme.example", "other@acme.example");
    let said = approved_update(&root, DEMO, &["--fault", "unhealthy=web"]).ends_with(1);
    said.says(&["service web", "went back to v1.0.0: 2 services, verified"])
        .never_says(&["updated and verified"]);
    let definition = variables(&root, &services(&root)[0].1);
    let is = |sender: &str| definition.contains(sender);
    assert!(is("ledger@acme.example") && !is("other@acme.example"), "{definition}");
    assert_eq!(root.lock(DEMO), lock, "what is not verified is not locked");

    approved_update(&root, DEMO, &[]).ends_with(0);
    assert_ne!(root.lock(DEMO), lock);
}

/// The containers of a task definition.
fn variables(root: &Root, arn: &str) -> String {
    let account = root.account(DEMO);
    let all = account["resources"]["aws_ecs_task_definition"].as_object().unwrap().values();
    let mut found = all.filter(|it| it["state"]["arn"] == arn);
    found.next().unwrap()["state"]["container_definitions"].to_string()
}

/// The task definition of each service, as the platform has it.
fn services(root: &Root) -> Vec<(String, String)> {
    let account = root.account(DEMO);
    let all = account["resources"]["aws_ecs_service"].as_object().unwrap().values();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut services: Vec<_> = all
        .map(|service| {
            (text(&service["state"]["name"]), text(&service["state"]["task_definition"]))
        })
        .collect();
    services.sort();
    services
}
