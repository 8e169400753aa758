//! The printer of `terraform.tfvars` against the two that read it: `terraform fmt` leaves every
//! document as it is, and an independent parser reads back what went in.

use landfall::workspace::{Value, tfvars};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::support::{Answer, terraform};

const DOCUMENTS: usize = 600;

/// Text that a careless printer gets wrong, more often than chance would.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,30}",
        "[a-zA-Z0-9 ./:@-]{0,60}",
        "[\"\\\\${}%~\n\r\t \u{1}\u{7f}\u{85}\u{2028}\u{feff}é漢🦀]{0,12}",
        Just("${file(\"/etc/passwd\")}".to_owned()),
        Just("%{ for x in y }$${z}%%{ endfor ~}".to_owned()),
        Just("<<EOT\nx\nEOT".to_owned()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z_][a-z0-9_-]{0,20}",
        1 => text(),
        1 => prop_oneof![Just("null"), Just("true"), Just("for"), Just("if")].prop_map(String::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<u32>().prop_map(Value::from),
        1 => (-1000_i32..1000).prop_map(|number| Value::Number(format!("{}", f64::from(number) / 8.0))),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            // The map makes keys unique, as Terraform demands.
            prop::collection::btree_map(key(), inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn document() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::btree_map("v[a-z0-9_]{0,16}", value(), 0..8)
        .prop_map(|variables| variables.into_iter().collect())
}

fn expected(value: &Value) -> hcl::Value {
    match value {
        Value::Null => hcl::Value::Null,
        Value::Bool(value) => hcl::Value::Bool(*value),
        Value::Number(text) => text
            .parse::<u64>()
            .map(hcl::Value::from)
            .or_else(|_| text.parse::<i64>().map(hcl::Value::from))
            .unwrap_or_else(|_| hcl::Value::from(text.parse::<f64>().unwrap())),
        Value::String(text) => hcl::Value::String(text.clone()),
        Value::List(items) => items.iter().map(expected).collect::<Vec<_>>().into(),
        Value::Object(entries) => hcl::Value::Object(
            entries.iter().map(|(key, value)| (key.clone(), expected(value))).collect(),
        ),
    }
}

#[test]
fn what_is_printed_is_formatted_and_reads_back_as_it_was() {
    // The same documents every time: a failure can be looked at.
    let mut runner = TestRunner::deterministic();
    let folder = tempfile::tempdir().unwrap();
    for number in 0..DOCUMENTS {
        let variables = document().new_tree(&mut runner).unwrap().current();
        let text = tfvars("# A test.\n", &variables);
        let read: hcl::Value =
            hcl::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read, expected(&Value::Object(variables)), "{text}");
        std::fs::write(folder.path().join(format!("{number:03}.tfvars")), text).unwrap();
    }
    Answer::of(terraform(folder.path()).args(["fmt", "-check", "-diff"])).exits(0);

    // The check can fail.
    std::fs::write(folder.path().join("bad.tfvars"), "a = 1\nlong = 2\n").unwrap();
    let answer = Answer::of(terraform(folder.path()).args(["fmt", "-check"])).exits(3);
    assert_eq!(answer.out.trim(), "bad.tfvars");
}
