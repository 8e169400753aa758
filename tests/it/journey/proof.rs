//! G3, G9, G10: terraform's "no changes" proves nothing. What runs is changed behind everybody's
//! back; an install then fails in `verify`, or shows what differs before it changes anything.

use landfall::kit::model::CloudName;
use serde_json::{Value as Json, json};

use super::{approved_update, install, update};
use crate::support::{AWS, DEMO, Demo, Root, on_both_clouds};

/// Another image of the same product.
const MOVED: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

on_both_clouds!(
    g3_another_image_than_the_locked_one_is_not_proved,
    g9_a_service_without_a_required_variable_is_not_proved,
    g10_a_service_whose_tasks_run_another_revision_is_not_proved,
    g10_what_terraform_sees_is_shown_before_it_is_put_right,
);

/// The service `web` in the account.
fn web<'a>(on: &Demo, account: &'a mut Json) -> &'a mut Json {
    let services = account["resources"][on.service].as_object_mut().unwrap();
    let web =
        services.values_mut().find(|it| it["state"]["name"].as_str().unwrap().ends_with("web"));
    &mut web.unwrap()["state"]
}

/// The task definition that `web` runs.
fn definition(account: &mut Json) -> &mut Json {
    let arn = web(&AWS, account)["task_definition"].as_str().unwrap().to_owned();
    &mut account["resources"]["aws_ecs_task_definition"][&arn]
}

/// Changes the containers of a task definition.
fn change_container(definition: &mut Json, change: impl FnOnce(&mut Json)) {
    let text = definition["state"]["container_definitions"].as_str().unwrap();
    let mut containers: Json = serde_json::from_str(text).unwrap();
    change(&mut containers[0]);
    definition["state"]["container_definitions"] = containers.to_string().into();
}

/// What the platform runs becomes something else; terraform is told what it applied. `change` gets
/// the product's container and the field with its variables.
fn platform_runs(on: &Demo, account: &mut Json, change: impl FnOnce(&mut Json, &str)) {
    if on.cloud == CloudName::Gcp {
        let revisions = revisions(on, account);
        let mut other = revisions["all"][0].clone();
        change(&mut other["template"][0]["containers"][0], "env");
        other["name"] = format!("{}x", other["name"].as_str().unwrap()).into();
        revisions["ready"] = other["name"].clone();
        revisions["all"].as_array_mut().unwrap().insert(0, other);
        return;
    }
    // Terraform asks for a task definition by its key, the platform by its ARN.
    let mut other = definition(account).clone();
    change_container(&mut other, |container| change(container, "environment"));
    let revision = other["state"]["revision"].as_i64().unwrap();
    other["state"]["revision"] = (revision + 1000).into();
    account["resources"]["aws_ecs_task_definition"]["what the platform has"] = other;
}

/// The image of `web` becomes another one where terraform looks.
fn terraform_sees(on: &Demo, account: &mut Json) {
    match on.cloud {
        CloudName::Aws => change_container(definition(account), |it| other_image(it, "")),
        CloudName::Gcp => {
            let container = &mut web(on, account)["template"][0]["containers"][0];
            other_image(container, "");
        }
    }
}

/// The revisions of `web` on Cloud Run.
fn revisions<'a>(on: &Demo, account: &'a mut Json) -> &'a mut Json {
    let id = web(on, account)["id"].as_str().unwrap().to_owned();
    &mut account["cloud_run"][id]
}

fn other_image(container: &mut Json, _: &str) {
    let image = container["image"].as_str().unwrap();
    let (repository, _) = image.split_once('@').unwrap();
    container["image"] = format!("{repository}@{MOVED}").into();
}

fn without_variable(container: &mut Json, field: &str) {
    let variables = container[field].as_array_mut().unwrap();
    let before = variables.len();
    variables.retain(|variable| variable["name"] != "PUBLIC_URL");
    assert_eq!(variables.len() + 1, before);
}

/// Terraform has nothing to do, and the install fails all the same.
#[track_caller]
fn fails_in_verify(on: &Demo, root: &Root, says: &[&str]) {
    let lock = root.lock(on.name);
    let said = root.landfall(&install(on.name, &[])).ends_with(1).stops_at("verify");
    let steps = said.steps();
    for step in ["plan", "foundation", "jobs", "services"] {
        assert!(steps.contains(&(step.to_owned(), "--".to_owned())), "{step}:\n{}", said.err);
    }
    said.says(&["what runs is not proved to be what was locked", "landfall.lock was not written"])
        .says(says);
    assert_eq!(root.lock(on.name), lock);
}

fn g3_another_image_than_the_locked_one_is_not_proved(on: &'static Demo) {
    let root = on.installed();
    root.tamper(on.name, |account| platform_runs(on, account, other_image));
    let what = on.either("service web: its task definition has", "service web: its revision has");
    let runs = on.either("service web: task ", "service web: an instance of demo-gcp-web-");
    fails_in_verify(on, &root, &[what, runs, MOVED]);
    root.landfall(&["status", on.name, "--engine", "simulated"]).says(&["NOT the locked image"]);
}

fn g9_a_service_without_a_required_variable_is_not_proved(on: &'static Demo) {
    let root = on.installed();
    root.tamper(on.name, |account| platform_runs(on, account, without_variable));
    let missing = "service web: the variable PUBLIC_URL is missing in the running ";
    fails_in_verify(
        on,
        &root,
        &[missing, on.either("running task definition", "running revision")],
    );
}

fn g10_a_service_whose_tasks_run_another_revision_is_not_proved(on: &'static Demo) {
    let root = on.installed();
    let why =
        on.either("ECS deployment circuit breaker: tasks failed to start.", "it does not start");
    root.tamper(on.name, |account| match on.cloud {
        CloudName::Aws => stays_on_earlier_definition(account, why),
        CloudName::Gcp => {
            platform_runs(on, account, |_, _| ());
            revisions(on, account)["all"][1]["failed"] = why.into();
        }
    });
    fails_in_verify(on, &root, &[&format!("service web: its rollout failed: {why}")]);
}

/// ECS gave the rollout of `web` up and serves what it served before.
fn stays_on_earlier_definition(account: &mut Json, why: &str) {
    let web = web(&AWS, account);
    let (id, wanted) = (web["id"].as_str().unwrap().to_owned(), web["task_definition"].clone());
    let earlier = format!("{}-earlier", wanted.as_str().unwrap());
    let mut state = definition(account)["state"].clone();
    state["arn"] = earlier.clone().into();
    account["inactive"][&earlier] = state;
    let rollout = &mut account["rollouts"][&id];
    rollout["serving"] = earlier.into();
    rollout["failing"] = json!({ "task_definition": wanted, "reason": "it does not start" });
    rollout["given_up"] = why.into();
}

fn g10_what_terraform_sees_is_shown_before_it_is_put_right(on: &'static Demo) {
    let root = on.installed();
    let lock = root.lock(on.name);
    root.tamper(on.name, |account| terraform_sees(on, account));
    let tampered = root.states(on.name);
    // An install changes nothing where one was verified, and says what would.
    let changed = "service web: image sha256:00000000… → sha256:";
    root.landfall(&install(on.name, &[])).ends_with(3).says(&[
        changed,
        &format!("{} is installed, and something differs", on.name),
        &format!("`landfall update {}`", on.name),
    ]);
    let said = root.landfall(&update(on.name, &[])).ends_with(4).stops_at("approval");
    said.says(&[changed, "the plan is not approved"]);
    assert_eq!(root.states(on.name), tampered, "nothing is changed without an approval");
    assert_eq!(root.lock(on.name), lock);

    approved_update(&root, on.name, &[]).ends_with(0).says(&["updated and verified"]);
    let running = web(on, &mut root.account(on.name)).to_string();
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
