//! Plans of real resource types, checked against what the real provider plans.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value as Json, json};

use super::*;
use crate::simulate::catalogue::{ResourceType, catalogue};
use crate::simulate::platform::Platform;
use crate::simulate::value::{UNKNOWN, Value};

fn kind(name: &str) -> &'static ResourceType {
    &catalogue(Platform::of_type(name)).unwrap().resources[name]
}

/// What is planned for a configuration in which everything is known; `prior` is a whole state.
fn plan(name: &str, config: &Json, prior: Option<&Value>) -> Value {
    let kind = kind(name);
    let block = &kind.schema.block;
    let config = block.read_state(config);
    // As terraform proposes: the prior value where the configuration leaves a computed one out.
    let mut proposed = config.clone();
    if let (Value::Map(proposed), Some(prior)) = (&mut proposed, prior) {
        for attribute in block.attributes.iter().filter(|attribute| attribute.computed) {
            if config.at(&attribute.name).is_null() {
                proposed.insert(attribute.name.clone(), prior.at(&attribute.name).clone());
            }
        }
    }
    let mut planned = propose(block, &proposed, &config, prior);
    if let Value::Map(own) = &mut planned {
        shape(&kind.behaviour, block, own, &config, prior);
    }
    planned
}

#[test]
fn a_create_has_defaults_and_unknowns() {
    let planned = plan("aws_vpc", &json!({ "cidr_block": "10.0.0.0/16" }), None);
    assert_eq!(planned.at("cidr_block"), &"10.0.0.0/16".into());
    assert_eq!(planned.at("instance_tenancy"), &"default".into());
    assert_eq!(planned.at("enable_dns_support"), &Value::Bool(true));
    assert_eq!(planned.at("id"), &UNKNOWN);
}

#[test]
fn what_did_not_change_is_planned_as_it_was() {
    let config = json!({ "name": "acme-web", "assume_role_policy": "{}" });
    let role = kind("aws_iam_role");
    let mut state = plan("aws_iam_role", &config, None).to_json();
    for (name, value) in [("id", "acme-web"), ("arn", "arn:aws:iam::1:role/acme-web")] {
        state[name] = value.into();
    }
    let prior = role.schema.block.read_state(&state);
    let planned = plan("aws_iam_role", &config, Some(&prior));
    assert_eq!(planned.at("arn"), prior.at("arn"));
    assert_eq!(replaces(&role.behaviour, &prior, &planned), Vec::<String>::new());

    let renamed = json!({ "name": "acme-api", "assume_role_policy": "{}" });
    let planned = plan("aws_iam_role", &renamed, Some(&prior));
    assert_eq!(replaces(&role.behaviour, &prior, &planned), ["name"]);
}

#[test]
fn documents_are_kept_in_their_normal_form() {
    let document = "{ \"b\": \"<1>\",\n \"a\" : [ \"x y\" ] }";
    let config = json!({ "family": "acme-web", "container_definitions": document });
    let planned = plan("aws_ecs_task_definition", &config, None);
    let kept = r#"{"a":["x y"],"b":"\u003c1\u003e"}"#;
    assert_eq!(planned.at("container_definitions"), &kept.into());
    assert_eq!(compact("{ \"a b\" : \"c\\\" d\" }").unwrap(), "{\"a b\":\"c\\\" d\"}");
    assert_eq!(compact("no { json"), None);
}

#[test]
fn one_unknown_part_makes_an_old_map_unknown() {
    let kind = kind("aws_sqs_queue");
    let block = &kind.schema.block;
    let mut config = block.read_state(&json!({ "name": "jobs" }));
    if let Value::Map(own) = &mut config {
        let tags = [("a".to_owned(), "1".into()), ("vpc".to_owned(), UNKNOWN)];
        own.insert("tags".to_owned(), Value::Map(tags.into()));
    }
    let mut planned = propose(block, &config, &config, None);
    if let Value::Map(own) = &mut planned {
        shape(&kind.behaviour, block, own, &config, None);
    }
    assert_eq!(planned.at("tags"), &UNKNOWN);
}

#[test]
fn a_block_in_a_set_keeps_what_the_configuration_leaves_out() {
    let config = json!({ "name": "acme", "family": "postgres17",
        "parameter": [{ "name": "b", "value": "2" }, { "name": "a", "value": "1" }] });
    let planned = plan("aws_db_parameter_group", &config, None);
    let parameters = planned.at("parameter").as_list().unwrap();
    assert!(parameters.iter().all(|p| p.at("apply_method") == &"immediate".into()));
    let again = plan("aws_db_parameter_group", &config, Some(&planned));
    assert_eq!(again.at("parameter"), planned.at("parameter"));
}

#[test]
fn wrong_combinations_are_refused_and_unknowns_are_not() {
    let refused = |name: &str, config: Json| {
        let kind = kind(name);
        complaints(&kind.behaviour, &kind.schema.block.read_state(&config))
    };
    let wrong = refused("aws_ecs_task_definition", json!({ "network_mode": "vpc" }));
    assert_eq!(wrong[0].attribute, "network_mode");
    assert!(wrong[0].summary.contains("got vpc"), "{wrong:?}");
    let twice = refused("aws_iam_role", json!({ "name": "a", "name_prefix": "b" }));
    assert!(twice.iter().any(|c| c.summary == "Conflicting configuration arguments"), "{twice:?}");
    let unknown = Value::Map([("network_mode".to_owned(), UNKNOWN)].into());
    assert_eq!(complaints(&kind("aws_ecs_task_definition").behaviour, &unknown), []);
}
