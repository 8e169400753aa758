//! The plan in words, of real plans on the simulated cloud: what a person reads before saying yes.

use super::{LICENCE, first_install, update};
use crate::support::{DEMO, Root, redacted};

const ENVIRONMENT: &str = "environments/demo-aws/environment.hcl";

/// The installed demo; its kit is under development from here on.
fn installed() -> Root {
    let root = Root::installed();
    root.edit(ENVIRONMENT, "release = \"v1.0.0\"", "release = \"dev\"");
    root
}

/// What an update proposes.
#[track_caller]
fn proposed(root: &Root, name: &str) {
    let said = root.landfall(&update(DEMO, &[])).ends_with(4).stops_at("approval");
    let from = said.err.find("\ndemo-aws ").unwrap();
    let to = said.err.find("\ndigest ").unwrap();
    redacted(root).bind(|| insta::assert_snapshot!(name, said.err[from + 1..to].trim_end()));
}

#[test]
fn a_release_with_new_images_only() {
    let root = installed();
    root.edit("kit.hcl", "version = \"1.0.0\"", "version = \"1.1.0\"");
    root.edit("kit.lock", "version = \"1.0.0\"", "version = \"1.1.0\"");
    root.edit("kit.lock", "tag        = \"v1.0.0\"", "tag        = \"v1.1.0\"");
    let old = "sha256:713258153c3a1e36f67e361be67a767f202b1d83173206d0838654293d6cb4cd";
    let new = format!("sha256:{}", "0".repeat(64));
    root.edit("kit.lock", old, &new);
    proposed(&root, "image_only");

    // Digests are for those who ask for them, and for programs.
    let plan = ["plan", DEMO, "--engine", "simulated"];
    let said = root.landfall(&[&plan[..], &["-v"]].concat()).ends_with(0);
    said.says(&["service web: sha256:71325815… → sha256:00000000…"]);
    let said = root.landfall(&[&plan[..], &["--format", "json"]].concat()).ends_with(0);
    let document: serde_json::Value =
        serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let services = &document["layers"][2];
    let texts: Vec<&str> = services["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        ["nightly: v1.0.0 → v1.1.0", "web: v1.0.0 → v1.1.0", "worker: v1.0.0 → v1.1.0"]
    );
    assert!(services["images"][1]["after"].as_str().unwrap().ends_with(&new), "{services}");
    assert_eq!(document["meaning"]["downtime"][0], "none expected");
}

#[test]
fn another_number_of_tasks() {
    let root = installed();
    root.edit("kit.hcl", "replicas = 2", "replicas = 3");
    proposed(&root, "scale_change");
}

#[test]
fn a_service_more() {
    let root = installed();
    let report = "service \"report\" {\n  image = image.app\n  args = [\"report\"]\n  \
                  uses = [database.main]\n  cpu = 0.25\n  memory = \"512Mi\"\n  replicas = 1\n}\n\n\
                  job \"migrate\"";
    root.edit("kit.hcl", "job \"migrate\"", report);
    proposed(&root, "new_service");
}

#[test]
fn a_service_less() {
    let root = installed();
    let kit = std::fs::read_to_string(root.path().join("kit.hcl")).unwrap();
    let from = kit.find("service \"worker\"").unwrap();
    let to = kit.find("job \"migrate\"").unwrap();
    root.edit("kit.hcl", &kit[from..to], "");
    proposed(&root, "removed_service");
}

#[test]
fn a_secret_more() {
    let root = installed();
    let secret = "secret \"api_key\" { generate = { kind = \"hex\", bytes = 32 } }\n\n\
                  env {\n  API_KEY       = secret.api_key";
    root.edit("kit.hcl", "env {", secret);
    root.edit(
        "kit.hcl",
        "uses     = [database.main, ",
        "uses     = [secret.api_key, database.main, ",
    );
    proposed(&root, "new_secret");
}

#[test]
fn a_security_group_that_is_opened() {
    let root = Root::demo();
    root.edit(ENVIRONMENT, "allow       = []", "allow       = [\"203.0.113.0/24\"]");
    first_install(&root, DEMO, &[]).ends_with(0).never_says(&[LICENCE]);
    root.edit(ENVIRONMENT, "allow       = [\"203.0.113.0/24\"]", "allow       = []");
    proposed(&root, "security_group_opened");
}
