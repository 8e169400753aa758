//! What runs on Cloud Run, out of applied resources alone.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::cloud::{Identity, JobRequest, JobState};
use crate::secret::Secret;
use crate::simulate::account::Account;
use crate::simulate::faults::Faults;

const HOME: &str = "projects/acme-ledger/locations/europe-west3";
const TOKEN: &str = "5f0c1a2b-0000-4000-8000-000000000001";

fn account() -> Account {
    let account = Account::ephemeral(Identity {
        project_number: Some("123456789012".to_owned()),
        account: "acme-ledger".to_owned(),
        arn: "user:kim@acme.example".to_owned(),
        partition: "gcp".to_owned(),
        region: "europe-west3".to_owned(),
    });
    account.unwrap()
}

fn faults(texts: &[&str]) -> Faults {
    Faults::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
}

/// A service in terraform's form, with an image and maybe a secret's version.
fn service(image: char, secret: Option<&str>) -> Json {
    let reference = |version: &str| json!([{ "secret_key_ref": [{ "secret": "acme-key", "version": version }] }]);
    let env = secret.map(|version| json!([{ "name": "KEY", "value_source": reference(version) }]));
    json!({
        "id": format!("{HOME}/services/acme-web"), "name": "acme-web", "uid": "u",
        "terminal_condition": [{ "state": "CONDITION_SUCCEEDED" }],
        "template": [{
            "scaling": [{ "min_instance_count": 2 }],
            "containers": [{ "name": "main", "image": format!("acme@sha256:{image}"),
                "env": env.unwrap_or_else(|| json!([{ "name": "A", "value": "b" }])) }]
        }]
    })
}

fn apply(account: &Account, state: Json, texts: &[&str]) -> Option<String> {
    account.roll_out(SERVICE, None, state, &faults(texts)).unwrap().1
}

fn with_secret(account: &Account) {
    let id = "projects/acme-ledger/secrets/acme-key";
    let state = json!({ "id": id, "secret_id": "acme-key" });
    account.keep("google_secret_manager_secret", Some("seed"), state).unwrap();
}

fn seen(account: &Account) -> crate::cloud::RunningService {
    account.service("any", "acme-web", &Faults::none()).unwrap()
}

#[test]
fn every_new_template_is_a_revision_and_nothing_else_is() {
    let account = account();
    assert_eq!(apply(&account, service('1', None), &[]), None);
    let first = seen(&account).task_definition;
    let start = format!("{HOME}/services/acme-web/revisions/acme-web-00001-");
    assert_eq!(first.strip_prefix(&start).unwrap().len(), 3);

    let mut labelled = service('1', None);
    labelled["labels"] = json!({ "team": "a" });
    labelled["template"][0]["volumes"] = json!([]);
    apply(&account, labelled, &[]);
    assert_eq!(seen(&account).task_definition, first, "the template says the same");

    apply(&account, service('2', None), &[]);
    let second = seen(&account);
    assert!(second.task_definition.contains("/acme-web-00002-"), "{}", second.task_definition);
    assert_eq!((second.desired, second.running, second.rollout.as_str()), (2, 2, "COMPLETED"));
    let tasks = account.running_tasks("any", "acme-web");
    assert!(tasks.len() == 2 && tasks.iter().all(|task| task.digest == "sha256:2"), "{tasks:?}");
    let short = first.rsplit('/').next().unwrap();
    let before = account.task_definition(short).unwrap();
    assert_eq!((before.arn, before.containers[0].image.as_str()), (first, "acme@sha256:1"));
}

#[test]
fn a_revision_that_fails_leaves_the_traffic_where_it_is() {
    let account = account();
    apply(&account, service('1', None), &[]);
    let serving = seen(&account).task_definition;
    let why = apply(&account, service('2', None), &["unhealthy=web"]).unwrap();
    assert!(why.contains("is not ready and cannot serve traffic. The user-provided"), "{why}");
    assert!(why.contains("simulated fault: unhealthy=web"), "{why}");
    let after = seen(&account);
    assert_eq!((after.task_definition.as_str(), after.running), (serving.as_str(), 2));
    assert_eq!((after.rollout.as_str(), after.rollout_reason.as_str()), ("FAILED", why.as_str()));
    let stopped = account.stopped_tasks("any", "acme-web");
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0].reason, why);
    // The same template again: Cloud Run starts nothing.
    assert_eq!(apply(&account, service('2', None), &[]), None);
    assert_eq!(seen(&account).rollout, "FAILED");
    apply(&account, service('3', None), &[]);
    assert_eq!(seen(&account).rollout, "COMPLETED");
    assert!(seen(&account).task_definition.contains("-00003-"));

    let crashed = apply(&account, service('4', None), &["crash=web:exit=7"]).unwrap();
    assert!(crashed.contains("PORT=8080") && crashed.contains("exit(7)"), "{crashed}");
}

#[test]
fn a_first_revision_that_fails_serves_nobody() {
    let account = account();
    let failed = account.roll_out(SERVICE, Some("seed"), service('1', Some("1")), &faults(&[]));
    let (state, why) = failed.unwrap();
    let path = "projects/123456789012/secrets/acme-key/versions/1";
    assert!(why.unwrap().contains(&format!("Secret {path} was not found")));
    assert_eq!(state["latest_ready_revision"], "");
    assert_eq!(state["terminal_condition"][0]["state"], "CONDITION_FAILED");
    let seen = seen(&account);
    assert_eq!((seen.running, seen.task_definition.as_str()), (0, ""));
    assert_eq!(account.running_tasks("any", "acme-web"), []);
}

#[test]
fn a_secret_is_found_by_number_alias_and_latest() {
    let account = account();
    with_secret(&account);
    let why = |version: &str, texts: &[&str]| {
        let mut state = service('1', Some(version));
        state["template"][0]["containers"][0]["args"] = json!([version, texts.len()]);
        apply(&account, state, texts)
    };
    assert!(why("latest", &[]).is_some(), "no value yet");
    account.put_secret("acme-key", &Secret::new("a".to_owned()), TOKEN).unwrap();
    for version in ["1", "latest", ""] {
        assert_eq!(why(version, &[]), None, "{version}");
    }
    assert!(why("2", &[]).is_some());
    assert!(why("1", &["missing-secret=key"]).unwrap().contains("simulated fault"));
    let definition = account.task_definition(&seen(&account).task_definition).unwrap();
    assert_eq!(definition.containers[0].secrets["KEY"], "acme-key:latest");
    assert!(definition.containers[0].environment.is_empty());
}

#[test]
fn the_port_of_what_is_called_is_a_variable() {
    let account = account();
    let mut state = service('1', None);
    state["template"][0]["containers"][0]["ports"] = json!([{ "container_port": 3000 }]);
    apply(&account, state, &[]);
    let definition = account.task_definition(&seen(&account).task_definition).unwrap();
    let environment = &definition.containers[0].environment;
    assert_eq!((&*environment["PORT"], &*environment["A"]), ("3000", "b"));
}

#[test]
fn what_somebody_changed_in_the_console_is_what_runs() {
    let account = account();
    apply(&account, service('1', None), &[]);
    let before = seen(&account).task_definition;
    let image = "template.0.containers.0.image";
    account.tamper_with("google_cloud_run_v2_service[web]", image, json!("x@sha256:9")).unwrap();
    assert_ne!(seen(&account).task_definition, before);
    assert!(account.running_tasks("any", "acme-web").iter().all(|it| it.digest == "sha256:9"));
    let read = account.find(SERVICE, &service('1', None)).unwrap();
    assert_eq!(read["latest_created_revision"], seen(&account).task_definition.as_str());
}

#[test]
fn a_worker_pool_runs_what_it_says_and_a_backend_is_as_healthy_as_its_service() {
    let account = account();
    let pool = json!({ "id": format!("{HOME}/workerPools/acme-worker"), "name": "acme-worker",
        "scaling": [{ "manual_instance_count": 3 }],
        "template": [{ "containers": [{ "image": "acme@sha256:1" }] }] });
    account.roll_out(WORKER_POOL, Some("seed"), pool, &faults(&[])).unwrap();
    let running = account.service("any", "acme-worker", &Faults::none()).unwrap();
    assert_eq!((running.desired, running.running, running.target_groups.len()), (3, 3, 0));

    apply(&account, service('1', None), &[]);
    assert_eq!(seen(&account).target_groups.len(), 0, "no load balancer reaches it yet");
    let group = "projects/acme-ledger/regions/europe-west3/networkEndpointGroups/web";
    let state = json!({ "id": group, "cloud_run": [{ "service": "acme-web" }] });
    account.keep("google_compute_region_network_endpoint_group", Some("a"), state).unwrap();
    let backend = "projects/acme-ledger/global/backendServices/web";
    let state = json!({ "id": backend, "backend": [{ "group": group }] });
    account.keep("google_compute_backend_service", Some("b"), state).unwrap();
    let service = format!("{HOME}/services/acme-web");
    assert_eq!(seen(&account).target_groups, [service.as_str()]);
    let targets = account.target_health(&service);
    assert!(targets.len() == 2 && targets.iter().all(|it| it.state == "healthy"), "{targets:?}");
}

fn job(token: &str, name: &str) -> JobRequest {
    JobRequest {
        name: "migrate".to_owned(),
        cluster: HOME.to_owned(),
        task_definition: format!("{HOME}/jobs/{name}"),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        log_group: "projects/acme-ledger/logs/run".to_owned(),
        log_stream_prefix: "migrate".to_owned(),
        token: token.to_owned(),
        started_by: "landfall/1".to_owned(),
        environment: BTreeMap::new(),
    }
}

#[test]
fn a_job_is_attached_to_by_its_token_and_refused_without_its_secret() {
    let account = account();
    with_secret(&account);
    let mut state = service('1', Some("1"));
    state["id"] = format!("{HOME}/jobs/acme-migrate").into();
    state["name"] = "acme-migrate".into();
    state["template"] = json!([{ "template": state["template"] }]);
    let (_, why) = account.roll_out(JOB, Some("seed"), state, &faults(&[])).unwrap();
    assert!(why.unwrap().contains("was not found"), "the apply says so as well");
    let start = |token: &str, texts: &[&str]| {
        account.start_job(&job(token, "acme-migrate"), &faults(texts)).unwrap()
    };
    let ended = |handle: &_| match account.job(handle).unwrap() {
        JobState::Stopped { exit_code, reason } => (exit_code, reason),
        JobState::Running(state) => panic!("{state}"),
    };
    let (code, reason) = ended(&start("1", &[]));
    assert!(code.is_none() && reason.contains("versions/1 was not found"), "{reason}");
    account.put_secret("acme-key", &Secret::new("a".to_owned()), TOKEN).unwrap();
    let done = start("2", &[]);
    assert_eq!(ended(&done).0, Some(0));
    assert_eq!(start("2", &["job=migrate:exit=3"]), done, "attached, not started");
    let execution = format!("{HOME}/jobs/acme-migrate/executions/acme-migrate-");
    assert_eq!(done.task.strip_prefix(&execution).unwrap().len(), 5);
    assert_eq!(ended(&start("3", &["job=migrate:exit=3"])).0, Some(3));
    let log = account.job_log(&done, 0).unwrap();
    assert_eq!(log.last().unwrap().text, "simulated: migrate ran to its end");
    let endless = start("4", &["job=migrate:hang"]);
    account.stop_job(&endless, "cancelled").unwrap();
    assert_eq!(ended(&endless), (None, "cancelled".to_owned()));
    assert!(account.jobs().iter().all(|job| job.digest == "sha256:1"));
    let unknown = account.start_job(&job("5", "nothing"), &faults(&[])).unwrap_err();
    assert!(unknown.reasons()[0].contains("of kind 'JOB'"), "{unknown}");
}
