//! Lines as Terraform 1.11.4 wrote them, lines from the future, and lines that are none.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::terraform::Severity;

const START: &str = r#"{"@level":"info","@message":"terraform_data.a: Creating...","@module":"terraform.ui","@timestamp":"2026-11-21T15:01:14.559985Z","hook":{"resource":{"addr":"terraform_data.a","module":"","resource":"terraform_data.a","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"a","resource_key":null},"action":"create"},"type":"apply_start"}"#;
const COMPLETE: &str = r#"{"@level":"info","@message":"terraform_data.a: Creation complete after 0s [id=cc6f]","type":"apply_complete","hook":{"resource":{"addr":"terraform_data.a"},"action":"create","id_key":"id","id_value":"cc6f","elapsed_seconds":0}}"#;
const DIAGNOSTIC: &str = r#"{"@level":"error","@message":"Error: local-exec provisioner error","type":"diagnostic","diagnostic":{"severity":"error","summary":"local-exec provisioner error","detail":"Error running command","address":"terraform_data.c","range":{"filename":"main.tf","start":{"line":15,"column":30,"byte":405},"end":{"line":15,"column":31,"byte":406}},"snippet":{"context":"resource \"terraform_data\" \"c\"","code":"  x","start_line":15,"highlight_start_offset":29,"highlight_end_offset":30,"values":[{"traversal":"var.web.image","statement":"is \"canary\""}]}}}"#;

#[test]
fn the_lines_of_an_apply() {
    assert_eq!(
        Event::read(br#"{"type":"version","terraform":"1.11.4","ui":"1.2"}"#),
        Event::Version { terraform: "1.11.4".into(), ui: "1.2".into() }
    );
    assert_eq!(
        Event::read(START.as_bytes()),
        Event::ApplyStart { address: "terraform_data.a".into(), action: Action::Create }
    );
    assert_eq!(
        Event::read(COMPLETE.as_bytes()),
        Event::ApplyComplete {
            address: "terraform_data.a".into(),
            action: Action::Create,
            elapsed_seconds: 0.0
        }
    );
    let summary = br#"{"type":"change_summary","changes":{"add":3,"change":0,"import":0,"remove":1,"operation":"apply"}}"#;
    let Event::Summary(summary) = Event::read(summary) else { panic!("a summary") };
    assert_eq!(summary.to_string(), "3 created, 0 changed, 1 deleted");
}

#[test]
fn an_error_keeps_its_place_and_its_variables_but_no_values() {
    let Event::Diagnostic(diagnostic) = Event::read(DIAGNOSTIC.as_bytes()) else {
        panic!("a diagnostic")
    };
    assert_eq!(diagnostic.severity, Severity::Error);
    assert_eq!(diagnostic.place().unwrap(), "terraform_data.c");
    assert_eq!(diagnostic.variables(), ["web"]);
    assert!(!format!("{diagnostic:?}").contains("canary"));
}

#[test]
fn the_seconds_of_a_newer_terraform_are_fractions() {
    let line = br#"{"type":"apply_progress","hook":{"resource":{"addr":"a.b"},"action":"migrate","elapsed_seconds":10.25}}"#;
    assert_eq!(
        Event::read(line),
        Event::ApplyProgress {
            address: "a.b".into(),
            action: Action::Other,
            elapsed_seconds: 10.25
        }
    );
}

#[test]
fn values_of_sensitive_outputs_are_not_read() {
    let line = br#"{"@message":"Outputs: 2","type":"outputs","outputs":{"password":{"sensitive":true,"value":"canary"},"id":{"sensitive":false,"type":"string","value":"vpc-1"}}}"#;
    let Event::Outputs(outputs) = Event::read(line) else { panic!("no outputs") };
    assert_eq!(serde_json::Value::Object(outputs), serde_json::json!({ "id": "vpc-1" }));
}

#[test]
fn an_unknown_type_or_shape_is_shown_by_its_message() {
    for line in [
        r#"{"@message":"hello","type":"policy_result","result":1}"#,
        r#"{"@message":"hello","type":"apply_start","hook":{"resource":7}}"#,
        r#"{"@message":"hello","type":"change_summary"}"#,
        r#"{"@message":"hello","type":"diagnostic","diagnostic":[]}"#,
    ] {
        let Event::Message { message, .. } = Event::read(line.as_bytes()) else { panic!("{line}") };
        assert_eq!(message, "hello");
    }
    assert_eq!(
        Event::read(b"panic: runtime error\n"),
        Event::Message { kind: String::new(), message: "panic: runtime error".into() }
    );
}

#[test]
fn only_the_major_of_the_protocol_matters() {
    let version = |ui: &str| Event::Version { terraform: "9".into(), ui: ui.into() };
    assert_eq!(version("1.9").unsupported_ui(), None);
    assert_eq!(version("2.0").unsupported_ui(), Some("2.0"));
    assert_eq!(version("").unsupported_ui(), Some(""));
}

proptest! {
    #[test]
    fn reading_never_panics(
        line in prop_oneof![Just(START), Just(COMPLETE), Just(DIAGNOSTIC)],
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = line.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = Event::read(&bytes);
    }
}
