//! What the service answers has the shape that the real provider and the modules check.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value as Json, json};

use super::*;
use crate::cloud::Identity;
use crate::simulate::catalogue::catalogue;
use crate::simulate::platform::Platform;
use crate::simulate::value::{Map, UNKNOWN, Value};

/// A resource with everything else unknown, filled.
fn made(name: &str, known: &Json, seed: u64) -> Value {
    let kind = &catalogue(Platform::of_type(name)).unwrap().resources[name];
    let mut planned = kind.schema.block.read_state(known);
    if let Value::Map(own) = &mut planned {
        for attribute in kind.schema.block.attributes.iter().filter(|a| a.computed) {
            if own[&attribute.name].is_null() {
                own.insert(attribute.name.clone(), UNKNOWN);
            }
        }
    }
    let aws = Platform::of_type(name) == Platform::Aws;
    let identity = Identity {
        project_number: (!aws).then(|| "123456789012".to_owned()),
        account: if aws { "123456789012" } else { "acme-ledger" }.to_owned(),
        arn: String::new(),
        partition: if aws { "aws" } else { "gcp" }.to_owned(),
        region: if aws { "eu-central-1" } else { "europe-west3" }.to_owned(),
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
    let catalogues = [Platform::Aws, Platform::Google].map(|platform| catalogue(platform).unwrap());
    for name in catalogues.iter().flat_map(|catalogue| catalogue.resources.keys()) {
        let resource = made(name, &json!({}), 7);
        assert!(!resource.has_unknown(), "{name}: {resource:?}");
        assert_eq!(resource, made(name, &json!({}), 7), "{name}");
        let written = resource.to_json().to_string();
        for left in ["{self.", "{hex", "{provider", "{project", "{number"] {
            assert!(!written.contains(left), "{name}: {written}");
        }
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
fn names_and_ids_are_where_google_puts_them() {
    let network = made("google_compute_network", &json!({ "name": "acme" }), 1);
    let id = "projects/acme-ledger/global/networks/acme";
    assert_eq!(text(&network, "id"), id);
    let link = format!("https://www.googleapis.com/compute/v1/{id}");
    assert_eq!(text(&network, "self_link"), link);
    let of_location = json!({ "name": "acme-web", "location": "europe-west3" });
    let service = made("google_cloud_run_v2_service", &of_location, 1);
    let revision = text(&service, "latest_created_revision");
    let start = format!("{}/revisions/acme-web-00001-", text(&service, "id"));
    assert_eq!(revision.strip_prefix(&start).unwrap().len(), 3);
    assert_eq!(text(&service, "latest_ready_revision"), revision);
    let database = made("google_sql_database_instance", &json!({ "name": "main" }), 1);
    assert_eq!(text(&database, "connection_name"), "acme-ledger:europe-west3:main");
    assert!(text(&database, "dns_name").ends_with(".europe-west3.sql.goog."));
    let secret = made("google_secret_manager_secret", &json!({ "secret_id": "key" }), 1);
    assert_eq!(text(&secret, "id"), "projects/acme-ledger/secrets/key");
    assert_eq!(text(&secret, "name"), "projects/123456789012/secrets/key");
    let address = |kind: &str| {
        let known = json!({ "name": "a", "address_type": kind });
        text(&made("google_compute_address", &known, 1), "address").to_owned()
    };
    assert!(address("INTERNAL").starts_with("10.0.0."), "{}", address("INTERNAL"));
    assert!(address("EXTERNAL").starts_with("34."), "{}", address("EXTERNAL"));
    let binding = json!({ "project": "acme-ledger", "role": "roles/a", "member": "user:kim",
        "condition": [{ "title": "one", "expression": "true" }] });
    let binding = made("google_project_iam_member", &binding, 1);
    assert_eq!(text(&binding, "id"), "acme-ledger/roles/a/user:kim/one");
}

/// What is planned for labels: (managed by terraform, all).
fn planned_labels(own: &Json, provider: &Json, prior: Option<&Json>) -> Option<[Json; 2]> {
    fn read(json: &Json) -> Value {
        match json {
            Json::Object(fields) => {
                Value::Map(fields.iter().map(|(name, it)| (name.clone(), read(it))).collect())
            }
            Json::Bool(value) => Value::Bool(*value),
            Json::String(text) if text == "?" => UNKNOWN,
            Json::String(text) => Value::Text(text.clone()),
            _ => Value::Null,
        }
    }
    let own = json!({ "labels": own, "terraform_labels": null, "effective_labels": null });
    let own = read(&own);
    let prior = prior.map(read);
    let found = labels(own.as_map().unwrap(), &read(provider), true, prior.as_ref());
    let value = |name: &str| {
        let (_, value) = found.iter().find(|(derived, _)| *derived == name)?;
        Some(if value.is_unknown() { json!("?") } else { value.to_json() })
    };
    Some([value("terraform_labels")?, value("effective_labels")?])
}

#[test]
fn labels_are_those_of_the_resource_over_the_defaults_with_the_attribution() {
    let defaults = json!({ "default_labels": { "team": "a", "env": "prod" } });
    let own = json!({ "team": "b" });
    let all = json!({ "goog-terraform-provisioned": "true", "team": "b", "env": "prod" });
    assert_eq!(planned_labels(&own, &defaults, None).unwrap(), [all.clone(), all.clone()]);

    let none = json!({ "add_terraform_attribution_label": false });
    assert_eq!(planned_labels(&Json::Null, &none, None), None, "nothing to say");
    assert_eq!(planned_labels(&own, &none, None).unwrap(), [own.clone(), own.clone()]);

    let unknown = json!({ "team": "?" });
    assert_eq!(planned_labels(&unknown, &defaults, None).unwrap(), [json!("?"), json!("?")]);

    // What somebody else put there stays; what terraform no longer says goes; the attribution is
    // not added later.
    let before = json!({ "terraform_labels": { "team": "b", "old": "1" },
        "effective_labels": { "team": "b", "old": "1", "robot": "x" } });
    let managed = json!({ "team": "b", "env": "prod" });
    let carried = json!({ "team": "b", "env": "prod", "robot": "x" });
    assert_eq!(planned_labels(&own, &defaults, Some(&before)).unwrap(), [managed, carried]);
    let before = json!({ "terraform_labels": all, "effective_labels": all });
    assert_eq!(planned_labels(&own, &defaults, Some(&before)).unwrap(), [all.clone(), all]);
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
