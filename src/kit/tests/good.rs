//! What is read from kits that are right.

use super::{DEMO, FULL, parse, shown};
use crate::kit::model::{
    Consumer, DatabaseAuth, Expression, GeneratedKind, Phase, SecretOrigin, ValueType,
};

#[test]
fn the_demo_kit_parses() {
    let kit = parse(DEMO).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!((kit.name.as_str(), kit.release.tag.as_str()), ("ledger", "v1.0.0"));
    assert_eq!(kit.images["app"].tag, "v1.0.0");
    assert_eq!(kit.databases["main"].databases, ["ledger"]);
    assert_eq!(kit.databases["main"].aws_auth, DatabaseAuth::Native);
    assert_eq!(kit.variables.len(), 10);
    let level = &kit.variables[9];
    assert_eq!((level.name.as_str(), level.kind), ("LOG_LEVEL", Some(ValueType::Enum)));
    assert_eq!(level.from, Expression::Literal("info".into()));
    assert!(level.operator);
    let host = ["database", "main", "host"].map(str::to_owned).to_vec();
    assert_eq!(kit.variables[2].from, Expression::Reference(host));
    assert_eq!(kit.services[0].drain.as_secs(), 30);
    assert_eq!(kit.services[0].ports["http"].number, 8080);
    assert!(kit.jobs[0].db_owner && !kit.jobs[1].db_owner);
    assert_eq!(kit.jobs[1].phase, Phase::Schedule);
    assert_eq!(kit.jobs[1].process.memory_mib, 512);
    assert_eq!(kit.ingresses["public"].routes[0].to, "web");
    assert_eq!(
        kit.secrets[0].origin,
        SecretOrigin::Generated { kind: GeneratedKind::Hex, length: 32, prefix: String::new() }
    );
    assert!(kit.unsupported.is_empty());
    assert_eq!(kit.places["service.web.cpu"].text(), "0.5");
    assert_eq!(kit.places["env.LOG_LEVEL"].text(), "\"LOG_LEVEL\"");
    assert_eq!(kit.places["database.main"].text(), "database \"main\"");
}

#[test]
fn the_whole_grammar_is_known() {
    let kit = parse(FULL).unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!(kit.release.tag, "everything/v2.1.0");
    assert_eq!(kit.images["app"].tag, "everything/v2.1.0-x");
    assert_eq!(kit.schemas["main"].version.as_deref(), Some("42"));
    assert_eq!(kit.schemas["main"].off["AUTO_MIGRATE"], "false");
    assert_eq!(kit.databases["main"].sizes["small"].storage_gib, Some(50));
    assert_eq!(kit.inputs[2].default.as_deref(), Some(r#"["a","b"]"#));
    let mail = kit.variables.iter().find(|variable| variable.name == "MAIL").unwrap();
    assert_eq!(mail.to, [Consumer::Service("web".into()), Consumer::Job("nightly".into())]);
    // Only sizes: the default size stands for the service.
    assert_eq!(kit.services[1].replicas, 1);
    assert_eq!(kit.services[1].process.memory_mib, 512);
    let unsupported: Vec<&str> = kit.unsupported.iter().map(|one| one.what.as_str()).collect();
    for expected in [
        "mirrors of image \"app\"",
        "sidecar \"proxy\" of service \"web\"",
        "peer of service \"web\"",
        "trigger of service \"worker\"",
        "scaling service \"worker\" by queue_depth",
        "job \"schema-version\" of phase manual",
        "deny of ingress \"public\"",
        "affinity of a route of ingress \"public\"",
        "cache \"main\"",
        "bucket \"data\"",
        "queue \"jobs\"",
        "volume \"data\"",
        "external \"mail\"",
        "file \"config\"",
        "egress",
    ] {
        assert!(unsupported.contains(&expected), "{expected} in {unsupported:?}");
    }
    assert_eq!(unsupported.len(), 15, "{unsupported:?}");
}

#[test]
fn a_private_service_is_right_and_not_supported_yet() {
    let text = DEMO.replace("MAIL_FROM     = input.sender", "WORKER = service.worker.url");
    let kit = parse(&text).unwrap();
    assert_eq!(kit.unsupported.len(), 1, "{:?}", kit.unsupported);
    assert!(kit.unsupported[0].what.contains("service.worker.url"));
}
