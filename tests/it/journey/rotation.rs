//! A secret gets a new value: written beside the old one, services moved and proved, the old one
//! taken out of use. Whatever stops it, the same command ends it.

use serde_json::Value as Json;

use super::approved_update;
use super::scanner::Canary;
use crate::support::{DEMO, Root, Said, Terminal, redacted};

const WIKI: &str = "wiki-staging";
const TURNS: &str = "turns-preview";
const NEW: &str = "canary-rotated-5b1d77c0";

/// `secrets NAME rotate KEY` on the simulated engine, approved by the digest that it asks for.
fn rotate(root: &Root, name: &str, key: &str, more: &[&str]) -> Said {
    let plain = ["secrets", name, "rotate", key, "--engine", "simulated", "--secrets", "-"];
    let input = format!("{key}={NEW}\n");
    let asked = root.piped(&plain, &input);
    let digest = regex::Regex::new("--approve (sha256:[0-9a-f]{64})").unwrap();
    // Refused, or nothing was left to approve.
    let Some(found) = digest.captures(&asked.err) else { return asked };
    root.piped(&[&plain[..], &["--approve", &found[1]], more].concat(), &input)
}

/// A secret of the simulated account, by the end of its name.
fn secret(root: &Root, name: &str, key: &str) -> Json {
    let account = root.account(name);
    let secrets = account["secrets"].as_object().unwrap();
    let is_its = |arn: &str| arn.contains(&format!("/{key}-"));
    secrets.iter().find(|(arn, _)| is_its(arn)).expect("it has a value").1.clone()
}

fn current(root: &Root, name: &str, key: &str) -> String {
    secret(root, name, key)["current"].as_str().unwrap().to_owned()
}

fn label(root: &Root, name: &str, key: &str, label: &str) -> Option<String> {
    secret(root, name, key)["labels"][label].as_str().map(str::to_owned)
}

/// What the task definition that a service runs has under a variable.
fn runs_with(root: &Root, name: &str, service: &str, variable: &str) -> String {
    let states = root.states(name);
    let mut all = states.values();
    let is_its = |state: &&Json| {
        state["name"].as_str().is_some_and(|it| it.ends_with(&format!("-{service}")))
            && state["task_definition"].is_string()
    };
    let service = all.find(is_its).expect("a service");
    let definition = states.values().find(|it| it["arn"] == service["task_definition"]);
    let containers = definition.expect("its definition")["container_definitions"].clone();
    let containers: Json = serde_json::from_str(containers.as_str().unwrap()).unwrap();
    let main = &containers[0];
    let find = |list: &str, value: &str| {
        let mut entries = main[list].as_array().into_iter().flatten();
        let entry = entries.find(|entry| entry["name"] == variable)?;
        Some(entry[value].as_str().unwrap().to_owned())
    };
    find("environment", "value").or_else(|| find("secrets", "valueFrom")).expect("the variable")
}

fn installed(fixture: &str, name: &str) -> Root {
    let root = if fixture.is_empty() { Root::installed() } else { Root::fixture(fixture) };
    if !fixture.is_empty() {
        root.landfall(&["rehearse", name]).ends_with(0);
    }
    root
}

/// The whole encounter, as it was read.
fn reads(snapshot: &str, root: &Root, said: &Said) {
    let mut settings = redacted(root);
    let uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    settings.add_filter(uuid, "[VERSION]");
    settings.add_filter("targetgroup/demo-aws-web/[0-9a-f]+", "targetgroup/demo-aws-web/[ID]");
    settings.bind(|| insta::assert_snapshot!(snapshot, said.all()));
}

/// What a rotation leaves when it is over.
#[track_caller]
fn is_over(root: &Root, name: &str, key: &str, before: &str) {
    let version = current(root, name, key);
    assert_ne!(version, before, "{key} has a new version");
    assert_eq!(label(root, name, key, "landfall-previous").as_deref(), Some(before));
    assert_eq!(label(root, name, key, "landfall-next"), None);
}

#[test]
fn a_supplied_secret_is_rotated() {
    let root = installed("", DEMO);
    let before = current(&root, DEMO, "licence");
    let lock = root.lock(DEMO);
    let said = rotate(&root, DEMO, "licence", &[]).ends_with(0).says(&[
        "rotates secret licence: service web rolls over",
        "1 value written, not yet current",
        "rotated and verified",
        "the label landfall-previous",
    ]);
    let done: Vec<String> = said.steps().into_iter().map(|(step, _)| step).collect();
    let steps = ["render", "preflight", "plan", "approval", "foundation", "secrets", "jobs"];
    let rest = ["bootstrap database", "services", "verify", "retire", "receipt"];
    assert_eq!(done, [&steps[..], &rest].concat());
    is_over(&root, DEMO, "licence", &before);
    let version = current(&root, DEMO, "licence");
    assert!(runs_with(&root, DEMO, "web", "LICENCE").ends_with(&version), "pinned to the new one");
    assert_eq!(root.jobs(DEMO), ["bootstrap_main", "migrate"], "no job ran again");
    assert_ne!(root.lock(DEMO), lock, "the lock names the receipt of the rotation");
    holds_nothing_of(&root, &said);
    reads("rotation-supplied", &root, &said);
    let plan = ["plan", DEMO, "--engine", "simulated"];
    root.landfall(&plan).ends_with(0).never_says(&["service web"]);
}

#[test]
fn a_generated_secret_is_rotated() {
    let root = installed("", DEMO);
    let before = current(&root, DEMO, "session_key");
    rotate(&root, DEMO, "session_key", &[]).ends_with(0).says(&["rotates secret session_key"]);
    is_over(&root, DEMO, "session_key", &before);
    let again = current(&root, DEMO, "session_key");
    rotate(&root, DEMO, "session_key", &[]).ends_with(0);
    is_over(&root, DEMO, "session_key", &again);
}

/// Everything that is composed of the wiki's database password.
const COMPOSED: [&str; 4] = [
    "database_main_app_password",
    "database_main_app_url_main",
    "database_main_app_url_search",
    "database_main_verifiers",
];

fn bootstraps(root: &Root, name: &str) -> Vec<bool> {
    let account = root.account(name);
    let jobs = account["jobs"].as_object().unwrap().values();
    let jobs = jobs.filter(|job| job["name"] == "bootstrap_main");
    let mut keeps: Vec<bool> =
        jobs.map(|job| job["environment"]["LANDFALL_KEEP_FORMER_LOGINS"] == "true").collect();
    keeps.sort_unstable();
    keeps
}

#[test]
fn a_database_password_is_rotated_by_two_logins_in_turn() {
    let root = installed("password", WIKI);
    let first = current(&root, WIKI, "database_main_verifiers");
    assert_eq!(bootstraps(&root, WIKI), [false]);
    let said = rotate(&root, WIKI, "database_main_app_password", &[]).ends_with(0).says(&[
        "rotates the logins of database main: service web, job migrate and job seed roll over",
        "4 values written, not yet current",
        "the first logins of database main are refused from now on",
    ]);
    let second = current(&root, WIKI, "database_main_verifiers");
    assert!(second.ends_with("-2"), "{second}");
    for key in COMPOSED {
        is_over(&root, WIKI, key, &first);
        assert_eq!(current(&root, WIKI, key), second, "{key}: composed together");
    }
    assert!(runs_with(&root, WIKI, "web", "DATABASE_URL").ends_with(&second));
    assert_eq!(bootstraps(&root, WIKI), [false, false, true], "both logins first, then one");
    assert_eq!(root.jobs(WIKI).iter().filter(|job| *job == "migrate").count(), 1);
    holds_nothing_of(&root, &said);
    reads("rotation-database", &root, &said);

    rotate(&root, WIKI, "database_main_app_url_main", &[])
        .ends_with(0)
        .says(&["the second logins of database main are refused from now on"]);
    let third = current(&root, WIKI, "database_main_verifiers");
    assert!(!third.ends_with("-2"), "the first login's turn again: {third}");
    is_over(&root, WIKI, "database_main_verifiers", &second);
}

#[test]
fn what_must_not_be_rotated_is_refused() {
    let root = installed("password", WIKI);
    let before = root.account(WIKI)["secrets"].clone();
    rotate(&root, WIKI, "key", &[])
        .ends_with(2)
        .says(&["the secret key is never rotated", "the kit says that it is immutable"]);
    rotate(&root, WIKI, "nothing", &[]).ends_with(2).says(&["there is no secret nothing"]);
    root.edit("environments/wiki-staging/environment.hcl", "POOL_SIZE   = 20", "POOL_SIZE   = 21");
    rotate(&root, WIKI, "smtp", &[])
        .ends_with(3)
        .says(&["wiki-staging is not what was last verified", "`landfall update wiki-staging`"]);
    assert_eq!(root.account(WIKI)["secrets"], before);

    let root = Root::demo();
    rotate(&root, DEMO, "licence", &[]).ends_with(2).says(&["demo-aws is not installed yet"]);
}

#[test]
fn what_differs_beside_the_secret_is_not_changed_by_a_rotation() {
    let root = installed("", DEMO);
    let before = current(&root, DEMO, "licence");
    root.tamper(DEMO, |account| {
        let services = account["resources"]["aws_ecs_service"].as_object_mut().unwrap();
        let worker = services
            .values_mut()
            .find(|it| it["state"]["name"].as_str().unwrap().ends_with("-worker"));
        worker.unwrap()["state"]["enable_execute_command"] = true.into();
    });
    rotate(&root, DEMO, "licence", &[]).ends_with(3).says(&[
        "demo-aws differs in more than secret licence",
        "module.service_worker",
        "nothing was touched",
    ]);
    assert_eq!(current(&root, DEMO, "licence"), before);
    assert_eq!(label(&root, DEMO, "licence", "landfall-next"), None);
}

#[test]
fn services_that_do_not_get_healthy_keep_the_old_value() {
    let root = installed("", DEMO);
    let (before, lock) = (current(&root, DEMO, "licence"), root.lock(DEMO));
    let said = rotate(&root, DEMO, "licence", &["--fault", "unhealthy=web"]).ends_with(1).says(&[
        "cannot rotate secret licence: everything runs with the old value again",
        "service web",
        "mend the cause, then run `landfall secrets demo-aws rotate licence` again",
    ]);
    reads("rotation-returned", &root, &said);
    assert_eq!(current(&root, DEMO, "licence"), before);
    assert_eq!(label(&root, DEMO, "licence", "landfall-next"), None);
    assert!(runs_with(&root, DEMO, "web", "LICENCE").ends_with(&before));
    assert_eq!(root.lock(DEMO), lock, "what is not verified is not locked");
    rotate(&root, DEMO, "licence", &[]).ends_with(0);
    is_over(&root, DEMO, "licence", &before);
}

#[test]
fn a_database_login_that_did_not_work_out_is_taken_away_again() {
    let root = installed("password", WIKI);
    let first = current(&root, WIKI, "database_main_verifiers");
    let key = "database_main_app_password";
    rotate(&root, WIKI, key, &["--fault", "crash=web"])
        .ends_with(1)
        .says(&["cannot rotate the logins of database main: everything runs with the old value"]);
    for key in COMPOSED {
        assert_eq!(current(&root, WIKI, key), first);
        assert_eq!(label(&root, WIKI, key, "landfall-next"), None);
    }
    assert_eq!(
        bootstraps(&root, WIKI),
        [false, false, true],
        "the new one was let in and out again"
    );
    rotate(&root, WIKI, key, &[]).ends_with(0);
    is_over(&root, WIKI, key, &first);
}

/// Stops a rotation somewhere, and ends it with the same command.
#[track_caller]
fn goes_on(root: &Root, name: &str, key: &str, fault: &str, written: bool) {
    let before = current(root, name, key);
    let stopped = rotate(root, name, key, &["--fault", fault]);
    assert_ne!(stopped.exit, Some(0), "{fault} stops it:\n{}", stopped.all());
    let next = label(root, name, key, "landfall-next");
    assert_eq!(next.is_some(), written, "{fault}:\n{}", stopped.all());
    let ended = rotate(root, name, key, &[]).ends_with(0);
    is_over(root, name, key, &before);
    if written {
        assert_eq!(Some(current(root, name, key)), next, "{fault}: no value is lost");
        ended.says(&["it goes on with the value that it wrote"]);
    }
}

#[test]
fn a_rotation_that_was_stopped_goes_on() {
    let root = installed("", DEMO);
    for (fault, written) in [
        ("deny=secretsmanager:PutSecretValue", false),
        ("deny=secretsmanager:UpdateSecretVersionStage", true),
        ("deny=secretsmanager:UpdateSecretVersionStage:nth=2", true),
        ("deny=secretsmanager:UpdateSecretVersionStage:nth=3", true),
    ] {
        goes_on(&root, DEMO, "licence", fault, written);
    }
}

#[test]
fn a_rotation_of_a_database_that_was_stopped_goes_on() {
    let root = installed("password", WIKI);
    for (fault, written) in [
        ("deny=secretsmanager:PutSecretValue:nth=4", false),
        ("job=bootstrap_main:exit=1", true),
        ("deny=secretsmanager:UpdateSecretVersionStage:nth=4", true),
        ("job=bootstrap_main:exit=1:nth=2", true),
    ] {
        goes_on(&root, WIKI, "database_main_verifiers", fault, written);
    }
}

/// Kills a rotation once it has written a text, and ends it with the same command.
#[track_caller]
fn is_killed_at(root: &Root, text: &str, fault: &str) {
    let key = "database_main_app_password";
    let before = current(root, WIKI, key);
    let arguments =
        ["-v", "secrets", WIKI, "rotate", key, "--engine", "simulated", "--fault", fault];
    let mut terminal = Terminal::landfall(root, &arguments);
    terminal.approves().until(text);
    let process = rustix::process::Pid::from_raw(terminal.id()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    assert_eq!(terminal.end().exit, None, "a signal ended it");
    rotate(root, WIKI, key, &[]).ends_with(0);
    let version = current(root, WIKI, key);
    for key in COMPOSED {
        is_over(root, WIKI, key, &before);
        assert_eq!(current(root, WIKI, key), version, "{key} after {text}");
    }
    assert!(runs_with(root, WIKI, "web", "DATABASE_URL").ends_with(&version));
    let plan = ["plan", WIKI, "--engine", "simulated"];
    root.landfall(&plan).ends_with(0).never_says(&["service web", "bootstrap_main"]);
}

#[test]
fn g12_a_rotation_that_is_killed_is_completed_by_the_same_command() {
    let root = installed("password", WIKI);
    let slow = "update=aws_ecs_service:delay=10s";
    for text in
        ["ok approval", "ok secrets", "ok bootstrap database", "   update module.", "ok verify"]
    {
        is_killed_at(&root, text, slow);
    }
}

#[test]
fn a_release_with_one_more_login_moves_everybody_without_a_refusal() {
    let root = installed("turns", TURNS);
    let key = "database_main_worker_password";
    let first = current(&root, TURNS, key);
    root.edit(
        "kit.hcl",
        "job \"migrate\"",
        "service \"other\" {\n  image = image.app\n  args = [\"worker\"]\n  uses = [database.main]\n\
         cpu = 0.25\n  memory = \"512Mi\"\n  replicas = 1\n}\njob \"migrate\"",
    );
    assert_eq!(runs_with(&root, TURNS, "worker", "DATABASE_USER"), "main_worker");
    approved_update(&root, TURNS, &[]).ends_with(0).says(&["updated and verified"]);
    is_over(&root, TURNS, key, &first);
    let second = current(&root, TURNS, key);
    assert_eq!(current(&root, TURNS, "database_main_other_password"), second);
    assert_eq!(bootstraps(&root, TURNS), [false, false, true], "both logins first, then one");
    for (service, login) in [("worker", "main_2_worker"), ("other", "main_2_other")] {
        assert_eq!(runs_with(&root, TURNS, service, "DATABASE_USER"), login);
        assert!(runs_with(&root, TURNS, service, "DATABASE_PASSWORD").ends_with(&second));
    }
    let again = ["update", TURNS, "--engine", "simulated"];
    root.landfall(&again).ends_with(0).says(&["nothing to change"]);
}

#[test]
fn an_update_says_that_a_rotation_was_stopped_and_leaves_it_alone() {
    let root = installed("turns", TURNS);
    let key = "database_main_verifiers";
    let before = current(&root, TURNS, key);
    let fault = ["--fault", "deny=secretsmanager:UpdateSecretVersionStage"];
    rotate(&root, TURNS, key, &fault).ends_with(1);
    assert_eq!(runs_with(&root, TURNS, "worker", "DATABASE_USER"), "main_2_worker");

    approved_update(&root, TURNS, &[])
        .ends_with(0)
        .says(&["a rotation of database_main_", "was stopped; it goes on with"]);
    assert_eq!(current(&root, TURNS, key), before, "the value before it is used");
    assert_eq!(runs_with(&root, TURNS, "worker", "DATABASE_USER"), "main_worker");
    rotate(&root, TURNS, key, &[]).ends_with(0).says(&["it goes on with the value that it wrote"]);
    is_over(&root, TURNS, key, &before);
    assert_eq!(runs_with(&root, TURNS, "worker", "DATABASE_USER"), "main_2_worker");
}

/// G2: nothing that was written or said holds the new value.
#[track_caller]
fn holds_nothing_of(root: &Root, said: &Said) {
    let canary = Canary::new(NEW);
    assert_eq!(canary.files(root.everything()), Vec::<std::path::PathBuf>::new());
    assert!(!canary.is_in(said.all().as_bytes()), "{}", said.all());
}
