//! What a rehearsal shows is what the real provider would plan: with the outputs of the simulated
//! foundation, the released provider plans every layer, offline, with the same actions.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::render::support::{Answer, terraform};
use crate::support::{AWS, DEMO, Root};
use crate::validate::configuration;

/// Settings with which the provider plans without an account; nothing of it is ever rendered.
const OFFLINE: &str = r#"
terraform {
  backend "local" {
    path = "offline.tfstate"
  }
}

provider "aws" {
  allowed_account_ids         = null
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"#;

#[test]
fn the_real_provider_plans_what_was_rehearsed() {
    let root = Root::installed();
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let rehearsal = root.rehearsal(DEMO);
    for layer in ["foundation", "jobs", "services"] {
        let made = in_state(&AWS.state(&root, layer));
        assert!(!made.is_empty(), "the rehearsal made nothing in {layer}");
        let planned =
            plan(&rehearsal.join(format!("environments/{DEMO}/terraform/{layer}")), &configuration);
        assert_eq!(planned, made, "{layer}");
    }
}

/// How many resources of each type a state holds.
fn in_state(path: &Path) -> BTreeMap<String, usize> {
    let state: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut counts = BTreeMap::new();
    for resource in state["resources"].as_array().unwrap() {
        if resource["mode"] == "managed" {
            let count = resource["instances"].as_array().unwrap().len();
            *counts.entry(resource["type"].as_str().unwrap().to_owned()).or_default() += count;
        }
    }
    counts
}

/// How many resources of each type the real provider would create in a layer.
fn plan(layer: &Path, configuration: &Path) -> BTreeMap<String, usize> {
    std::fs::remove_file(layer.join("landfall_override.tf")).unwrap();
    std::fs::write(layer.join("offline_override.tf"), OFFLINE).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = terraform(layer);
        command.env("TF_CLI_CONFIG_FILE", configuration).env("AWS_EC2_METADATA_DISABLED", "true");
        let answer = Answer::of(command.args(arguments));
        assert_eq!(answer.code, Some(0), "{arguments:?}\n{}{}", answer.out, answer.err);
        answer.out
    };
    run(&["init", "-input=false", "-lockfile=readonly"]);
    run(&["plan", "-input=false", "-out=offline.tfplan"]);
    let shown: Value = serde_json::from_str(&run(&["show", "-json", "offline.tfplan"])).unwrap();
    let mut counts = BTreeMap::new();
    for change in shown["resource_changes"].as_array().unwrap() {
        if change["change"]["actions"] == serde_json::json!(["create"]) {
            *counts.entry(change["type"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}
