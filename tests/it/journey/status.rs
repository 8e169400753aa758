//! Where an environment stands, after a good day and after a bad one.

use serde_json::Value as Json;

use super::approved_update;
use crate::support::{DEMO, Root, redacted};

const STATUS: [&str; 4] = ["status", DEMO, "--engine", "simulated"];

#[track_caller]
fn stands(root: &Root, name: &str) {
    let said = root.landfall(&STATUS).ends_with(0);
    let mut settings = redacted(root);
    settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[WHEN]");
    settings.add_filter("/task/[^ :,]+", "/task/[TASK]");
    settings.add_filter("(targetgroup/[a-z-]+/)[0-9a-f]{16}", "${1}[ID]");
    settings.bind(|| insta::assert_snapshot!(name, said.out));
}

#[test]
fn after_an_install_everything_is_as_locked() {
    let root = Root::installed();
    stands(&root, "as_locked");
    let said = root.landfall(&[&STATUS[..], &["--format", "json"]].concat()).ends_with(0);
    let status: Json = serde_json::from_str(&said.out).unwrap();
    assert_eq!(status["locked"], "v1.0.0");
    assert_eq!(status["services"][0]["origin"], "locked");
    assert_eq!(status["services"][0]["as_locked"], true);
    assert_eq!(status["last_run"]["result"], "verified");
    assert_eq!(status["next"], "landfall plan demo-aws");
}

#[test]
fn after_a_failed_update_it_says_what_runs_and_why() {
    let root = Root::installed();
    let file = "environments/demo-aws/environment.hcl";
    root.edit(file, "ledger@acme.example", "other@acme.example");
    approved_update(&root, DEMO, &["--fault", "unhealthy=web"]).ends_with(1);
    stands(&root, "after_a_failure");
}

#[test]
fn before_an_install_nothing_is_there() {
    stands(&Root::demo(), "nothing_yet");
}
