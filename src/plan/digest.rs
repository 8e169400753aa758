//! A layer's part of the approval digest: which address gets which actions, and what forces a
//! replacement. Values are shown to the person, not compared: a forecast and the plan that
//! follows it differ in every id.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Action, LayerPlan};

/// The canonical part: entries sorted by address, keys in order, no reads (they change nothing
/// and happen at plan or at apply by chance of what is known).
pub fn part(plan: &LayerPlan) -> Value {
    let mut entries: Vec<(&str, Value)> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::Read)
        .map(|change| {
            let steps = change.action.steps();
            let mut entry = json!({"actions": steps, "address": change.address});
            if !change.replace_paths.is_empty() {
                entry["replace_paths"] = json!(change.replace_paths);
            }
            if let Some(from) = &change.previous_address {
                entry["from"] = json!(from);
            }
            (change.address.as_str(), entry)
        })
        .collect();
    entries.sort_by(|one, other| one.0.cmp(other.0));
    Value::Array(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// What differs between an approved part and a new one, one line each; empty if they are equal.
pub fn compare(approved: &Value, now: &Value) -> Vec<String> {
    let (approved, now) = (by_address(approved), by_address(now));
    let mut lines = Vec::new();
    for (address, entry) in &now {
        match approved.get(address) {
            None => lines.push(format!("{address}: {}, which was not approved", said(entry))),
            Some(before) if before == entry => {}
            Some(before) if said(before) == said(entry) => lines.push(format!(
                "{address}: {} because of {}, approved because of {}",
                said(entry),
                reasons(entry),
                reasons(before)
            )),
            Some(before) => {
                lines.push(format!("{address}: {}, approved was: {}", said(entry), said(before)));
            }
        }
    }
    for (address, entry) in &approved {
        if !now.contains_key(address) {
            lines.push(format!("{address}: no change, approved was: {}", said(entry)));
        }
    }
    lines
}

fn by_address(part: &Value) -> BTreeMap<&str, &Value> {
    let entries = part.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry["address"].as_str()?, entry))).collect()
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn said(entry: &Value) -> &'static str {
    match words(&entry["actions"]).as_slice() {
        ["create"] => "create",
        ["update"] => "change in place",
        ["delete", "create"] => "replace, the old one first",
        ["create", "delete"] => "replace, the new one first",
        ["delete"] => "delete",
        ["forget"] => "forget",
        _ => "move or import",
    }
}

fn reasons(entry: &Value) -> String {
    match words(&entry["replace_paths"]).as_slice() {
        [] => "nothing named".to_owned(),
        paths => paths.join(", "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn plan(changes: &[(&str, &[&str])]) -> LayerPlan {
        let changes: Vec<Value> = changes
            .iter()
            .map(|(address, actions)| {
                json!({"address": address, "mode": "managed", "type": "t", "name": "n",
                    "change": {"actions": actions, "replace_paths": [["b"], ["a", 0]]}})
            })
            .collect();
        let json = json!({"format_version": "1.2", "resource_changes": changes}).to_string();
        super::super::read(json.as_bytes(), "foundation").unwrap()
    }

    #[test]
    fn the_part_is_sorted_and_the_same_bytes_for_the_same_meaning() {
        let one = part(&plan(&[("t.b", &["create"]), ("t.a", &["delete", "create"])]));
        let other = part(&plan(&[("t.a", &["delete", "create"]), ("t.b", &["create"])]));
        assert_eq!(one.to_string(), other.to_string());
        assert_eq!(
            one[0].to_string(),
            r#"{"actions":["delete","create"],"address":"t.a","replace_paths":["a.0","b"]}"#
        );
    }

    #[test]
    fn reads_and_unchanged_resources_do_not_count() {
        assert_eq!(part(&plan(&[("data.t.a", &["read"]), ("t.a", &["no-op"])])), json!([]));
    }

    #[test]
    fn differences_are_told_by_address() {
        let approved = part(&plan(&[("t.a", &["create"]), ("t.b", &["update"])]));
        let now = part(&plan(&[("t.b", &["delete", "create"]), ("t.c", &["delete"])]));
        assert_eq!(
            compare(&approved, &now),
            [
                "t.b: replace, the old one first, approved was: change in place",
                "t.c: delete, which was not approved",
                "t.a: no change, approved was: create",
            ]
        );
        assert!(compare(&now, &now).is_empty());
    }

    #[test]
    fn another_reason_for_a_replacement_is_a_difference() {
        let now = part(&plan(&[("t.a", &["delete", "create"])]));
        let mut approved = now.clone();
        approved[0]["replace_paths"] = json!(["engine"]);
        assert_eq!(
            compare(&approved, &now),
            ["t.a: replace, the old one first because of a.0, b, approved because of engine"]
        );
    }
}
