//! G3, G9, G10: terraform's "no changes" proves nothing. What runs is changed behind everybody's
//! back; an install then fails in `verify`, or shows what differs before it changes anything.

use serde_json::{Value as Json, json};

use super::{approved_update, install, update};
use crate::support::{DEMO, Root};

/// Another image of the same product.
const MOVED: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

/// The service `web` in the account.
fn web(account: &mut Json) -> &mut Json {
    let services = account["resources"]["aws_ecs_service"].as_object_mut().unwrap();
    let web =
        services.values_mut().find(|it| it["state"]["name"].as_str().unwrap().ends_with("web"));
    &mut web.unwrap()["state"]
}

/// The task definition that `web` runs.
fn definition(account: &mut Json) -> &mut Json {
    let arn = web(account)["task_definition"].as_str().unwrap().to_owned();
    &mut account["resources"]["aws_ecs_task_definition"][&arn]
}

/// Changes the containers of a task definition.
fn change_container(definition: &mut Json, change: impl FnOnce(&mut Json)) {
    let text = definition["state"]["container_definitions"].as_str().unwrap();
    let mut containers: Json = serde_json::from_str(text).unwrap();
    change(&mut containers[0]);
    definition["state"]["container_definitions"] = containers.to_string().into();
}

/// What the platform says of the task definition that `web` runs becomes something else; terraform,
/// which asks for it by its key, is told what it applied.
fn platform_runs(account: &mut Json, change: impl FnOnce(&mut Json)) {
    let mut other = definition(account).clone();
    change_container(&mut other, change);
    let revision = other["state"]["revision"].as_i64().unwrap();
    other["state"]["revision"] = (revision + 1000).into();
    account["resources"]["aws_ecs_task_definition"]["what the platform has"] = other;
}

fn other_image(container: &mut Json) {
    let image = container["image"].as_str().unwrap();
    let (repository, _) = image.split_once('@').unwrap();
    container["image"] = format!("{repository}@{MOVED}").into();
}

fn without_variable(container: &mut Json) {
    let variables = container["environment"].as_array_mut().unwrap();
    let before = variables.len();
    variables.retain(|variable| variable["name"] != "PUBLIC_URL");
    assert_eq!(variables.len() + 1, before);
}

/// Terraform has nothing to do, and the install fails all the same.
#[track_caller]
fn fails_in_verify(root: &Root, says: &[&str]) {
    let lock = root.lock(DEMO);
    let said = root.landfall(&install(DEMO, &[])).ends_with(1).stops_at("verify");
    let steps = said.steps();
    for step in ["plan", "foundation", "jobs", "services"] {
        assert!(steps.contains(&(step.to_owned(), "--".to_owned())), "{step}:\n{}", said.err);
    }
    said.says(&["what runs is not proved to be what was locked", "landfall.lock was not written"])
        .says(says);
    assert_eq!(root.lock(DEMO), lock);
}

#[test]
fn g3_another_image_than_the_locked_one_is_not_proved() {
    let root = Root::installed();
    root.tamper(DEMO, |account| platform_runs(account, other_image));
    fails_in_verify(&root, &["service web: its task definition has", "service web: task", MOVED]);
    root.landfall(&["status", DEMO, "--engine", "simulated"]).says(&["NOT the locked image"]);
}

#[test]
fn g9_a_service_without_a_required_variable_is_not_proved() {
    let root = Root::installed();
    root.tamper(DEMO, |account| platform_runs(account, without_variable));
    fails_in_verify(
        &root,
        &["service web: the variable PUBLIC_URL is missing in the running task"],
    );
}

#[test]
fn g10_a_service_whose_tasks_run_another_revision_is_not_proved() {
    let root = Root::installed();
    root.tamper(DEMO, |account| {
        let (id, wanted) = {
            let web = web(account);
            (web["id"].as_str().unwrap().to_owned(), web["task_definition"].clone())
        };
        let earlier = format!("{}-earlier", wanted.as_str().unwrap());
        let mut state = definition(account)["state"].clone();
        state["arn"] = earlier.clone().into();
        account["inactive"][&earlier] = state;
        let rollout = &mut account["rollouts"][&id];
        rollout["serving"] = earlier.into();
        rollout["failing"] = json!({ "task_definition": wanted, "reason": "it does not start" });
        rollout["given_up"] = "ECS deployment circuit breaker: tasks failed to start.".into();
    });
    fails_in_verify(&root, &["service web: its rollout failed: ECS deployment circuit breaker"]);
}

#[test]
fn g10_what_terraform_sees_is_shown_before_it_is_put_right() {
    let root = Root::installed();
    let lock = root.lock(DEMO);
    root.tamper(DEMO, |account| change_container(definition(account), other_image));
    let tampered = root.states(DEMO);
    // An install changes nothing where one was verified, and says what would.
    let changed = "service web: image sha256:00000000… → sha256:";
    root.landfall(&install(DEMO, &[])).ends_with(3).says(&[
        changed,
        "demo-aws is installed, and something differs",
        "`landfall update demo-aws`",
    ]);
    let said = root.landfall(&update(DEMO, &[])).ends_with(4).stops_at("approval");
    said.says(&[changed, "the plan is not approved"]);
    assert_eq!(root.states(DEMO), tampered, "nothing is changed without an approval");
    assert_eq!(root.lock(DEMO), lock);

    approved_update(&root, DEMO, &[]).ends_with(0).says(&["updated and verified"]);
    let running = definition(&mut root.account(DEMO)).to_string();
    assert!(!running.contains(MOVED), "{running}");
}

#[test]
fn g3_a_release_with_another_digest_is_not_that_release() {
    let root = Root::installed();
    let lock = root.lock(DEMO).unwrap();
    let locked = locked_digest(&lock);
    root.edit("kit.lock", &locked, MOVED);
    let moved = ["the release v1.0.0 moved", "kit.lock was sha256:"];
    root.landfall(&update(DEMO, &[])).ends_with(2).says(&moved);
    assert_eq!(root.lock(DEMO).unwrap(), lock);
}

/// The digest of `web` in a lock.
fn locked_digest(lock: &str) -> String {
    let lock: Json = serde_json::from_str(lock).unwrap();
    let image = lock["images"]["web"].as_str().unwrap();
    image.split_once('@').unwrap().1.to_owned()
}
