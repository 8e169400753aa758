//! Whole plans and what an operator reads.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;

/// One change: `module` may be empty; `sides` is `[before, after]`.
pub(super) fn change(address: &str, actions: &[&str], sides: [Value; 2], more: &Value) -> Value {
    let mut parts: Vec<&str> = address.split('[').next().unwrap().split('.').collect();
    let (name, kind) = (parts.pop().unwrap(), parts.pop().unwrap());
    let index = address.split_once("[\"").map(|(_, rest)| rest.trim_end_matches("\"]"));
    let [before, after] = sides;
    let mut change = json!({"actions": actions, "before": before, "after": after,
        "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}});
    for (key, value) in more.as_object().into_iter().flatten() {
        change[key] = value.clone();
    }
    let mut entry = json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "index": index, "change": change});
    if !parts.is_empty() {
        entry["module_address"] = json!(parts.join("."));
    }
    entry
}

pub(super) fn create(address: &str) -> Value {
    change(address, &["create"], [Value::Null, json!({})], &json!({}))
}

pub(super) fn told(changes: &[Value]) -> Vec<String> {
    told_with(changes, Words::default())
}

pub(super) fn told_with(changes: &[Value], words: Words<'_>) -> Vec<String> {
    let json = json!({"format_version": "1.2", "resource_changes": changes}).to_string();
    let plan = super::super::read(json.as_bytes(), "foundation").unwrap();
    sentences(&plan, words).into_iter().map(|sentence| sentence.text).collect()
}

#[test]
fn creations_are_grouped_and_what_holds_something_comes_first() {
    let database = change(
        "module.database_main.aws_db_instance.this",
        &["create"],
        [
            Value::Null,
            json!({"engine": "postgres", "engine_version": "17", "apply_immediately": false,
                "instance_class": "db.t4g.small", "allocated_storage": 20}),
        ],
        &json!({}),
    );
    assert_eq!(
        told(&[
            create("module.network.aws_subnet.private[\"a\"]"),
            create("module.network.aws_subnet.private[\"b\"]"),
            create("module.network.aws_subnet.private[\"c\"]"),
            create("module.network.aws_subnet.public[\"a\"]"),
            create("aws_xray_group.traces"),
            create("module.service_web.aws_ecs_service.this"),
            create("module.service_api.aws_ecs_service.this"),
            create("module.network.aws_vpc.this"),
            create("module.service_web.aws_lb_target_group.this"),
            create("aws_sns_topic.alarms"),
            database,
        ]),
        [
            "creates database main (postgres 17, db.t4g.small, 20 GB)",
            "creates network",
            "creates 3 private subnets",
            "creates public subnet a of network",
            "creates 2 services: web, api",
            "creates target group of service web",
            "creates alarms notification topic",
            "creates aws_xray_group traces",
        ]
    );
}

#[test]
fn losses_come_first_and_say_what_is_lost_and_why() {
    let replace = change(
        "module.database_main.aws_db_instance.this",
        &["delete", "create"],
        [json!({"storage_encrypted": false}), json!({"storage_encrypted": true})],
        &json!({"replace_paths": [["storage_encrypted"]]}),
    );
    let delete = |address| change(address, &["delete"], [json!({}), Value::Null], &json!({}));
    assert_eq!(
        told(&[
            create("module.network.aws_vpc.this"),
            delete("module.service_web.aws_lb_target_group.this"),
            delete("module.secrets.aws_secretsmanager_secret.this[\"session\"]"),
            replace,
            change(
                "module.ingress.aws_lb.this",
                &["delete", "create"],
                [json!({"internal": true}), json!({"internal": false})],
                &json!({"replace_paths": [["internal"]]}),
            ),
        ]),
        [
            "deletes secret session: its value is lost and must be set again",
            "replaces database main: all data in it is lost unless restored (storage encrypted \
             false → true)",
            "deletes target group of service web",
            "replaces load balancer of ingress: its host name changes, so the DNS records must \
             follow (internal true → false)",
            "creates network",
        ]
    );
}

#[test]
fn a_database_change_says_when_it_happens() {
    let update = |immediately: bool| {
        told(&[change(
            "module.database_main.aws_db_instance.this",
            &["update"],
            [
                json!({"instance_class": "db.t4g.small", "tags_all": {"a": "1"}}),
                json!({"instance_class": "db.m7g.large", "tags_all": {"a": "2"},
                    "apply_immediately": immediately}),
            ],
            &json!({"before_sensitive": {}}),
        )])
    };
    assert_eq!(
        update(false),
        ["changes database main: instance class db.t4g.small → db.m7g.large, at the next \
             maintenance window"]
    );
    assert!(update(true)[0].ends_with(", at once: it restarts"), "{:?}", update(true));
}

fn task(image: &str, more: &[(&str, &str)], secrets: &[&str]) -> Value {
    let environment: Vec<Value> =
        more.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let secrets: Vec<Value> =
        secrets.iter().map(|name| json!({"name": name, "valueFrom": "arn"})).collect();
    let document = json!([{"name": "web", "image": image, "environment": environment,
        "secrets": secrets}]);
    json!({"container_definitions": document.to_string()})
}

fn rollout(before: Value, after: Value) -> Vec<Value> {
    vec![
        change(
            "module.service_web.aws_ecs_task_definition.this",
            &["create", "delete"],
            [before, after],
            &json!({"replace_paths": [["container_definitions"]]}),
        ),
        change(
            "module.service_web.aws_ecs_service.this",
            &["update"],
            [json!({"task_definition": "web:1"}), json!({})],
            &json!({"after_unknown": {"task_definition": true}}),
        ),
    ]
}

#[test]
fn a_new_release_is_one_sentence_per_service() {
    let changes = rollout(
        task("v.example/web@sha256:ab12ab12ab12", &[("LOG_LEVEL", "info"), ("OLD", "1")], &[]),
        task(
            "v.example/web@sha256:cd34cd34cd34",
            &[("LOG_LEVEL", "debug"), ("NEW", "1")],
            &["SESSION"],
        ),
    );
    let more = "; variable LOG_LEVEL info → debug; new variable NEW; variable OLD goes; \
                new secret SESSION";
    assert_eq!(
        told(&changes),
        [format!("service web: image sha256:ab12ab12… → sha256:cd34cd34…{more}")]
    );
    let label = |mut task: Value, tag: &str| {
        let text = task["container_definitions"].as_str().unwrap();
        let mut containers: Value = serde_json::from_str(text).unwrap();
        containers[0]["dockerLabels"] = json!({"landfall.image.tag": tag});
        task["container_definitions"] = containers.to_string().into();
        task
    };
    let between = |old: &str, new: &str| {
        rollout(
            label(task("v.example/web@sha256:ab12ab12ab12", &[], &[]), old),
            label(task("v.example/web@sha256:cd34cd34cd34", &[], &[]), new),
        )
    };
    assert_eq!(told(&between("v1.0.0", "v1.1.0")), ["web: v1.0.0 → v1.1.0"]);
    // A tag that names two images says nothing.
    assert_eq!(
        told(&between("v1.0.0", "v1.0.0")),
        ["service web: image sha256:ab12ab12… → sha256:cd34cd34…, both called v1.0.0"]
    );
    let tag_of =
        |digest: &str| Some(if digest.contains("ab12") { "1.0.0" } else { "1.1.0" }.to_owned());
    let words = |digests| Words { tag_of: &tag_of, digests };
    assert_eq!(told_with(&changes, words(false)), [format!("web: 1.0.0 → 1.1.0{more}")]);
    assert_eq!(
        told_with(&changes, words(true)),
        [format!("web: 1.0.0 → 1.1.0 (sha256:ab12ab12… → sha256:cd34cd34…){more}")]
    );
}

#[test]
fn a_release_that_is_not_known_yet_says_so() {
    let changes = rollout(task("v.example/web@sha256:ab", &[], &[]), json!({}));
    assert_eq!(
        told(&changes),
        ["service web: a new task definition, its content is known after apply"]
    );
}

#[test]
fn unknown_types_read_well_enough() {
    let update = change(
        "module.extra.aws_new_thing.front_door",
        &["update"],
        [
            json!({"a": "1", "policy": "{\n}", "c": 3, "n": {"deep": [1]}}),
            json!({"a": "2", "policy": "{\n\n}", "c": null, "n": {"deep": [2]}}),
        ],
        &json!({}),
    );
    let forget = change("aws_new_thing.left", &["forget"], [json!({}), Value::Null], &json!({}));
    assert_eq!(
        told(&[update, forget]),
        [
            "lets go of aws_new_thing left: it stays in the cloud, unmanaged",
            "changes aws_new_thing front_door of extra: a 1 → 2, c no longer set, was 3, \
             n.deep.0 1 → 2, policy",
        ]
    );
}

#[test]
fn outputs_alone_are_a_quiet_change() {
    let json = json!({"format_version": "1.2", "output_changes": {"url": {"actions": ["create"]}}});
    let plan = super::super::read(json.to_string().as_bytes(), "foundation").unwrap();
    assert_eq!(sentences(&plan, Words::default())[0].text, "only outputs change: url");
    assert!(!plan.is_empty());
}

#[test]
fn drift_is_told_as_what_somebody_did() {
    let gone = change("aws_sns_topic.alarms", &["delete"], [json!({}), Value::Null], &json!({}));
    let noise =
        change("aws_vpc.a", &["update"], [json!({"arn": "1"}), json!({"arn": "2"})], &json!({}));
    let changed = change(
        "module.service_web.aws_ecs_service.this",
        &["update"],
        [json!({"desired_count": 3}), json!({"desired_count": 0})],
        &json!({}),
    );
    let json = json!({"format_version": "1.2", "resource_drift": [changed, noise, gone]});
    let plan = super::super::read(json.to_string().as_bytes(), "services").unwrap();
    let texts: Vec<String> = drifted(&plan).into_iter().map(|sentence| sentence.text).collect();
    assert_eq!(
        texts,
        [
            "alarms notification topic is gone from the cloud",
            "service web was changed: desired count 3 → 0",
        ]
    );
}

#[test]
fn a_digest_is_cut_wherever_it_stands() {
    let image = |hex: &str| json!({"template": [{"image": format!("v.example/api@sha256:{}", hex.repeat(32))}]});
    let update = change(
        "module.service_api.vendor_thing.this",
        &["update"],
        [image("ab"), image("cd")],
        &json!({}),
    );
    assert_eq!(
        told(&[update]),
        ["changes vendor_thing this of service api: template.0.image \
             v.example/api@sha256:abababab… → v.example/api@sha256:cdcdcdcd…"]
    );
}
