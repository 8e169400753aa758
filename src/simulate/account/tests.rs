//! The account by itself: persistence, secrets, buckets, jobs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "the file is looked at from outside")]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::*;
use crate::cloud::{JobRequest, JobState};
use crate::secret::Secret;
use crate::simulate::faults::Faults;

const TOKEN: &str = "5f0c1a2b-0000-4000-8000-000000000001";

fn identity() -> Identity {
    Identity {
        project_number: None,
        account: "123456789012".to_owned(),
        arn: "arn:aws:iam::123456789012:user/admin".to_owned(),
        partition: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
    }
}

fn keep(account: &Account, kind: &str, state: serde_json::Value) {
    account.keep(kind, Some("seed"), state).unwrap();
}

fn with_secret(account: &Account) -> &'static str {
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/key-AbCdEf";
    keep(account, "aws_secretsmanager_secret", json!({ "arn": arn, "name": "acme/key" }));
    arn
}

#[test]
fn everything_survives_a_restart_and_no_secret_is_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account");
    let account = Account::open(&path, identity()).unwrap();
    with_secret(&account);
    let value = Secret::new("canary-77c1".to_owned());
    assert_eq!(account.put_secret("acme/key", &value, TOKEN).unwrap(), TOKEN);
    account.make_bucket("state").unwrap();
    account.put_object("state", "runs/1/journal.jsonl", b"{}".to_vec()).unwrap();

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&path.join("account.json"))), (0o700, 0o600));
    let text = std::fs::read_to_string(path.join("account.json")).unwrap();
    assert!(!text.contains("canary-77c1"));

    let again = Account::open(&path, identity()).unwrap();
    assert_eq!(again.secret("acme/key").version.as_deref(), Some(TOKEN));
    assert_eq!(again.list_objects("state", "runs/").unwrap(), ["runs/1/journal.jsonl"]);
    assert_eq!(again.resources(), account.resources());

    let elsewhere = Identity { region: "eu-west-1".to_owned(), ..identity() };
    assert!(Account::open(&path, elsewhere).is_err());
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(path.join("account.json"), newer).unwrap();
    let refused = Account::open(&path, identity()).unwrap_err();
    assert!(refused.what().contains("newer Landfall"), "{refused}");
}

#[test]
fn a_secret_needs_its_container_and_a_token_stands_for_one_value() {
    let account = Account::ephemeral(identity()).unwrap();
    let value = |text: &str| Secret::new(text.to_owned());
    assert!(account.put_secret("acme/key", &value("a"), TOKEN).is_err());
    let arn = with_secret(&account);
    assert_eq!(
        account.secret(arn),
        crate::cloud::SecretState { exists: true, ..Default::default() }
    );
    account.put_secret(arn, &value("a"), TOKEN).unwrap();
    account.put_secret(arn, &value("a"), TOKEN).unwrap();
    let taken = account.put_secret(arn, &value("b"), TOKEN).unwrap_err();
    assert!(taken.reasons()[0].contains("ResourceExistsException"), "{taken}");
    account.remove("aws_secretsmanager_secret", &json!({ "arn": arn })).unwrap();
    with_secret(&account);
    assert_eq!(account.secret(arn).version, None, "a new container has no old value");
}

#[test]
fn an_object_is_written_once_if_absent_and_stays_in_its_bucket() {
    let folder = tempfile::tempdir().unwrap();
    for account in
        [Account::ephemeral(identity()).unwrap(), Account::open(folder.path(), identity()).unwrap()]
    {
        assert!(account.put_object("state", "run.lock", Vec::new()).is_err(), "no bucket yet");
        assert!(account.make_bucket("state").unwrap().created);
        assert!(!account.make_bucket("state").unwrap().created);
        assert!(account.put_object_if_absent("state", "run.lock", b"a".to_vec()).unwrap());
        assert!(!account.put_object_if_absent("state", "run.lock", b"b".to_vec()).unwrap());
        let object = account.get_object("state", "run.lock").unwrap().unwrap();
        assert_eq!(object.body, b"a");
        account.put_object("state", "run.lock", b"c".to_vec()).unwrap();
        assert_ne!(account.get_object("state", "run.lock").unwrap().unwrap().tag, object.tag);
        account.delete_object("state", "run.lock").unwrap();
        account.delete_object("state", "run.lock").unwrap();
        assert_eq!(account.get_object("state", "run.lock").unwrap(), None);
    }
    let account = Account::open(folder.path(), identity()).unwrap();
    for key in ["../outside", "/etc/passwd", "a/../../b", ""] {
        assert!(account.put_object("state", key, Vec::new()).is_err(), "{key}");
    }
}

#[test]
fn a_version_is_written_beside_the_current_one_and_becomes_it() {
    let account = Account::ephemeral(identity()).unwrap();
    let secret = with_secret(&account);
    let next = "5f0c1a2b-0000-4000-8000-000000000002-2";
    let value = |text: &str| Secret::new(text.to_owned());
    let is = |version: &str, staged: Option<&str>| {
        let state = account.secret(secret);
        assert_eq!(state.version.as_deref(), Some(version));
        assert_eq!(state.next.as_deref(), staged);
    };
    account.put_secret(secret, &value("a"), TOKEN).unwrap();
    account.stage_secret(secret, &value("b"), next).unwrap();
    is(TOKEN, Some(next));
    account.label_secret(secret, crate::cloud::CURRENT, Some(next)).unwrap();
    account.label_secret(secret, crate::cloud::NEXT, None).unwrap();
    account.label_secret(secret, crate::cloud::NEXT, None).unwrap();
    is(next, None);
    let other = account.label_secret(secret, "any", Some("no-such-version")).unwrap_err();
    assert!(other.to_string().contains("there is no version no-such-version"), "{other}");
}

#[test]
fn on_google_cloud_versions_are_numbered_and_labels_are_aliases() {
    let google = Identity {
        project_number: Some("123456789012".to_owned()),
        account: "acme-ledger".to_owned(),
        partition: "gcp".to_owned(),
        ..identity()
    };
    let account = Account::ephemeral(google).unwrap();
    let id = "projects/acme-ledger/secrets/acme-key";
    let kind = "google_secret_manager_secret";
    keep(&account, kind, json!({ "id": id, "secret_id": "acme-key" }));
    let value = |text: &str| Secret::new(text.to_owned());
    let tokens = [1, 2, 3].map(|number| format!("5f0c1a2b-0000-4000-8000-00000000000{number}"));
    let own = |text: Option<&str>| text.map(str::to_owned);
    let state = |version: Option<&str>, next: Option<&str>, upcoming: Option<&str>| {
        let (version, next, upcoming) = (own(version), own(next), own(upcoming));
        crate::cloud::SecretState { exists: true, version, next, upcoming }
    };
    assert_eq!(account.secret("none").upcoming.as_deref(), Some("1"), "before it exists");
    assert_eq!(account.secret(id), state(None, None, Some("1")));
    assert_eq!(account.put_secret("acme-key", &value("a"), &tokens[0]).unwrap(), "1");
    assert_eq!(account.put_secret(id, &value("a"), &tokens[0]).unwrap(), "1", "the same write");
    assert_eq!(account.stage_secret(id, &value("b"), &tokens[1]).unwrap(), "2");
    assert_eq!(account.secret(id), state(Some("1"), Some("2"), None));
    assert_eq!(account.upcoming_version(id), own(Some("3")));
    account.label_secret(id, crate::cloud::PREVIOUS, Some("1")).unwrap();
    account.label_secret(id, crate::cloud::CURRENT, Some("2")).unwrap();
    account.label_secret(id, crate::cloud::NEXT, None).unwrap();
    assert_eq!(account.secret(id), state(Some("2"), None, None));
    let read = account.find(kind, &json!({ "id": id })).unwrap();
    let aliases = json!({ "landfall-current": "2", "landfall-previous": "1" });
    assert_eq!(read["version_aliases"], aliases);

    let refused = account.label_secret(id, crate::cloud::CURRENT, Some("7")).unwrap_err();
    assert!(refused.to_string().contains("NOT_FOUND: there is no version 7"), "{refused}");
    account.label_secret(id, crate::cloud::CURRENT, None).unwrap();
    assert_eq!(account.stage_secret(id, &value("c"), &tokens[2]).unwrap(), "3");
    assert_eq!(account.secret(id).version.as_deref(), Some("3"), "without an alias the newest");
}

#[test]
fn a_job_starts_only_if_its_secrets_have_their_versions() {
    let account = Account::ephemeral(identity()).unwrap();
    let secret = with_secret(&account);
    keep(&account, "aws_ecs_cluster", json!({ "arn": "arn:cluster", "name": "acme" }));
    let containers = json!([{ "name": "main", "image": "registry.example/acme@sha256:aa",
        "secrets": [{ "name": "KEY", "valueFrom": format!("{secret}:::{TOKEN}") }] }]);
    let definition = json!({ "arn": "arn:task:1", "family": "migrate", "revision": 1,
        "container_definitions": containers.to_string() });
    keep(&account, "aws_ecs_task_definition", definition);
    let run = |token: &str, faults: &[&str]| {
        let faults: Vec<String> = faults.iter().map(|fault| (*fault).to_owned()).collect();
        let request = JobRequest {
            name: "migrate".to_owned(),
            cluster: "acme".to_owned(),
            task_definition: "arn:task:1".to_owned(),
            subnets: Vec::new(),
            security_groups: Vec::new(),
            log_group: "/acme".to_owned(),
            log_stream_prefix: "job".to_owned(),
            token: token.to_owned(),
            started_by: "test".to_owned(),
            environment: std::collections::BTreeMap::new(),
        };
        account.start_job(&request, &Faults::parse(&faults).unwrap()).unwrap()
    };
    let code = |handle: &_| match account.job(handle).unwrap() {
        JobState::Stopped { exit_code, .. } => Some(exit_code),
        JobState::Running(_) => None,
    };
    assert_eq!(code(&run("1", &[])), Some(None), "never started");
    let other = "5f0c1a2b-0000-4000-8000-000000000002";
    account.put_secret(secret, &Secret::new("a".to_owned()), other).unwrap();
    assert_eq!(code(&run("2", &[])), Some(None), "that version is not there");
    account.put_secret(secret, &Secret::new("b".to_owned()), TOKEN).unwrap();
    assert_eq!(code(&run("3", &[])), Some(Some(0)));
    assert_eq!(code(&run("3", &["job=migrate:exit=9"])), Some(Some(0)), "attached, not started");
    assert_eq!(code(&run("4", &["job=migrate"])), Some(Some(1)));
    assert_eq!(code(&run("5", &["missing-secret=key"])), Some(None));
    let slow = run("6", &["job=migrate:polls=1"]);
    assert_eq!([code(&slow), code(&slow)], [None, Some(Some(0))]);
    let endless = run("7", &["job=migrate:hang"]);
    assert_eq!(code(&endless), None);
    account.stop_job(&endless, "stopped by a person").unwrap();
    assert_eq!(code(&endless), Some(Some(137)));
    assert!(account.jobs().iter().all(|job| job.digest == "sha256:aa"));
}
