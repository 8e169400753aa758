//! G12: an update that is killed at any point is completed by the same command, and nothing shows
//! that it was not done in one go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use landfall::report::Step;
use regex::Regex;
use serde_json::{Value as Json, json};

use super::update;
use crate::support::{AWS, Demo, Root, Said, Terminal, on_both_clouds};

on_both_clouds!(
    every_step_that_acts_has_a_middle_to_be_killed_in,
    g12_an_update_that_is_killed_in_the_middle_of_every_step_in_turn_is_completed,
    g12_an_update_that_is_killed_between_its_receipt_and_its_lock_is_completed,
);

/// A migration, a secret that goes and one that comes: every step has something to do.
const EDITS: [(&str, &str); 4] = [
    ("  version = 1\n  accepts = [1]", "  version = 2\n  accepts = [1, 2]"),
    (
        "secret \"licence\" { supplied = true }",
        "secret \"token\" { generate = { kind = \"hex\", bytes = 16 } }",
    ),
    ("LICENCE       = secret.licence", "TOKEN         = secret.token"),
    ("secret.session_key, secret.licence]", "secret.session_key, secret.token]"),
];

/// `update` to the release as a person does it.
fn updated(on: &Demo, root: &Root, more: &[&str]) -> Said {
    let more = [&["v1.1.0"], more].concat();
    Terminal::landfall(root, &update(on.name, &more))
        .answers(&[("Type its address", on.licence), ("Type yes", "yes")])
}

/// The demo before the release, and what an update that nobody disturbs makes of it.
struct Scene {
    before: Root,
    after: Root,
    left: BTreeMap<String, Json>,
    /// Step → how many events it had, its beginning being the first.
    events: BTreeMap<String, usize>,
}

/// One for all tests of a cloud; each gets copies.
fn scene(on: &'static Demo) -> &'static Scene {
    static SCENES: [OnceLock<Scene>; 2] = [OnceLock::new(), OnceLock::new()];
    on.either(&SCENES[0], &SCENES[1]).get_or_init(|| {
        let before = on.installed();
        before.release("1.1.0", &EDITS);
        let after = before.copied();
        updated(on, &after, &[]).ends_with(0).says(&["updated and verified"]);
        Scene { left: left(on, &after), events: events(on, &after), before, after }
    })
}

/// The events of every step of the run that was verified last, from its journal.
fn events(on: &Demo, root: &Root) -> BTreeMap<String, usize> {
    let lock: Json = serde_json::from_str(&root.lock(on.name).unwrap()).unwrap();
    let run = lock["receipt_run"].as_str().unwrap();
    let folder = root.rehearsal(on.name).join("environments").join(on.name).join("runs").join(run);
    let journal = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap();
    let (mut events, mut within) = (BTreeMap::new(), None);
    for line in journal.lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let event = line.get("event").unwrap_or(&line);
        match event["type"].as_str().unwrap_or_default() {
            "step-started" => within = event["step"].as_str().map(str::to_owned),
            "step-finished" => within = None,
            _ => {}
        }
        if let Some(step) = &within {
            *events.entry(step.clone()).or_default() += 1;
        }
    }
    events
}

/// Runs the update into its death.
#[track_caller]
fn is_killed(on: &Demo, root: &Root, point: &str) {
    let said = updated(on, root, &["--fault", point]);
    assert_eq!(said.exit, None, "{point} does not kill it:\n{}", said.all());
}

/// Each run comes further than the one before it, and dies half-way through what is new to it.
fn g12_an_update_that_is_killed_in_the_middle_of_every_step_in_turn_is_completed(
    on: &'static Demo,
) {
    let root = scene(on).before.copied();
    for step in Step::UPDATE {
        let count = scene(on).events[&step.key()];
        // One event is its beginning.
        if count > 1 {
            is_killed(on, &root, &format!("kill={}:nth={}", step.key(), count / 2 + 1));
        }
    }
    is_completed(on, &root, "the middle of every step in turn");
}

/// The same where a step begins, for there the one before it has ended. On AWS alone: what begins and
/// ends is not the cloud's.
#[test]
fn g12_an_update_that_is_killed_where_every_step_begins_is_completed() {
    let root = scene(&AWS).before.copied();
    for step in Step::UPDATE {
        is_killed(&AWS, &root, &format!("kill={}", step.key()));
    }
    is_killed(&AWS, &root, &format!("kill-after={}", Step::Receipt.key()));
    is_completed(&AWS, &root, "where every step begins");
}

/// The same command leaves what it would have left in one go, and history is whole.
#[track_caller]
fn is_completed(on: &'static Demo, root: &Root, point: &str) {
    let said = updated(on, root, &[]);
    assert_eq!(said.exit, Some(0), "{point}:\n{}", said.all());
    let found = left(on, root);
    let expected = &scene(on).left;
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter(|name| expected.get(*name) != found.get(*name))
        .map(|name| format!("{name}{}", difference(expected.get(name), found.get(name))))
        .collect();
    let (differing, said) = (differing.join("\n"), said.all());
    assert!(differing.is_empty(), "{point} leaves something else:\n{differing}\n{said}");
    root.landfall(&["history", on.name, "--engine", "simulated"]).ends_with(0);
}

/// Where two documents differ, a line for each place.
fn difference(expected: Option<&Json>, found: Option<&Json>) -> String {
    match (expected, found) {
        (Some(Json::Object(one)), Some(Json::Object(other))) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            let differing = keys.into_iter().filter(|key| one.get(*key) != other.get(*key));
            differing
                .map(|key| format!(".{key}{}", difference(one.get(key), other.get(key))))
                .collect::<Vec<_>>()
                .join("\n")
        }
        (Some(Json::Array(one)), Some(Json::Array(other))) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate().filter(|(_, (one, other))| one != other);
            pairs
                .map(|(at, (one, other))| format!("[{at}]{}", difference(Some(one), Some(other))))
                .collect::<Vec<_>>()
                .join("\n")
        }
        (expected, found) => format!(": {expected:?} → {found:?}"),
    }
}

/// Everything that an update leaves, by name, without what is another one in every run.
fn left(on: &Demo, root: &Root) -> BTreeMap<String, Json> {
    let mut left = BTreeMap::new();
    let mut lock: Json = serde_json::from_str(&root.lock(on.name).unwrap()).unwrap();
    let mut receipt = root.receipt(on.name, lock["receipt_run"].as_str().unwrap());
    for key in ["receipt", "receipt_run"] {
        lock[key].take();
    }
    // The approval is of what was left to do by then.
    for key in ["run", "at", "seconds", "previous", "approval"] {
        receipt[key].take();
    }
    left.insert("lock".to_owned(), lock);
    left.insert("receipt".to_owned(), receipt);
    for layer in ["foundation", "jobs", "services"] {
        let state = std::fs::read(on.state(root, layer)).unwrap();
        let mut state: Json = serde_json::from_slice(&state).unwrap();
        // Terraform writes checks and sensitive attributes in any order.
        for key in ["serial", "check_results"] {
            state[key].take();
        }
        for resource in state["resources"].as_array_mut().unwrap() {
            for instance in resource["instances"].as_array_mut().unwrap() {
                if let Some(paths) = instance["sensitive_attributes"].as_array_mut() {
                    paths.sort_by_key(Json::to_string);
                }
            }
        }
        left.insert(format!("state of {layer}"), state);
    }
    for (id, state) in root.states(on.name) {
        left.insert(format!("resource {id}"), state);
    }
    for (arn, secret) in root.account(on.name)["secrets"].as_object().unwrap() {
        let versions = secret["values"].as_object().unwrap().len();
        left.insert(format!("secret {arn}"), json!(versions));
    }
    left.insert("jobs".to_owned(), json!(root.jobs(on.name)));
    files(&root.rehearsal(on.name), &root.rehearsal(on.name), &mut left);
    let place = root.path().canonicalize().unwrap().to_string_lossy().into_owned();
    let version = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let told = |value: Json| {
        let text = value.to_string().replace(&place, "[ROOT]");
        serde_json::from_str(&version.replace_all(&text, "[VERSION]")).unwrap()
    };
    left.into_iter().map(|(key, value)| (key, told(value))).collect()
}

/// The files of the environment with what is in them, and the names of those in the account; of
/// runs only what must not stay there.
fn files(folder: &Path, base: &Path, left: &mut BTreeMap<String, Json>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
        let told = [".terraform/", "/receipts/", "landfall.lock", "account.json"];
        let stays = [".tfplan", ".tfvars.json"].iter().any(|end| name.ends_with(end));
        if path.is_dir() {
            files(&path, base, left);
        } else if !told.iter().any(|it| name.contains(it)) && (stays || !name.contains("/runs/")) {
            let text = std::fs::read(&path).unwrap();
            let text = name.starts_with("environments/").then(|| String::from_utf8_lossy(&text));
            left.insert(format!("file {name}"), json!(text));
        }
    }
}

/// So that no test loses its subject: these steps have something in their middle.
fn every_step_that_acts_has_a_middle_to_be_killed_in(on: &'static Demo) {
    let events = scene(on).events.iter().filter(|(_, count)| **count > 1);
    let found: Vec<&str> = events.map(|(step, _)| step.as_str()).collect();
    // What a plan tells is the data sources that it reads: Google Cloud's modules have none.
    let plans: &[&str] = on.either(&["drift", "plan"], &[]);
    let acts = ["approval", "foundation", "jobs", "migrate", "services", "tidy"];
    for step in plans.iter().copied().chain(acts) {
        assert!(found.contains(&step), "{step} has no event: {found:?}");
    }
    assert_eq!(scene(on).events.len(), Step::UPDATE.len());
}

fn g12_an_update_that_is_killed_between_its_receipt_and_its_lock_is_completed(on: &'static Demo) {
    let root = scene(on).after.copied();
    let folder = |root: &Root| root.rehearsal(on.name).join("environments").join(on.name);
    for file in ["landfall.lock", "environment.hcl"] {
        std::fs::copy(folder(&scene(on).before).join(file), folder(&root).join(file)).unwrap();
    }
    // The candidate goes last.
    let lock: Json = serde_json::from_str(&scene(on).after.lock(on.name).unwrap()).unwrap();
    let candidate = json!({
        "format": 1,
        "environment": on.name,
        "command": format!("update {} v1.1.0", on.name),
        "release": lock["release"],
        "verified": true,
    });
    let path = folder(&root).join("landfall.next.lock");
    std::fs::write(path, candidate.to_string()).unwrap();
    is_completed(on, &root, "between receipt and lock");
}
