//! Drift: what was changed behind Landfall's back is found, told with its owner, and taken back.

use serde_json::{Value as Json, json};

use super::{approved_update, install, update};
use crate::support::{DEMO, Root, Said, Terminal, redacted};

/// Somebody keeps the backups for longer, by hand.
const BACKUPS: &str = "drift=aws_db_instance[main].backup_retention_period=30";

fn drift<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["drift", DEMO, "--engine", "simulated"], more].concat()
}

fn days(root: &Root) -> Json {
    let databases = root.account(DEMO)["resources"]["aws_db_instance"].clone();
    let database = databases.as_object().unwrap().values().next().unwrap().clone();
    database["state"]["backup_retention_period"].clone()
}

/// The object that a machine reads: the last line.
fn report(said: &Said) -> Json {
    serde_json::from_str(said.out.trim().lines().last().unwrap()).unwrap()
}

#[test]
fn what_was_changed_is_found_and_the_two_ways_out_are_named() {
    let root = Root::installed();
    let said = root.landfall(&drift(&[])).ends_with(0);
    redacted(&root).bind(|| insta::assert_snapshot!("drift-none", said.out));

    let said = root.landfall(&drift(&["--fault", BACKUPS])).ends_with(3);
    redacted(&root).bind(|| insta::assert_snapshot!("drift", said.out));
    let (before, lock) = (root.states(DEMO), root.lock(DEMO));

    let said = root.landfall(&drift(&["--format", "json"])).ends_with(3);
    let report = report(&said);
    assert_eq!((&report["type"], &report["drift"]), (&json!("drift"), &json!(true)));
    let lock_text: Json = serde_json::from_str(lock.as_deref().unwrap()).unwrap();
    assert_eq!(report["since"], lock_text["receipt_run"]);
    let findings = report["findings"].as_array().unwrap();
    let vendors: Vec<&Json> = findings.iter().filter(|it| it["owner"] == "vendor").collect();
    assert_eq!(vendors.len(), 1, "{findings:#?}");
    assert_eq!(vendors[0]["address"], "module.database_main.aws_db_instance.this");
    assert_eq!(vendors[0]["attributes"][0]["after"], "30");
    assert!(findings.iter().all(|it| it["owner"] != "cloud" || it["rule"]["name"].is_string()));
    assert_eq!(root.states(DEMO), before, "a look changes nothing");
    assert_eq!(root.lock(DEMO), lock);
}

#[test]
fn drift_is_taken_back_with_an_approval_and_nothing_else_is() {
    let root = Root::installed();
    let wanted = days(&root);
    root.landfall(&drift(&["--fault", BACKUPS])).ends_with(3);
    let before = root.states(DEMO);

    let refused = root.landfall(&drift(&["--revert"])).ends_with(4).stops_at("approval");
    refused.says(&[
        "changes database main: backup retention period 30 → ",
        "the plan is not approved",
    ]);
    let said = root.landfall(&drift(&["--revert"])).ends_with(4);
    let digest = regex::Regex::new("sha256:[0-9a-f]{64}").unwrap();
    let digest = digest.find(&said.err).unwrap().as_str().to_owned();
    assert_eq!(root.states(DEMO), before, "nothing was touched");

    let said = root.landfall(&drift(&["--revert", "--approve", &digest])).ends_with(0);
    redacted(&root).bind(|| insta::assert_snapshot!("drift-reverted", said.err));
    assert_eq!(days(&root), wanted);
    let lock: Json = serde_json::from_str(&root.lock(DEMO).unwrap()).unwrap();
    let receipt = root.receipt(DEMO, lock["receipt_run"].as_str().unwrap());
    assert_eq!(receipt["command"], format!("drift {DEMO} --revert"));
    assert_eq!(receipt["approval"]["by"], "digest");

    root.landfall(&drift(&[])).ends_with(0);
    root.landfall(&drift(&["--revert"])).ends_with(0).says(&["nothing to take back"]);
    root.landfall(&install(DEMO, &[])).ends_with(0).says(&["nothing to change"]);
}

#[test]
fn a_person_takes_back_what_was_removed() {
    let root = Root::installed();
    let count = root.resources(DEMO)["aws_cloudwatch_metric_alarm"];
    let gone = "drift=aws_cloudwatch_metric_alarm";
    let said = root.landfall(&drift(&["--fault", gone])).ends_with(3);
    said.says(&["gone from the cloud"]);
    let mut terminal = Terminal::landfall(&root, &drift(&["--revert"]));
    terminal.approves();
    terminal.end().ends_with(0).says(&["taken back and verified"]);
    assert_eq!(root.resources(DEMO)["aws_cloudwatch_metric_alarm"], count);
}

#[test]
fn what_is_the_customers_the_clouds_or_wanted_by_now_is_no_drift() {
    let root = Root::installed();
    let file = "environments/demo-aws/environment.hcl";
    let tagged = ["--fault", "drift=aws_kms_key.tags.cost-robot=yes"];
    let port = ["--fault", "drift=aws_lb_listener.ssl_policy=ELBSecurityPolicy-2016-08"];
    let scaled = ["--fault", "drift=aws_ecs_service[web].desired_count=7"];
    let said = root.landfall(&drift(&[tagged, port, scaled].concat())).ends_with(3);
    said.says(&["cost-robot"]);

    root.edit(
        file,
        "# The kit's questions.",
        "drift {\n  ignore_tags    = [\"cost-robot\"]\n  customer_owned = [ingress.public.certificate]\n}\n",
    );
    let said = root.landfall(&drift(&["-v", "--fault", BACKUPS])).ends_with(3);
    said.says(&["ignored-tag", "backup retention period"]);
    // The second way out: somebody writes it down.
    root.edit(file, "inputs = {", "database \"main\" { backup_days = 30 }\ninputs = {");
    let said = root.landfall(&drift(&["-v"])).ends_with(0);
    said.says(&["ignored-tag", "as-wanted", "backup retention period"]);
}

/// How often terraform read the database while the run that was verified last looked and planned.
fn reads(root: &Root) -> usize {
    let lock: Json = serde_json::from_str(&root.lock(DEMO).unwrap()).unwrap();
    let runs = root.rehearsal(DEMO).join("environments").join(DEMO).join("runs");
    let run = runs.join(lock["receipt_run"].as_str().unwrap());
    let stream = std::fs::read_to_string(run.join("terraform-foundation-plan.jsonl")).unwrap();
    let events = stream.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let is_read = |event: &Json| {
        event["type"] == "refresh_start"
            && event["hook"]["resource"]["addr"] == "module.database_main.aws_db_instance.this"
    };
    events.filter(is_read).count()
}

#[test]
fn what_the_look_has_read_the_plan_reads_again_only_where_something_differs() {
    let root = Root::installed();
    let file = "environments/demo-aws/environment.hcl";
    root.edit(file, "ledger@acme", "other@acme");
    approved_update(&root, DEMO, &[]).ends_with(0);
    assert_eq!(reads(&root), 1);
    root.edit(file, "other@acme", "third@acme");
    let tagged = ["--fault", "drift=aws_kms_key.tags.cost-robot=yes"];
    approved_update(&root, DEMO, &tagged).ends_with(0);
    // What differs, what terraform would do about it, and what is planned.
    assert_eq!(reads(&root), 3);
}

#[test]
fn a_service_on_an_earlier_revision_is_an_update_that_failed() {
    let root = Root::installed();
    let web = |root: &Root| {
        let account = root.account(DEMO);
        let services = account["resources"]["aws_ecs_service"].as_object().unwrap().clone();
        let mut all = services.into_iter();
        all.find(|(_, it)| it["state"]["name"].as_str().unwrap().ends_with("web")).unwrap()
    };
    let (arn, first) = web(&root);
    root.edit("environments/demo-aws/environment.hcl", "ledger@acme", "other@acme");
    approved_update(&root, DEMO, &[]).ends_with(0);
    let second = web(&root).1["state"]["task_definition"].clone();
    assert_ne!(first["state"]["task_definition"], second);
    root.tamper(DEMO, |account| {
        account["resources"]["aws_ecs_service"][&arn]["state"]["task_definition"] =
            first["state"]["task_definition"].clone();
    });
    let said = root.landfall(&drift(&[])).ends_with(0);
    said.says(&["an update that failed", "earlier-revision", "the platform took an update back"]);
    // Nobody has to take that back first: the update is what puts it right.
    approved_update(&root, DEMO, &[]).ends_with(0);
    assert_eq!(web(&root).1["state"]["task_definition"], second);
}

#[test]
fn drift_of_all_environments_and_of_none() {
    let root = Root::installed();
    let all = ["drift", "--all", "--engine", "simulated"];
    root.landfall(&all).ends_with(0).says(&["demo-aws is as it was installed"]);
    root.landfall(&[&all, ["--fault", BACKUPS].as_slice()].concat()).ends_with(3);

    let fresh = Root::demo();
    fresh.landfall(&drift(&[])).ends_with(0).says(&["demo-aws is not installed"]);
    let said = fresh.landfall(&drift(&["--revert"])).ends_with(2);
    said.says(&["demo-aws is not installed yet"]);
}

#[test]
fn drift_is_taken_back_to_what_is_locked_and_to_nothing_else() {
    let root = Root::installed();
    root.landfall(&drift(&["--fault", BACKUPS])).ends_with(3);
    root.edit("environments/demo-aws/environment.hcl", "ledger@acme", "other@acme");
    let said = root.landfall(&drift(&["--revert"])).ends_with(2);
    said.says(&["environment.hcl was changed since it was installed", "git stash"]);
    // A preview is told, and goes on.
    let said = root.landfall(&update(DEMO, &[])).ends_with(4);
    said.says(&["backup retention period", "goes on"]);
}
