//! Whose differences are, on plans as terraform writes them.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;
use crate::workspace::Workspace;

const ROOT: &str = r#"
    module "database_main" { source = "./database" }
    module "service_web" { source = "./service" }
    module "ingress_public" { source = "./ingress" }
"#;
const DATABASE: &str = r#"
    resource "aws_db_instance" "this" {
      instance_class          = var.instance_class
      allocated_storage       = 20
      backup_retention_period = 7
    }
    resource "aws_default_security_group" "this" { vpc_id = "v" }
"#;
const SERVICE: &str = r#"
    resource "aws_ecs_service" "this" {
      task_definition = "x"
      desired_count   = 1
      propagate_tags  = "SERVICE"
      lifecycle { ignore_changes = [propagate_tags] }
    }
"#;
const INGRESS: &str = r#"resource "aws_lb_listener" "https" { certificate_arn = "x" }"#;
const OLD: &str = "arn:aws:ecs:eu-central-1:111122223333:task-definition/acme-web:3";

fn configuration() -> Configuration {
    let files = [
        ("acme/terraform/foundation/main.tf", ROOT),
        ("acme/terraform/foundation/database/main.tf", DATABASE),
        ("acme/terraform/foundation/service/main.tf", SERVICE),
        ("acme/terraform/foundation/ingress/main.tf", INGRESS),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let workspace = Workspace { name: "acme".to_owned(), files: files.into_iter().collect() };
    Configuration::read(&workspace).unwrap()
}

/// A resource of a module that somebody changed, or removed (`after` is null).
fn change(module: &str, kind: &str, name: &str, before: &Value, after: &Value) -> Value {
    let actions = if after.is_null() { ["delete"] } else { ["update"] };
    json!({
        "address": format!("module.{module}.{kind}.{name}"), "module_address": format!("module.{module}"),
        "mode": "managed", "type": kind, "name": name,
        "change": {"actions": actions, "before": before, "after": after},
    })
}

fn database(before: &Value, after: &Value) -> Value {
    change("database_main", "aws_db_instance", "this", before, after)
}

fn plan(kind: &str, changes: &[Value]) -> LayerPlan {
    let json = json!({"format_version": "1.2", kind: changes});
    crate::plan::read(json.to_string().as_bytes(), "foundation").unwrap()
}

/// Owner and rule of every finding.
fn owners(drift: &Drift, changes: &[Value], wanted: Option<&[Value]>) -> Vec<(Owner, String)> {
    findings(drift, changes, wanted)
        .into_iter()
        .map(|it| (it.owner, it.rule.map_or(String::new(), |rule| rule.name)))
        .collect()
}

fn findings(drift: &Drift, changes: &[Value], wanted: Option<&[Value]>) -> Vec<Finding> {
    let known = BTreeMap::from([(OLD.to_owned(), "run-1".to_owned())]);
    let wanted = wanted.map(|changes| plan("resource_changes", changes));
    let facts =
        Facts { configuration: &configuration(), drift, known: &known, wanted: wanted.as_ref() };
    triage(Layer::Foundation, &plan("resource_drift", changes), &facts)
}

fn one(change: Value) -> (Owner, String) {
    let found = owners(&Drift::default(), &[change], None);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn what_the_configuration_sets_is_the_vendors() {
    let found = findings(
        &Drift::default(),
        &[database(&json!({"backup_retention_period": 7}), &json!({"backup_retention_period": 1}))],
        None,
    );
    assert_eq!(found[0].owner, Owner::Vendor);
    assert_eq!(found[0].text, "database main was changed: backup retention period 7 → 1");
    assert_eq!(found[0].key.as_deref(), Some("`backup_days` in `database \"main\"`"));
    assert!(found[0].rule.is_none() && !found[0].gone);
}

#[test]
fn what_is_gone_is_the_vendors() {
    let found = findings(&Drift::default(), &[database(&json!({"id": "a"}), &Value::Null)], None);
    assert_eq!((found[0].owner, found[0].gone), (Owner::Vendor, true));
    assert_eq!(found[0].text, "database main is gone from the cloud");
}

#[test]
fn what_nobody_decides_is_filtered_with_its_rule() {
    let cases = [
        (database(&json!({"address": "a"}), &json!({"address": "b"})), "not-set"),
        (
            database(&json!({"allocated_storage": 20}), &json!({"allocated_storage": 40})),
            "storage-growth",
        ),
        (
            change(
                "service_web",
                "aws_ecs_service",
                "this",
                &json!({"desired_count": 2}),
                &json!({"desired_count": 5}),
            ),
            "autoscaling",
        ),
        (
            change(
                "service_web",
                "aws_ecs_service",
                "this",
                &json!({"propagate_tags": "A"}),
                &json!({"propagate_tags": "B"}),
            ),
            "ignore-changes",
        ),
    ];
    for (change, rule) in cases {
        assert_eq!(one(change), (Owner::Cloud, rule.to_owned()));
    }
}

#[test]
fn a_closed_group_that_was_opened_is_the_vendors_though_no_line_says_so() {
    let rule = json!({"ingress": [{"from_port": 22}]});
    let opened = change(
        "database_main",
        "aws_default_security_group",
        "this",
        &json!({"ingress": []}),
        &rule,
    );
    assert_eq!(one(opened).0, Owner::Vendor);
}

#[test]
fn a_foreign_tag_is_the_vendors_unless_it_is_ignored() {
    let robot = json!({"tags": {"robot": "1"}, "tags_all": {"robot": "1", "name": "n"}});
    let tagged = database(&json!({"tags": {}, "tags_all": {"name": "n"}}), &robot);
    let found = findings(&Drift::default(), std::slice::from_ref(&tagged), None);
    assert_eq!((found.len(), found[0].owner), (1, Owner::Vendor), "{found:?}");
    assert_eq!(found[0].key.as_deref(), Some("`tags`"));
    let ignored = Drift { ignore_tags: vec!["robot".to_owned()], ..Drift::default() };
    assert_eq!(owners(&ignored, &[tagged], None), [(Owner::Cloud, "ignored-tag".to_owned())]);
}

#[test]
fn what_is_given_to_the_customer_is_the_customers() {
    let certificate = |arn: &str| json!({"certificate_arn": arn});
    let moved =
        change("ingress_public", "aws_lb_listener", "https", &certificate("a"), &certificate("b"));
    assert_eq!(one(moved.clone()).0, Owner::Vendor);
    let owned = vec!["ingress.public.certificate".to_owned()];
    let given = Drift { customer_owned: owned, ..Drift::default() };
    assert_eq!(owners(&given, &[moved], None), [(Owner::Customer, "customer-owned".to_owned())]);
}

#[test]
fn a_service_on_a_revision_that_a_receipt_knows_is_a_failed_update() {
    let runs = |arn: &str| json!({"task_definition": arn});
    let moved = |to: &str| {
        change("service_web", "aws_ecs_service", "this", &runs(&OLD.replace(":3", ":4")), &runs(to))
    };
    assert_eq!(one(moved(OLD)), (Owner::FailedUpdate, "earlier-revision".to_owned()));
    assert_eq!(one(moved(&OLD.replace(":3", ":9"))).0, Owner::Vendor, "nobody proved that one");
}

#[test]
fn what_is_wanted_like_that_by_now_is_no_drift() {
    let (before, now) = (json!({"instance_class": "a"}), json!({"instance_class": "b"}));
    let drifted = [database(&before, &now)];
    assert_eq!(
        owners(&Drift::default(), &drifted, Some(&[])),
        [(Owner::Cloud, "as-wanted".to_owned())]
    );
    let back = [database(&now, &before)];
    assert_eq!(owners(&Drift::default(), &drifted, Some(&back)), [(Owner::Vendor, String::new())]);
}

#[test]
fn one_resource_can_have_several_owners() {
    let before = json!({"allocated_storage": 20, "instance_class": "a", "address": "x"});
    let after = json!({"allocated_storage": 30, "instance_class": "b", "address": "y"});
    let found = owners(&Drift::default(), &[database(&before, &after)], None);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found.iter().filter(|(owner, _)| *owner == Owner::Vendor).count(), 1);
}

const GOOGLE_DATABASE: &str = r#"
    resource "google_sql_database_instance" "this" {
      settings {
        tier      = var.instance_class
        disk_size = 10
        ip_configuration { ipv4_enabled = false }
        dynamic "database_flags" {
          for_each = var.parameters
          content {
            name  = database_flags.key
            value = database_flags.value
          }
        }
      }
    }
"#;
const GOOGLE_SERVICE: &str = r#"
    resource "google_cloud_run_v2_service" "this" {
      template {
        scaling { min_instance_count = 1 }
        containers {
          dynamic "env" {
            for_each = var.environment
            content {
              name  = env.key
              value = env.value
            }
          }
        }
      }
    }
"#;

/// Owner, rule and text of every finding on Google Cloud.
fn on_google(changes: &[Value], known: &[(&str, &str)]) -> Vec<(Owner, String, String)> {
    let files = [
        ("acme/terraform/foundation/main.tf", ROOT),
        ("acme/terraform/foundation/database/main.tf", GOOGLE_DATABASE),
        ("acme/terraform/foundation/service/main.tf", GOOGLE_SERVICE),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let workspace = Workspace { name: "acme".to_owned(), files: files.into_iter().collect() };
    let configuration = Configuration::read(&workspace).unwrap();
    let known = known.iter().map(|(name, run)| ((*name).to_owned(), (*run).to_owned())).collect();
    let drift = Drift::default();
    let facts = Facts { configuration: &configuration, drift: &drift, known: &known, wanted: None };
    let plan = plan("resource_drift", changes);
    let found = triage(Layer::Foundation, &plan, &facts).into_iter();
    found.map(|it| (it.owner, it.rule.map_or(String::new(), |rule| rule.name), it.text)).collect()
}

fn cloud_sql(before: &Value, after: &Value) -> Value {
    let settings = |inside: &Value| json!({"settings": [inside]});
    let kind = "google_sql_database_instance";
    change("database_main", kind, "this", &settings(before), &settings(after))
}

fn cloud_run(before: &Value, after: &Value) -> Value {
    change("service_web", "google_cloud_run_v2_service", "this", before, after)
}

#[test]
fn what_google_changes_by_itself_is_noise_and_what_somebody_changed_is_not() {
    let is = |found: Value, owner: Owner, rule: &str| {
        let found = on_google(&[found], &[]);
        let told: Vec<_> = found.iter().map(|(owner, rule, _)| (*owner, rule.as_str())).collect();
        assert_eq!(told, [(owner, rule)], "{found:?}");
    };
    let (small, large) = (json!({"tier": "a"}), json!({"tier": "b"}));
    is(cloud_sql(&small, &large), Owner::Vendor, "");
    is(
        cloud_sql(&json!({"disk_size": 10}), &json!({"disk_size": 20})),
        Owner::Cloud,
        "storage-growth",
    );
    let zone = |zone: &str| json!({"location_preference": [{"zone": zone}]});
    is(cloud_sql(&zone("a"), &zone("b")), Owner::Cloud, "failover");
    let flag = |value: &str| json!({"database_flags": [{"name": "log_statement", "value": value}]});
    is(cloud_sql(&flag("ddl"), &flag("none")), Owner::Vendor, "");
    // Neither is written in the module, and both are somebody's doing.
    let stopped = |policy: &str| json!({"activation_policy": policy});
    is(cloud_sql(&stopped("ALWAYS"), &stopped("NEVER")), Owner::Vendor, "");
    let version = |version: u64| json!({"version": version});
    assert!(on_google(&[cloud_sql(&version(1), &version(2))], &[]).is_empty());
}

#[test]
fn a_database_that_was_opened_by_hand_is_told_as_that() {
    let networks = |ipv4: bool, networks: Value| json!({"ip_configuration": [{"ipv4_enabled": ipv4, "authorized_networks": networks}]});
    let opened = networks(true, json!([{"value": "0.0.0.0/0"}]));
    let found = on_google(&[cloud_sql(&networks(false, json!([])), &opened)], &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, Owner::Vendor);
    let text = "database main was changed: opens database main to the whole internet on tcp 5432";
    assert!(found[0].2.starts_with(text), "{found:?}");
}

#[test]
fn labels_of_others_stay_and_ours_do_not_change() {
    let labelled = |effective: Value| json!({"labels": null, "effective_labels": effective});
    let ours = labelled(json!({"landfall-environment": "acme"}));
    let foreign = labelled(json!({"landfall-environment": "acme", "robot": "1"}));
    let taken = labelled(json!({"landfall-environment": "other"}));
    let one = |after: &Value| {
        let found = on_google(&[cloud_run(&ours, after)], &[]);
        found.into_iter().map(|(owner, rule, _)| (owner, rule)).collect::<Vec<_>>()
    };
    assert_eq!(one(&foreign), [(Owner::Cloud, "labels-beside".to_owned())]);
    assert_eq!(one(&taken), [(Owner::Vendor, String::new())]);
}

#[test]
fn a_revision_that_never_got_ready_is_a_failed_update() {
    // A name of Google's is longer than what a line shows.
    let revision = |end: &str| format!("{}-{end}", "acme-web".repeat(7));
    let old = revision("00002-abc");
    let revisions =
        |created: &str| json!({"latest_created_revision": created, "latest_ready_revision": old});
    let failed = cloud_run(&revisions(&old), &revisions(&revision("00003-def")));
    let full = format!("projects/acme/locations/r/services/acme-web/revisions/{old}");
    for known in [full.as_str(), old.as_str()] {
        let found = on_google(std::slice::from_ref(&failed), &[(known, "run-1")]);
        assert_eq!((found[0].0, found[0].1.as_str()), (Owner::FailedUpdate, "earlier-revision"));
    }
    let unknown = on_google(&[failed], &[]);
    assert_eq!((unknown[0].0, unknown[0].1.as_str()), (Owner::Cloud, "not-set"));
}

#[test]
fn a_variable_that_somebody_added_is_the_vendors() {
    let variables = |env: Value| json!({"template": [{"containers": [{"env": env}]}]});
    let (before, after) = (
        variables(json!([{"name": "LOG_LEVEL", "value": "info"}])),
        variables(json!([{"name": "DEBUG", "value": "1"}, {"name": "LOG_LEVEL", "value": "info"}])),
    );
    let found = on_google(&[cloud_run(&before, &after)], &[]);
    assert_eq!(found[0].0, Owner::Vendor);
    assert_eq!(found[0].2, "service web was changed: variable DEBUG 1, was not set");
}
