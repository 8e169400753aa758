//! The released Google provider and the simulated one plan every environment on Google Cloud that
//! the repository brings, and every attribute of both plans is compared. Google's provider is in no
//! mirror by default, so this has a command of its own, `scripts/google-provider`; the test command
//! runs only what proves that the comparison finds a difference.

mod compare;
mod environments;
mod explained;
mod layer;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::{Value as Json, json};

use crate::render::support::repository;
use compare::{Compared, Plan};
use environments::{Environment, LAYERS};
use layer::{Layer, Provider};

/// The variable that names the mirror.
const MIRROR: &str = "LANDFALL_GOOGLE_MIRROR";

/// A plan is work for one processor, and a small machine has two.
const AT_ONCE: usize = 2;

#[test]
#[ignore = "it needs the released Google provider: run `scripts/google-provider`"]
fn the_released_google_provider_plans_what_the_simulated_one_plans() {
    // One account serves every environment: a plan makes nothing in it.
    let simulator = crate::simulate::google_provider();
    let folder = tempfile::tempdir().unwrap();
    let real = Provider::released(folder.path(), &mirror());
    let simulated = Provider::Simulated(simulator.reattach());

    let environments = environments::all();
    let queue = Mutex::new(
        environments
            .iter()
            .flat_map(|it| LAYERS.map(|layer| (it, layer)))
            .rev()
            .collect::<Vec<_>>(),
    );
    let rows = Mutex::new(Vec::new());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((environment, name)) = queue.lock().unwrap().pop() else { break };
                    match both(environment, name, &real, &simulated) {
                        Ok(compared) => rows.lock().unwrap().push((environment, name, compared)),
                        Err(fault) => faults.lock().unwrap().push(fault),
                    }
                }
            });
        }
    });
    let rows = rows.into_inner().unwrap();
    eprintln!("\n{}", table(&environments, &rows));
    let mut faults = faults.into_inner().unwrap();
    faults.extend(rows.iter().flat_map(|(_, _, compared)| compared.faults.clone()));
    let met: BTreeSet<usize> = rows.iter().flat_map(|(_, _, it)| it.met.clone()).collect();
    faults.extend(not_met(&met));
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));

    it_can_fail(&environments[0], &real);
}

/// Explanations that no difference needed.
fn not_met(met: &BTreeSet<usize>) -> Vec<String> {
    let all = explained::EXPLAINED.iter().enumerate().filter(|(number, _)| !met.contains(number));
    all.map(|(_, it)| format!("{it:?} does not occur any more: take it off the list")).collect()
}

/// The plans of one layer by both providers.
fn both(
    environment: &Environment,
    name: &str,
    real: &Provider,
    simulated: &Provider,
) -> Result<Compared, String> {
    let layer = Layer::new(environment.layer(name));
    let at = format!("{} {name}", environment.title);
    layer.validate(real).map_err(|fault| format!("{at}: {fault}"))?;
    let planned = layer.plan(real).map_err(|fault| format!("{at}: {fault}"))?;
    let foretold = layer.plan(simulated).map_err(|fault| format!("{at}, simulated: {fault}"))?;
    Ok(compare::compare(&at, &planned, &foretold))
}

/// What the released provider does not have is refused, and what it plans otherwise is found.
fn it_can_fail(environment: &Environment, real: &Provider) {
    let folder = environment.layer("jobs");
    let wrong = "resource \"google_pubsub_topic\" \"wrong\" {\n  nonsense = true\n}\n";
    std::fs::write(folder.join("wrong.tf"), wrong).unwrap();
    let layer = Layer::new(folder);
    let fault = layer.validate(real).unwrap_err();
    assert!(fault.contains("nonsense"), "{fault}");

    std::fs::write(layer.folder.join("wrong.tf"), "").unwrap();
    let before = layer.plan(real).unwrap();
    let values = layer.folder.join("terraform.tfvars");
    let text = std::fs::read_to_string(&values).unwrap();
    assert!(text.contains("timeout_seconds"), "{text}");
    let changed = regex::Regex::new(r"(timeout_seconds *= )\d+").unwrap();
    std::fs::write(&values, changed.replace(&text, "${1}77").as_bytes()).unwrap();
    let faults = compare::compare("changed", &before, &layer.plan(real).unwrap()).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("google_cloud_run_v2_job.this.template"), "{faults:?}");
}

/// The folder that the variable names, with the version that `kit.lock` pins and whose behaviour
/// the simulated provider knows.
fn mirror() -> PathBuf {
    let version = environments::pinned_version();
    let data = format!("data/google-{version}.schema.json.gz");
    assert!(repository().join(&data).is_file(), "kit.lock pins {version}, but there is no {data}");
    let mirror = std::env::var_os(MIRROR).map(PathBuf::from);
    let inner = format!("registry.terraform.io/hashicorp/google/{version}");
    mirror.filter(|folder| folder.join(inner).is_dir()).unwrap_or_else(|| {
        panic!("{MIRROR} names no folder with Google's provider {version}: `scripts/google-provider` says how to get it")
    })
}

/// The numbers, in the order of the environments and their layers.
fn table(environments: &[Environment], rows: &[(&Environment, &str, Compared)]) -> String {
    let mut text = String::new();
    let mut line = |environment: &str, layer: &str, numbers: [&dyn std::fmt::Display; 4]| {
        let [resources, attributes, equal, explained] = numbers;
        writeln!(
            text,
            "{environment:<30} {layer:<11} {resources:>9} {attributes:>10} {equal:>6} {explained:>9}"
        )
        .unwrap();
    };
    line("environment", "layer", [&"resources", &"attributes", &"equal", &"explained"]);
    let mut total = Compared::default();
    for environment in environments {
        for layer in LAYERS {
            let same = |it: &&(&Environment, &str, Compared)| {
                std::ptr::eq(it.0, environment) && it.1 == layer
            };
            let Some((_, _, it)) = rows.iter().find(same) else { continue };
            line(
                &environment.title,
                layer,
                [&it.resources, &it.attributes, &it.equal, &it.explained],
            );
            total.resources += it.resources;
            total.attributes += it.attributes;
            total.equal += it.equal;
            total.explained += it.explained;
        }
    }
    line("all", "", [&total.resources, &total.attributes, &total.equal, &total.explained]);
    text
}

fn plan_of_one(kind: &str, actions: &str, after: &Json, unknown: &Json) -> Plan {
    Plan::of(&json!({ "resource_changes": [{ "address": format!("{kind}.one"), "type": kind,
        "change": { "actions": [actions], "after": after, "after_unknown": unknown,
            "after_sensitive": {} } }] }))
}

/// Two plans that differ in one attribute, in an action and in a resource: each is found.
#[test]
fn a_difference_between_two_plans_is_found() {
    let plan = |actions: &str, after: Json, unknown: Json| {
        plan_of_one("google_pubsub_topic", actions, &after, &unknown)
    };
    let (whole, id) = (json!({ "name": "one", "labels": null }), json!({ "id": true }));
    let one = plan("create", whole.clone(), id.clone());
    let same = compare::compare("same", &one, &one);
    assert_eq!((same.resources, same.attributes, same.equal), (1, 3, 3));
    assert!(same.faults.is_empty());
    for (other, found) in [
        (plan("create", json!({ "name": "two", "labels": null }), id.clone()), "one.name"),
        (plan("create", whole.clone(), json!({})), "one.id"),
        (plan("create", json!({ "name": "one" }), id.clone()), "one.labels"),
        (plan("delete", whole.clone(), id.clone()), "delete"),
        (Plan::default(), "google_pubsub_topic.one"),
    ] {
        for faults in
            [compare::compare("there", &one, &other), compare::compare("back", &other, &one)]
                .map(|it| it.faults)
        {
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].contains(found), "{faults:?}");
        }
    }
}

/// An explanation is of one difference: the same attribute with another value is a fault, and so is
/// an explanation of nothing.
#[test]
fn only_what_is_explained_is_explained() {
    let plan = |address_type: Option<&str>| {
        let after = json!({ "address_type": address_type });
        plan_of_one("google_compute_global_address", "create", &after, &json!({}))
    };
    let written = compare::compare("written", &plan(None), &plan(Some("EXTERNAL")));
    assert_eq!((written.equal, written.explained, written.faults.len()), (0, 1, 0));
    assert_eq!(written.met, BTreeSet::from([0]));
    let idle = not_met(&written.met);
    assert!(
        idle.len() == explained::EXPLAINED.len() - 1 && idle[0].contains("ip_version"),
        "{idle:?}"
    );
    for (real, simulated) in
        [(Some("EXTERNAL"), None), (None, Some("INTERNAL")), (Some("INTERNAL"), Some("EXTERNAL"))]
    {
        let other = compare::compare("other", &plan(real), &plan(simulated));
        assert_eq!((other.explained, other.faults.len()), (0, 1), "{real:?} {simulated:?}");
    }
}
