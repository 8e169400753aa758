//! The text that a person approves for, of synthetic plans: what can hurt first, and what it means.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::super::{Proposal, ProposedJob, ProposedLayer};
use crate::environment::model::{Target, VerbRoles};
use crate::plan::{LayerPlan, read};

/// One change of a resource: `[before, after]`.
fn change(address: &str, actions: &[&str], sides: [Value; 2], more: &Value) -> Value {
    let mut parts: Vec<&str> = address.split('[').next().unwrap().split('.').collect();
    let (name, kind) = (parts.pop().unwrap(), parts.pop().unwrap());
    let index = address.split_once("[\"").map(|(_, rest)| rest.trim_end_matches("\"]"));
    let [before, after] = sides;
    let mut change = json!({"actions": actions, "before": before, "after": after,
        "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}});
    for (key, value) in more.as_object().unwrap() {
        change[key] = value.clone();
    }
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "index": index,
        "module_address": parts.join("."), "change": change})
}

fn plan(layer: &str, changes: &[Value]) -> LayerPlan {
    let json = json!({"format_version": "1.2", "resource_changes": changes});
    read(json.to_string().as_bytes(), layer).unwrap()
}

/// An update whose foundation, and whose services, change like this.
fn update(foundation: &[Value], services: &[Value]) -> Proposal {
    let layer = |name: &str, changes: &[Value]| ProposedLayer {
        plan: plan(name, changes),
        forecast: false,
    };
    Proposal {
        target: Target {
            cloud: crate::kit::model::CloudName::Aws,
            project_number: None,
            account_id: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            partition: "aws".to_owned(),
            bucket: "bucket".to_owned(),
            bucket_key: None,
            permissions_boundary: None,
            roles: VerbRoles::default(),
        },
        environment: "acme".to_owned(),
        from: Some("v1.0.0".to_owned()),
        release: "v1.1.0".to_owned(),
        kit_tree: "sha256:kit".to_owned(),
        kit_lock: "sha256:lock".to_owned(),
        workspace: "sha256:workspace".to_owned(),
        makes_state_store: false,
        layers: vec![
            layer("foundation", foundation),
            layer("jobs", &[]),
            layer("services", services),
        ],
        jobs: Vec::new(),
        tidy: None,
        rotates: None,
        tags: std::collections::BTreeMap::new(),
    }
}

#[track_caller]
fn shows(name: &str, proposal: &Proposal) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.add_filter("digest sha256:[0-9a-f]{64}", "digest [DIGEST]");
    settings.bind(|| insta::assert_snapshot!(name, proposal.text()));
}

const DATABASE: &str = "module.database_main.aws_db_instance.this";

#[test]
fn a_database_class_change() {
    let class = |class: &str| {
        json!({"engine": "postgres", "instance_class": class, "apply_immediately": true,
            "multi_az": class == "db.m7g.large", "allocated_storage": 20})
    };
    let sides = [class("db.t4g.small"), class("db.m7g.large")];
    shows(
        "database_class_change",
        &update(&[change(DATABASE, &["update"], sides, &json!({}))], &[]),
    );
}

#[test]
fn a_database_replacement() {
    let named = |name: &str| {
        json!({"engine": "postgres", "db_name": name, "instance_class": "db.t4g.small",
            "skip_final_snapshot": false})
    };
    let replaced = change(
        DATABASE,
        &["delete", "create"],
        [named("ledger"), named("other")],
        &json!({"replace_paths": [["db_name"]]}),
    );
    let mut proposal = update(&[replaced], &[]);
    proposal.jobs.push(ProposedJob {
        name: "migrate".to_owned(),
        purpose: "migration".to_owned(),
        image: "v.example/app@sha256:ab".to_owned(),
    });
    shows("database_replacement", &proposal);
}

#[test]
fn buckets_and_secrets_that_go_and_a_secret_that_comes() {
    let gone = |address: &str, before: Value| {
        change(address, &["delete"], [before, Value::Null], &json!({}))
    };
    let secret = |key: &str| format!("module.secrets.aws_secretsmanager_secret.this[\"{key}\"]");
    shows(
        "bucket_deletion",
        &update(
            &[
                change(&secret("api_key"), &["create"], [Value::Null, json!({})], &json!({})),
                gone("module.bucket_uploads.aws_s3_bucket.this", json!({})),
                gone(&secret("session"), json!({"recovery_window_in_days": 30})),
            ],
            &[],
        ),
    );
}

#[test]
fn what_stands_still_is_told() {
    let cpu = |cpu: &str, memory: &str, revision: u32| {
        json!({"cpu": cpu, "memory": memory, "revision": revision, "container_definitions":
            json!([{"name": "main", "image": "v.example/web@sha256:ab"}]).to_string()})
    };
    let task = change(
        "module.service_web.aws_ecs_task_definition.this",
        &["create", "delete"],
        [cpu("512", "1024", 1), cpu("1024", "2048", 2)],
        &json!({"replace_paths": [["cpu"], ["memory"]]}),
    );
    let definition = |arn: &str| {
        json!({"task_definition": arn, "desired_count": 1,
        "deployment_minimum_healthy_percent": 0})
    };
    let service = change(
        "module.service_web.aws_ecs_service.this",
        &["update"],
        [definition("web:1"), definition("web:2")],
        &json!({}),
    );
    let balancer = change(
        "module.ingress_public.aws_lb.this",
        &["delete", "create"],
        [json!({"internal": true}), json!({"internal": false})],
        &json!({"replace_paths": [["internal"]]}),
    );
    shows("downtime", &update(&[balancer], &[task, service]));
}

#[test]
fn rights_are_told_by_who_may_do_what() {
    let policy = |actions: &Value| {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        json!({"policy": json!({"Statement": [statement]}).to_string()})
    };
    let role = change(
        "module.identity_service_web.aws_iam_role_policy.execution",
        &["update"],
        [policy(&json!("sqs:SendMessage")), policy(&json!(["s3:GetObject", "s3:PutObject"]))],
        &json!({}),
    );
    let open = json!({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 443,
        "to_port": 443});
    let clients = |range: &str| {
        format!(
            "module.network.aws_vpc_security_group_ingress_rule.clients[\"public:443:{range}\"]"
        )
    };
    let opened = change(&clients("0.0.0.0/0"), &["create"], [Value::Null, open], &json!({}));
    let office = json!({"cidr_ipv4": "203.0.113.0/24", "ip_protocol": "tcp", "from_port": 443,
        "to_port": 443});
    let closed = change(&clients("203.0.113.0/24"), &["delete"], [office, Value::Null], &json!({}));
    shows("security_group_opened", &update(&[role, closed, opened], &[]));
}

#[test]
fn what_is_tidied_counts_as_much_as_the_rest() {
    let mut proposal = update(&[], &[]);
    assert!(proposal.is_empty());
    let before = proposal.digest();
    let bucket = "module.bucket_uploads.aws_s3_bucket.this";
    let gone = change(bucket, &["delete"], [json!({}), Value::Null], &json!({}));
    proposal.tidy = Some(plan("foundation", &[gone]));
    assert!(!proposal.is_empty());
    assert_ne!(proposal.digest(), before);
    assert_eq!(proposal.losses(), [bucket]);
    shows("tidy", &proposal);
    assert_eq!(proposal.document()["tidy"]["sentences"][0]["risk"], "loses-data");
}
