//! Plans as Terraform 1.11.4 prints them, cut to what is read, and plans that are broken.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::super::{Shown, Words, compare, part, sentences};
use super::*;

/// An update, two replacements, a read, a no-op and a move, with secrets in marked places and
/// copied into unmarked ones.
fn fixture() -> Value {
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"password": {"value": "canary-variable"}},
        "planned_values": {"root_module": {"resources": [{"values": {"x": "canary-planned"}}]}},
        "resource_drift": [{
            "address": "module.database_main.aws_db_instance.this",
            "module_address": "module.database_main",
            "mode": "managed", "type": "aws_db_instance", "name": "this",
            "change": {"actions": ["update"],
                "before": {"backup_retention_period": 14}, "after": {"backup_retention_period": 0},
                "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
        }],
        "resource_changes": [
            {
                "address": "terraform_data.a", "mode": "managed", "type": "terraform_data",
                "name": "a",
                "change": {
                    "actions": ["update"],
                    "before": {"id": "x", "input": {"n": "one", "s": "canary-marked"},
                        "copy": "see canary-marked", "list": [1, "canary-in-list"],
                        "auth_token": "canary-by-name"},
                    "after": {"id": "x", "input": {"n": "two", "s": "canary-new"},
                        "copy": "canary-new!", "list": [2, "canary-list-new"],
                        "auth_token": "canary-by-name-new"},
                    "after_unknown": {"output": true},
                    "before_sensitive": {"input": {"s": true}, "list": [false, true]},
                    "after_sensitive": {"input": {"s": true}, "list": [false, true]}
                }
            },
            {
                "address": "terraform_data.b[\"k\"]", "mode": "managed", "type": "terraform_data",
                "name": "b", "index": "k",
                "change": {
                    "actions": ["delete", "create"],
                    "before": {"triggers_replace": "one"}, "after": {"triggers_replace": "two"},
                    "after_unknown": {"id": true}, "before_sensitive": {}, "after_sensitive": {},
                    "replace_paths": [["triggers_replace"]]
                },
                "action_reason": "replace_because_cannot_update"
            },
            {
                "address": "module.service_web.terraform_data.c", "mode": "managed",
                "module_address": "module.service_web", "type": "terraform_data", "name": "c",
                "index": 0,
                "change": {"actions": ["create", "delete"], "before": {}, "after": {}},
                "action_reason": "replace_because_tainted"
            },
            {
                "address": "data.aws_iam_policy_document.x", "mode": "data",
                "type": "aws_iam_policy_document", "name": "x",
                "change": {"actions": ["read"], "before": null, "after": {}}
            },
            {
                "address": "aws_vpc.same", "mode": "managed", "type": "aws_vpc", "name": "same",
                "change": {"actions": ["no-op"], "before": {"x": "canary-unchanged"},
                    "after": {"x": "canary-unchanged"}}
            },
            {
                "address": "aws_vpc.new", "previous_address": "aws_vpc.old", "mode": "managed",
                "type": "aws_vpc", "name": "new",
                "change": {"actions": ["no-op"], "before": {}, "after": {}}
            }
        ],
        "output_changes": {
            "same": {"actions": ["no-op"], "after": "canary-output"},
            "password": {"actions": ["update"], "after": "canary-output"}
        },
        "configuration": {"root_module": {}},
        "errored": false
    })
}

fn plan(json: &Value) -> LayerPlan {
    read(json.to_string().as_bytes(), "foundation").unwrap()
}

#[test]
fn what_changes_is_kept_and_what_does_not_is_counted() {
    let plan = plan(&fixture());
    let addresses: Vec<&str> = plan.changes.iter().map(|it| it.address.as_str()).collect();
    assert_eq!(
        addresses,
        [
            "terraform_data.a",
            "terraform_data.b[\"k\"]",
            "module.service_web.terraform_data.c",
            "data.aws_iam_policy_document.x",
            "aws_vpc.new"
        ]
    );
    assert_eq!((plan.unchanged, plan.outputs_changed.as_slice()), (1, &["password".into()][..]));
    let replaced = &plan.changes[1];
    assert_eq!(replaced.action, Action::Replace { create_before_destroy: false });
    assert_eq!(
        (replaced.index.as_deref(), &replaced.replace_paths[..]),
        (Some("k"), &["triggers_replace".into()][..])
    );
    let tainted = &plan.changes[2];
    assert!(tainted.tainted);
    assert_eq!(tainted.module.as_deref(), Some("module.service_web"));
    assert_eq!(plan.changes[4].previous_address.as_deref(), Some("aws_vpc.old"));
    assert_eq!(plan.drift[0].attributes[0].path, "backup_retention_period");
}

#[test]
fn no_secret_is_kept_wherever_it_was_copied_to() {
    let plan = plan(&fixture());
    let kept = format!("{plan:?}");
    assert!(!kept.contains("canary"), "{kept}");
    let shown = |path: &str| {
        let attributes = &plan.changes[0].attributes;
        let found = attributes.iter().find(|attribute| attribute.path == path);
        found.map(|attribute| (attribute.before.clone(), attribute.after.clone()))
    };
    assert_eq!(shown("input.n"), Some((Shown::Text("one".into()), Shown::Text("two".into()))));
    assert_eq!(shown("auth_token"), Some((Shown::Sensitive, Shown::Sensitive)));
    assert_eq!(shown("list.0"), Some((Shown::Text("1".into()), Shown::Text("2".into()))));
    assert_eq!(shown("output"), Some((Shown::Absent, Shown::Unknown)));
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let text = r#"{"resource_changes":[{"change":{"before":{"a":1},"after":{"a":1},
        "actions":["no-op"]},"address":"t.a","mode":"managed"}],"format_version":"1.2"}"#;
    let plan = read(text.as_bytes(), "jobs").unwrap();
    assert_eq!((plan.changes.len(), plan.unchanged), (0, 1));
}

#[test]
fn a_plan_of_nothing_is_empty() {
    assert!(plan(&json!({"format_version": "1.2"})).is_empty());
    assert!(plan(&json!({"format_version": "1.9", "resource_changes": null})).is_empty());
}

#[test]
fn what_cannot_be_understood_is_refused_by_name() {
    let why = |json: Value| {
        let failed = read(json.to_string().as_bytes(), "jobs").unwrap_err();
        assert_eq!(failed.what(), "cannot read terraform's plan of layer jobs");
        failed.reasons().join("; ")
    };
    assert!(why(json!({"format_version": "2.0"})).contains("format version 2.0 is not known"));
    assert!(why(json!({})).contains("format_version is missing"));
    let explodes = json!({"format_version": "1.2", "resource_changes": [
        {"address": "t.a", "change": {"actions": ["explode"]}}]});
    assert!(why(explodes).contains("t.a: the actions explode are not known"));
    assert!(read(&br#"{"format_version":"1.2","resource_changes":[{"#[..], "jobs").is_err());
}

/// Puts `new` somewhere into the tree: each step picks a child, a leaf ends the walk.
fn mutate(value: &mut Value, steps: &[prop::sample::Index], new: Value) {
    let children = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    match steps.split_first() {
        Some((step, rest)) if !children.is_empty() => {
            let at = step.index(children.len());
            children
                .into_iter()
                .skip(at)
                .take(1)
                .for_each(|child| mutate(child, rest, new.clone()));
        }
        _ => *value = new,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!({})),
        Just(json!([])),
        Just(json!([[]])),
        any::<i64>().prop_map(|number| json!(number)),
        ".{0,70}".prop_map(|text| json!(text)),
    ]
}

proptest! {
    /// A plan that is read can be told, digested and compared, whatever is in it.
    #[test]
    fn no_mutation_panics(
        mutations in prop::collection::vec(
            (prop::collection::vec(any::<prop::sample::Index>(), 0..8), any_json()), 1..6),
    ) {
        let mut json = fixture();
        for (steps, new) in mutations {
            mutate(&mut json, &steps, new);
        }
        if let Ok(plan) = read(json.to_string().as_bytes(), "foundation") {
            sentences(&plan, Words::default());
            let digest = part(&plan);
            prop_assert!(compare(&digest, &digest).is_empty());
            compare(&digest, &json);
        }
    }

    /// Whatever is marked as sensitive is not kept, at any place and depth.
    #[test]
    fn a_marked_value_is_never_kept(
        path in prop::collection::vec("[a-z]{1,3}", 1..5),
        before in any::<bool>(),
    ) {
        let mut side = json!("canary");
        let mut marks = json!(true);
        for name in &path {
            side = json!({"zz": 1, name: side});
            marks = json!({name: marks});
        }
        let (old, new) = if before { (side, json!({"other": 1})) } else { (json!({"other": 1}), side) };
        let json = json!({"format_version": "1.2", "resource_changes": [{"address": "t.a",
            "mode": "managed", "type": "aws_db_instance", "name": "a",
            "change": {"actions": ["update"], "before": old, "after": new, "after_unknown": {},
                "before_sensitive": if before { marks.clone() } else { json!({}) },
                "after_sensitive": if before { json!({}) } else { marks }}}]});
        let kept = format!("{:?}", plan(&json));
        prop_assert!(!kept.contains("canary"), "{}", kept);
    }
}
