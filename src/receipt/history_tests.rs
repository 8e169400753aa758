//! Chains that are whole, and every way in which one is not.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::*;

/// Receipts of these runs, each behind the one before it; `change` may tamper with one before the
/// next is written.
fn chained(runs: &[&str]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for run in runs {
        let previous = entries.last().map(|it| json!({"run": it.run, "hash": it.hash}));
        entries.push(entry(run, &json!({"previous": previous})));
    }
    entries
}

fn entry(run: &str, more: &serde_json::Value) -> Entry {
    let mut receipt = json!({"format": 1, "result": "verified", "run": run,
        "command": "update acme", "at": "2026-11-21T15:04:12Z"});
    for (name, value) in more.as_object().unwrap() {
        receipt[name] = value.clone();
    }
    Entry::read(&key(run), receipt.to_string().as_bytes()).unwrap()
}

#[test]
fn a_chain_is_whole() {
    assert!(breaks(&chained(&["1", "2", "3"]), None).is_empty());
    assert!(breaks(&[], None).is_empty());
}

#[test]
fn a_changed_receipt_is_told_with_both_hashes() {
    let mut entries = chained(&["1", "2", "3"]);
    let was = entries[1].hash.clone();
    let previous = json!({"run": "1", "hash": entries[0].hash});
    entries[1] = entry("2", &json!({"previous": previous, "result": "failed"}));
    let is = &entries[1].hash;
    let told = format!("the receipt of run 2 was changed: run 3 names it as {was}, it is {is}");
    assert_eq!(breaks(&entries, None), [told]);
}

#[test]
fn a_missing_receipt_is_told_wherever_it_was() {
    for (missing, count) in [(0, 1), (1, 2)] {
        let mut entries = chained(&["1", "2", "3"]);
        let gone = entries.remove(missing);
        let found = breaks(&entries, None);
        assert_eq!(found.len(), count, "{found:?}");
        let told = format!("the receipt of run {} is missing", gone.run);
        assert!(found[0].starts_with(&told) && found[0].ends_with(&gone.hash), "{found:?}");
    }
}

#[test]
fn the_lock_holds_the_last_one() {
    let entries = chained(&["1", "2"]);
    let lock = |run: &str, hash: &str| -> Lock {
        let release = json!({"kit": "k", "tag": "v1", "tree": "", "lock": "", "workspace": ""});
        serde_json::from_value(json!({"format": 1, "environment": "acme", "release": release,
            "images": {}, "receipt_run": run, "receipt": hash}))
        .unwrap()
    };
    assert!(breaks(&entries, Some(&lock("2", &entries[1].hash))).is_empty());
    let gone = breaks(&entries, Some(&lock("3", "sha256:aa")));
    assert_eq!(gone, ["the receipt of run 3 is missing: landfall.lock names it as sha256:aa"]);
    assert_eq!(breaks(&entries, Some(&lock("2", "sha256:aa"))).len(), 1);
}

#[test]
fn one_that_was_put_in_or_names_none_is_told() {
    let mut entries = chained(&["1", "3"]);
    entries.insert(1, entry("2", &json!({})));
    let told = "the receipt of run 2 is not in the chain: run 3 names 1 before it";
    assert_eq!(breaks(&entries, None), [told]);
    let mut entries = chained(&["1", "2"]);
    entries.push(entry("3", &json!({})));
    assert_eq!(breaks(&entries, None), ["the receipt of run 3 names none before it"]);
    // Those of before receipts were chained come first, and name none.
    let mut entries = vec![entry("1", &json!({})), entry("2", &json!({}))];
    let previous = json!({"run": "2", "hash": entries[1].hash});
    entries.push(entry("3", &json!({"previous": previous})));
    assert!(breaks(&entries, None).is_empty());
}

#[test]
fn the_last_good_release_is_found_behind_failures() {
    let entries = [
        entry("1", &json!({})),
        entry("2", &json!({})),
        entry("3", &json!({"result": "returned", "to": "v9"})),
    ];
    assert_eq!(last_verified(&entries, None).map(|it| it.run.as_str()), Some("2"));
    assert_eq!(last_verified(&entries, Some("2")).map(|it| it.run.as_str()), Some("1"));
    assert_eq!(entries[2].to(), Some("v9"));
}
