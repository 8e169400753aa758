//! What class `production` adds to a preview of the same kit, and that nobody can take it away.

use std::fmt::Write as _;

use similar::TextDiff;

use crate::render::support::{Root, snapshots};

const CERTIFICATE: &str =
    "arn:aws:acm:eu-central-1:111122223333:certificate/1f6b5c1e-9f5e-4c6a-8d8e-0a4f9e2b7c31";

/// The demo as it is, in another class; production cannot be without a certificate.
fn demo(class: &str) -> Root {
    let root = Root::demo();
    let file = root.own("environment.hcl");
    root.replace(&file, "class   = \"preview\"", &format!("class   = \"{class}\""));
    if class == "production" {
        root.replace(&file, "certificate = \"none\"", &format!("certificate = \"{CERTIFICATE}\""));
    }
    root
}

const LAYERS: [&str; 3] = ["foundation", "jobs", "services"];

fn values(root: &Root, layer: &str) -> String {
    root.read(root.own(&format!("terraform/{layer}/terraform.tfvars")))
}

fn differences(from: &str, to: &str) -> String {
    let (before, after) = (demo(from), demo(to));
    before.render();
    after.render();
    let mut text = String::new();
    for layer in LAYERS {
        let (before, after) = (values(&before, layer), values(&after, layer));
        let diff = TextDiff::from_lines(&before, &after);
        let header = (format!("{layer} ({from})"), format!("{layer} ({to})"));
        let diff = diff.unified_diff().context_radius(1).header(&header.0, &header.1).to_string();
        let _ = writeln!(text, "{diff}");
    }
    text
}

#[test]
fn what_production_has_that_a_preview_has_not() {
    snapshots().bind(|| {
        insta::assert_snapshot!("classes/production", differences("preview", "production"));
    });
}

#[test]
fn what_staging_has_that_a_preview_has_not() {
    snapshots()
        .bind(|| insta::assert_snapshot!("classes/staging", differences("preview", "staging")));
}

/// The same as the snapshot, said as rules: a snapshot can be accepted by mistake.
#[test]
fn production_has_every_safeguard() {
    let root = demo("production");
    root.render();
    let values: hcl::Value = hcl::from_str(&values(&root, "foundation")).unwrap();
    let values = serde_json::to_value(&values).unwrap();
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or_else(|| panic!("{value}"));

    let network = &values["network"];
    let zones = network["zones"].as_array().unwrap();
    assert!(zones.len() >= 2, "{network}");
    assert_eq!(network["nat"], "zone");
    assert!(number(&network["flow_log_retention_days"]) >= 365.0);
    assert_eq!(network["load_balancers"]["public"]["tls"], true);
    assert!(number(&values["observability"]["retention_days"]) >= 365.0);
    assert!(number(&values["secrets"]["recovery_window_in_days"]) >= 7.0);
    let protection = &values["database_main"]["protection"];
    assert_eq!(protection["multi_az"], true);
    assert_eq!(protection["deletion_protection"], true);
    assert_eq!(protection["skip_final_snapshot"], false);
    assert!(number(&protection["backup_days"]) >= 7.0, "{protection}");
    assert_eq!(values["ingress_public"]["certificate_arn"], CERTIFICATE);
    assert_eq!(values["ingress_public"]["protection"], true);
    assert!(number(&values["ingress_public"]["log_retention_days"]) >= 365.0);
}

/// Every way to write a safeguard off is a problem that names the class, and nothing is written.
#[test]
fn no_safeguard_of_production_can_be_turned_off() {
    let attempts: [(&str, &[&str]); 13] = [
        ("network { zones = 1 }", &["`zones` is 1", "class production"]),
        ("network { nat = \"one\" }", &["`nat` is \"one\"", "class production"]),
        ("network { nat_per_zone = false }", &["`nat_per_zone`", "class production"]),
        ("network { flow_logs = false }", &["`flow_logs`", "class production"]),
        ("database \"main\" { backup_days = 0 }", &["`backup_days` is 0", "class production"]),
        ("database \"main\" { backup_days = 6 }", &["`backup_days` is 6", "class production"]),
        ("database \"main\" { multi_az = false }", &["`multi_az` is false", "class production"]),
        ("database \"main\" { encrypted = false }", &["`encrypted`", "class production"]),
        (
            "database \"main\" { deletion_protection = false }",
            &["`deletion_protection` is false", "class production"],
        ),
        (
            "database \"main\" { skip_final_snapshot = true }",
            &["`skip_final_snapshot` is true", "class production"],
        ),
        ("certificate = \"none\"", &["`certificate` is \"none\"", "class production"]),
        ("certificate = \"none\"\n  tls = false", &["`tls` is false", "class production"]),
        ("release = \"dev\"", &["`release` is \"dev\"", "class production"]),
    ];
    for (text, parts) in attempts {
        let root = demo("production");
        let file = root.own("environment.hcl");
        if text.starts_with("certificate") {
            root.replace(&file, &format!("certificate = \"{CERTIFICATE}\""), text);
        } else if text.starts_with("release") {
            root.replace(&file, "release = \"v1.0.0\"", text);
        } else {
            root.append(&file, text);
        }
        let before = root.tree();
        let place = "environments/demo-aws/environment.hcl:";
        root.landfall(&["render"]).exits(2).says(parts).says(&[place, "nothing was written"]);
        assert_eq!(root.tree(), before, "{text} wrote");
    }
}
