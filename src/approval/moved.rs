//! What moved between the plan that was approved and the plan that is: told line by line, so that
//! nobody has to compare two plans by eye.

use serde_json::Value;

use crate::plan;
use crate::workspace::Layer;

/// One line for each difference between two proposals, as [`canonical`](super::Proposal::canonical)
/// tells them.
pub fn moved(approved: &Value, now: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let plain = [
        ("environment", "the environment"),
        ("from", "the release that runs"),
        ("release", "the release"),
        ("kit_tree", "the kit's files"),
        ("kit_lock", "kit.lock"),
        ("workspace", "the rendered files"),
    ];
    for (key, what) in plain {
        if approved[key] != now[key] {
            lines.push(format!(
                "{what}: approved was {}, now {}",
                text(&approved[key]),
                text(&now[key])
            ));
        }
    }
    if approved["target"] != now["target"] {
        lines.push("the target is another one".to_owned());
    }
    for (place, layer) in Layer::ALL.into_iter().enumerate() {
        let differences = plan::compare(&approved["layers"][place], &now["layers"][place]);
        lines.extend(differences.into_iter().map(|line| format!("{layer}: {line}")));
    }
    let tidy = plan::compare(&approved["tidy"], &now["tidy"]);
    lines.extend(tidy.into_iter().map(|line| format!("tidy: {line}")));
    if approved["jobs"] != now["jobs"] {
        let names = |side: &Value| {
            let jobs = side["jobs"].as_array().into_iter().flatten();
            let names: Vec<&str> = jobs.filter_map(|job| job["name"].as_str()).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        lines.push(format!("jobs: approved were {}, now {}", names(approved), names(now)));
    }
    lines
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "none".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_that_moved_has_its_line() {
        let change = |address: &str, action: &str| json!({"address": address, "actions": [action]});
        let approved = json!({
            "release": "v1.1.0", "workspace": "sha256:aa", "tidy": null,
            "layers": [[], [], [change("a.web", "update")]], "jobs": [{"name": "migrate"}],
        });
        let mut now = approved.clone();
        assert!(moved(&approved, &now).is_empty());
        now["workspace"] = "sha256:bb".into();
        now["layers"][0] = json!([change("b.vpc", "delete")]);
        now["jobs"] = json!([]);
        assert_eq!(
            moved(&approved, &now),
            [
                "the rendered files: approved was sha256:aa, now sha256:bb",
                "foundation: b.vpc: delete, which was not approved",
                "jobs: approved were migrate, now none",
            ]
        );
    }
}
