//! An update of images only with the real provider, and the way back from it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use landfall::cloud::Cloud as _;
use serde_json::{Value, json};

use super::account::Emulated;
use super::install::plans_nothing_by_hand;
use crate::support::{DEMO, Said};

/// The index digest of `kit.lock` at v1.0.0.
const FIRST: &str = "sha256:713258153c3a1e36f67e361be67a767f202b1d83173206d0838654293d6cb4cd";

/// Tasks that a release runs in both services.
const TASKS: usize = 3;

/// One installed environment serves all of this: the real provider takes its time.
#[test]
fn a_release_is_updated_to_and_taken_back_on_an_emulated_aws() {
    let aws = Emulated::demo();
    aws.approved_by_digest("install").ends_with(0).says(&["installed and verified"]);
    assert_eq!(running(&aws), vec![FIRST.to_owned(); TASKS]);

    let second = aws.root.releases("1.1.0");
    a_plan_of_images_touches_what_runs_them(&aws, &second);
    it_is_updated(&aws, &second);
    it_is_rolled_back(&aws);
}

/// Nothing but task definitions, services and the schedule; one sentence for each workload.
fn a_plan_of_images_touches_what_runs_them(aws: &Emulated, digest: &str) {
    let said = aws.landfall("plan", &["v1.1.0", "--format", "json"]).ends_with(0);
    let plan: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let texts = |layer: usize| -> Vec<&str> {
        let sentences = plan["layers"][layer]["sentences"].as_array().unwrap();
        sentences.iter().map(|sentence| sentence["text"].as_str().unwrap()).collect()
    };
    assert_eq!(texts(0), [""; 0]);
    assert_eq!(texts(1), ["migrate: v1.0.0 → v1.1.0"]);
    assert_eq!(
        texts(2),
        ["nightly: v1.0.0 → v1.1.0", "web: v1.0.0 → v1.1.0", "worker: v1.0.0 → v1.1.0"]
    );
    assert_eq!((&plan["tidy"], &plan["losses"]), (&Value::Null, &json!([])));
    assert_eq!(plan["jobs"].as_array().unwrap().len(), 1, "{}", plan["jobs"]);
    let images = plan["layers"][2]["images"].as_array().unwrap();
    assert!(!images.is_empty());
    for image in images {
        assert!(image["before"].as_str().unwrap().ends_with(FIRST), "{image}");
        assert!(image["after"].as_str().unwrap().ends_with(digest), "{image}");
    }
    assert_eq!(running(aws), vec![FIRST.to_owned(); TASKS], "a plan touches nothing");
}

fn it_is_updated(aws: &Emulated, digest: &str) {
    let mut terminal = aws.at_terminal("update", &["v1.1.0"]);
    terminal.until("migrate | ledger: migrate starts");
    let said = terminal.end().ends_with(0).says(&[
        "demo-aws v1.0.0 → v1.1.0 in account 111122223333",
        "foundation\n  no changes\n",
        "jobs\n  ~  migrate: v1.0.0 → v1.1.0\n",
        "services\n  ~  nightly: v1.0.0 → v1.1.0\n  ~  web: v1.0.0 → v1.1.0\n  \
         ~  worker: v1.0.0 → v1.1.0\n",
        "touches       only jobs and services: needs the rights of the role update",
        "migrate: exit code 0",
        "updated and verified",
    ]);
    drifted_nowhere(&said);
    assert_eq!(running(aws), vec![digest.to_owned(); TASKS]);
    assert_eq!(applied(aws, "foundation"), set(&[]));
    assert_eq!(applied(aws, "jobs"), set(&["module.job_migrate.aws_ecs_task_definition.this"]));
    assert_eq!(applied(aws, "services"), set(&OF_IMAGES));
    let receipt = receipt(aws);
    assert_eq!(receipt["result"], "verified");
    assert_eq!(
        (&receipt["from"], &receipt["release"]["tag"]),
        (&json!("v1.0.0"), &json!("v1.1.0"))
    );
    assert_eq!(receipt["jobs"], json!(["migrate"]), "another image is another job");
    assert_eq!(wanted(aws), "release = \"v1.1.0\"");
    plans_nothing(aws);
}

/// The kit in the root is still the newer release: the older one comes from the bucket.
fn it_is_rolled_back(aws: &Emulated) {
    let said = aws.at_terminal("rollback", &[]).end().ends_with(0).says(&[
        "demo-aws v1.1.0 → v1.0.0 in account 111122223333",
        "web: v1.1.0 → v1.0.0",
        "worker: v1.1.0 → v1.0.0",
        "an older release migrates nothing",
        "rolled back and verified",
    ]);
    drifted_nowhere(&said);
    assert_eq!(running(aws), vec![FIRST.to_owned(); TASKS]);
    assert_eq!(applied(aws, "foundation"), set(&[]));
    assert_eq!(applied(aws, "services"), set(&OF_IMAGES));
    let back = receipt(aws);
    assert_eq!((&back["result"], &back["jobs"]), (&json!("verified"), &json!([])));
    assert_eq!(
        back["release"],
        first_receipt(aws)["release"],
        "the release of then, by its hashes"
    );
    for service in back["services"].as_array().unwrap() {
        assert_eq!(service["digest"], FIRST, "{service}");
    }
    assert_eq!(wanted(aws), "release = \"v1.0.0\"");
    plans_nothing(aws);
}

/// What another image changes in the layer of services.
const OF_IMAGES: [&str; 6] = [
    "module.job_nightly.aws_ecs_task_definition.this",
    "module.job_nightly.aws_scheduler_schedule.this[0]",
    "module.service_web.aws_ecs_service.this",
    "module.service_web.aws_ecs_task_definition.this",
    "module.service_worker.aws_ecs_service.this",
    "module.service_worker.aws_ecs_task_definition.this",
];

fn set(addresses: &[&str]) -> BTreeSet<String> {
    addresses.iter().map(|address| (*address).to_owned()).collect()
}

/// Digests of all tasks that run, in a service's order.
fn running(aws: &Emulated) -> Vec<String> {
    let tasks = aws.cloud(async |cloud| {
        let mut tasks = Vec::new();
        for service in ["web", "worker"] {
            tasks.extend(cloud.running_tasks(DEMO, &format!("{DEMO}-{service}")).await.unwrap());
        }
        tasks
    });
    tasks.into_iter().map(|task| task.digest).collect()
}

/// Folders of the runs that left a receipt, oldest first.
fn runs(aws: &Emulated) -> Vec<PathBuf> {
    let all = std::fs::read_dir(aws.folder().join("runs")).unwrap();
    let all = all.map(|run| run.unwrap().path());
    let mut runs: Vec<_> = all.filter(|run| run.join("receipt.json").exists()).collect();
    runs.sort();
    runs
}

fn read_receipt(run: Option<&PathBuf>) -> Value {
    let text = std::fs::read(run.expect("a receipt").join("receipt.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn receipt(aws: &Emulated) -> Value {
    read_receipt(runs(aws).last())
}

fn first_receipt(aws: &Emulated) -> Value {
    read_receipt(runs(aws).first())
}

/// Addresses that terraform applied in the newest run, as its own stream tells.
fn applied(aws: &Emulated, layer: &str) -> BTreeSet<String> {
    let run = runs(aws).pop().expect("a run");
    let stream = run.join(format!("terraform-{layer}-apply.jsonl"));
    let text =
        if stream.exists() { std::fs::read_to_string(stream).unwrap() } else { String::new() };
    let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let done = events.filter(|event| event["type"] == "apply_complete");
    done.map(|event| event["hook"]["resource"]["addr"].as_str().unwrap().to_owned()).collect()
}

/// The line of environment.hcl that says what is wanted.
fn wanted(aws: &Emulated) -> String {
    let text = std::fs::read_to_string(aws.folder().join("environment.hcl")).unwrap();
    let line = text.lines().find(|line| line.trim().starts_with("release")).unwrap();
    line.trim().to_owned()
}

#[track_caller]
fn drifted_nowhere(said: &Said) {
    let all = said.all();
    let step = all.lines().find(|line| line.contains("-- drift ")).unwrap_or_default();
    assert!(!step.is_empty(), "a difference was found:\n{all}");
}

#[track_caller]
fn plans_nothing(aws: &Emulated) {
    for layer in ["foundation", "jobs", "services"] {
        plans_nothing_by_hand(aws, &aws.root.path(), layer);
    }
}
