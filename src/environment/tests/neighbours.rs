//! What an environment must not share with another one.

use super::bad::refused;
use super::{Root, file, read_source};
use crate::environment::model::Class;
use crate::environment::{Neighbour, neighbour};

const ENV: &str = "environments/demo-aws/environment.hcl";
const GCP: &str = "environments/demo-gcp/environment.hcl";
const PROD: &str = "environments/acme-production/environment.hcl";

/// G8: what is not production does not reach production.
#[test]
fn g8_a_preview_shares_nothing_with_production() {
    let text = file!("tests/fixtures/production/environments/acme-production/environment.hcl");
    let source = read_source(PROD, text.as_bytes().to_vec()).unwrap();
    let production = neighbour("acme-production", &source, None).unwrap();
    assert_eq!(
        production,
        Neighbour {
            name: "acme-production".to_owned(),
            class: Class::Production,
            hosts: vec!["ledger.acme.example".to_owned()],
            arns: Vec::new(),
            buckets: vec!["acme-landfall-state".to_owned()],
        }
    );
    let beside = |root: Root| Root { others: vec![production.clone()], ..root };
    for file in [ENV, GCP] {
        let demo = || if file == ENV { Root::demo() } else { Root::demo_gcp() };
        refused(
            &beside(demo()),
            [
                file,
                "host `ledger.acme.example` belongs to the production environment",
                "(G8)",
                "of its own",
            ],
        );
        refused(
            &beside(demo().and("state { bucket = \"acme-landfall-state\" }\n")),
            [file, "bucket `acme-landfall-state` belongs to the production", "(G8)", "of its own"],
        );
        let other = demo().with("ledger.acme.example", "demo.acme.example");
        assert!(beside(other).resolve().is_ok());
        let told = demo().resolve().unwrap();
        for workload in &told.workloads {
            for name in ["LANDFALL_ENVIRONMENT", "LANDFALL_CLASS"] {
                assert!(workload.variables.contains_key(name), "{} has no {name}", workload.key);
            }
        }
    }
    assert!(beside(Root::production()).resolve().is_ok());
}
