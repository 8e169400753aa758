//! What the service answers has the shape that the real provider and the modules check.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value as Json, json};

use super::*;
use crate::cloud::Identity;
use crate::simulate::catalogue::catalogue;
use crate::simulate::value::{Map, UNKNOWN, Value};

/// A resource with everything else unknown, filled.
fn made(name: &str, known: &Json, seed: u64) -> Value {
    let kind = &catalogue().unwrap().resources[name];
    let mut planned = kind.schema.block.read_state(known);
    if let Value::Map(own) = &mut planned {
        for attribute in kind.schema.block.attributes.iter().filter(|a| a.computed) {
            if own[&attribute.name].is_null() {
                own.insert(attribute.name.clone(), UNKNOWN);
            }
        }
    }
    let identity = Identity {
        project_number: None,
        account: "123456789012".to_owned(),
        arn: String::new(),
        partition: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
    };
    let provider = Value::Map(Map::new());
    fill(
        Context { identity: &identity, provider: &provider, type_name: name, seed },
        kind,
        &planned,
    )
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.at(name).as_str().unwrap()
}

#[test]
fn every_type_is_filled_completely_and_repeatably() {
    for name in catalogue().unwrap().resources.keys() {
        let resource = made(name, &json!({}), 7);
        assert!(!resource.has_unknown(), "{name}: {resource:?}");
        assert_eq!(resource, made(name, &json!({}), 7), "{name}");
        let written = resource.to_json().to_string();
        assert!(!written.contains("{self.") && !written.contains("{hex"), "{name}: {written}");
    }
}

#[test]
fn a_listener_lies_under_its_load_balancer() {
    let balancer = made("aws_lb", &json!({ "name": "acme-public" }), 1);
    let start = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:";
    let arn = text(&balancer, "arn");
    let suffix = text(&balancer, "arn_suffix");
    assert_eq!(arn, format!("{start}loadbalancer/{suffix}"));
    let listener = made("aws_lb_listener", &json!({ "load_balancer_arn": arn }), 2);
    let under = text(&listener, "arn");
    assert!(under.starts_with(&format!("{start}listener/{suffix}/")), "{under}");
    let rule = made("aws_lb_listener_rule", &json!({ "listener_arn": under }), 3);
    assert!(text(&rule, "arn").starts_with(&format!("{start}listener-rule/{suffix}/")));
}

#[test]
fn names_and_ids_are_where_aws_puts_them() {
    let cluster = "arn:aws:ecs:eu-central-1:123456789012:cluster/acme";
    let service = made("aws_ecs_service", &json!({ "name": "web", "cluster": cluster }), 1);
    let id = "arn:aws:ecs:eu-central-1:123456789012:service/acme/web";
    assert_eq!(text(&service, "id"), id);
    let secret = made("aws_secretsmanager_secret", &json!({ "name": "acme/key" }), 1);
    let start = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/key-";
    assert_eq!(text(&secret, "arn").strip_prefix(start).unwrap().len(), 6);
    let role = made("aws_iam_role", &json!({ "name": "web", "path": "/acme/" }), 1);
    assert_eq!(text(&role, "arn"), "arn:aws:iam::123456789012:role/acme/web");
    let database = made("aws_db_instance", &json!({ "identifier": "acme", "port": 5432 }), 1);
    assert_eq!(text(&database, "id"), text(&database, "resource_id"));
    assert_eq!(text(&database, "endpoint"), format!("{}:5432", text(&database, "address")));
}

#[test]
fn other_partitions_and_templates_with_braces_survive() {
    let key = made("aws_kms_key", &json!({}), 1);
    let policy: Json = serde_json::from_str(text(&key, "policy")).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::123456789012:root");
    let log = made("aws_flow_log", &json!({}), 1);
    assert!(text(&log, "log_format").starts_with("${version} ${account-id}"));
}

#[test]
fn a_policy_document_is_rendered_as_the_provider_does() {
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).into()).collect());
    let object = |fields: &[(&str, Value)]| {
        Value::Map(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    };
    let principal =
        object(&[("type", "Service".into()), ("identifiers", list(&["ecs.amazonaws.com"]))]);
    let statement = object(&[
        ("actions", list(&["s3:GetObject", "s3:ListBucket"])),
        ("resources", list(&["*"])),
        ("principals", Value::List(vec![principal])),
    ]);
    let document = policy_document(&object(&[("statement", Value::List(vec![statement]))]));
    let document: Json = serde_json::from_str(&document).unwrap();
    let expected = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*",
        "Principal": { "Service": "ecs.amazonaws.com" } }] });
    assert_eq!(document, expected);
}
