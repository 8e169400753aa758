//! Receipts: each names the one before it, and one that was changed or taken away shows.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::{approved_update, update};
use crate::support::{DEMO, Root, redacted};

const SIMULATED: [&str; 4] = ["history", DEMO, "--engine", "simulated"];

/// The receipts in the bucket, oldest first.
fn receipts(root: &Root) -> Vec<PathBuf> {
    let folder = root.bucket(DEMO).join("receipts");
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    found.sort();
    found
}

fn json(path: &PathBuf) -> Json {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Installed, updated, and once more with a migration that fails.
fn three_runs() -> Root {
    let root = Root::installed();
    let file = "environments/demo-aws/environment.hcl";
    root.edit(file, "ledger@acme.example", "other@acme.example");
    approved_update(&root, DEMO, &[]).ends_with(0);
    root.edit(file, "other@acme.example", "third@acme.example");
    approved_update(&root, DEMO, &["--fault", "job=migrate:exit=1"]).ends_with(1);
    root
}

#[test]
fn history_tells_every_run_and_one_in_detail() {
    let root = three_runs();
    let mut settings = redacted(&root);
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[WHEN]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[WHEN]");
    settings.add_filter(r" +(\d+ min \d+ s|\d+(\.\d)? s)  ", "  [TIME]  ");
    let said = root.landfall(&SIMULATED).ends_with(0);
    settings.bind(|| insta::assert_snapshot!("history", said.all()));
    let receipts = receipts(&root);
    let run = |at: usize| receipts[at].file_stem().unwrap().to_str().unwrap().to_owned();
    for (at, name) in [(1, "history_verified"), (2, "history_failed")] {
        let said = root.landfall(&[&SIMULATED[..], &[&run(at)]].concat()).ends_with(0);
        settings.bind(|| insta::assert_snapshot!(name, said.all()));
    }
    root.landfall(&[&SIMULATED[..], &["2"]].concat()).ends_with(2).says(&["3 runs begin with 2"]);
    root.landfall(&[&SIMULATED[..], &["x"]].concat()).ends_with(2).says(&["no receipt of a run x"]);

    let said = root.landfall(&[&SIMULATED[..], &["--format", "json"]].concat()).ends_with(0);
    let rows: Vec<Json> = said.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let results: Vec<&Json> = rows.iter().map(|row| &row["result"]).collect();
    assert_eq!(results, ["verified", "verified", "failed"]);
    assert_eq!(rows[2]["from"], "v1.0.0");
    assert!(rows[2]["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn receipts_name_the_one_before_them() {
    let root = three_runs();
    let receipts = receipts(&root);
    assert_eq!(json(&receipts[0])["previous"], Json::Null);
    for pair in receipts.windows(2) {
        let run = pair[0].file_stem().unwrap().to_str().unwrap();
        assert_eq!(json(&pair[1])["previous"]["run"], run);
    }

    // A failure is made a success.
    let last = std::fs::read_to_string(&receipts[1]).unwrap();
    std::fs::write(&receipts[1], last.replace("other@", "nobody@").replace("person", "digest"))
        .unwrap();
    let run = receipts[1].file_stem().unwrap().to_str().unwrap();
    let changed = format!("because: the receipt of run {run} was changed: run");
    let by_lock = format!("because: the receipt of run {run} was changed: landfall.lock names it");
    root.landfall(&SIMULATED).ends_with(1).says(&[&changed, &by_lock, "names it as sha256:"]);
    std::fs::write(&receipts[1], last).unwrap();
    root.landfall(&SIMULATED).ends_with(0);

    std::fs::remove_file(&receipts[0]).unwrap();
    let run = receipts[0].file_stem().unwrap().to_str().unwrap();
    let missing = format!("because: the receipt of run {run} is missing: run");
    root.landfall(&SIMULATED).ends_with(1).says(&[&missing]);
    // The next run goes on behind the newest one.
    approved_update(&root, DEMO, &[]).ends_with(0);
    let said = root.landfall(&update(DEMO, &[])).ends_with(0);
    said.says(&["nothing to change"]);
    root.landfall(&SIMULATED).ends_with(1).says(&["1 finding", &missing]);
}

#[test]
fn nothing_happened_yet() {
    let root = Root::demo();
    root.landfall(&SIMULATED).ends_with(0).says(&["no run left a receipt yet"]);
}
