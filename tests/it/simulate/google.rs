//! The simulated Google Cloud under the real terraform.

use std::sync::Arc;

use landfall::cloud::{Cloud as _, Identity, JobRequest, JobState};
use landfall::secret::Secret;
use landfall::simulate::{Account, Faults, Simulator};
use serde_json::{Value as Json, json};

use super::{Stage, VERSION, digest, with};

/// Configurations that the released provider validates and plans as they are here.
const FILES: [(&str, &str); 6] = [
    ("database.tf", include_str!("google/database.tf")),
    ("ingress.tf", include_str!("google/ingress.tf")),
    ("main.tf", include_str!("google/main.tf")),
    ("network.tf", include_str!("google/network.tf")),
    ("observability.tf", include_str!("google/observability.tf")),
    ("secrets.tf", include_str!("google/secrets.tf")),
];
const WORKLOADS: &str = include_str!("google/workloads.tf");

const WEB: &str = "acme-prod-web";
const SERVICE: &str = "google_cloud_run_v2_service.web";

fn identity() -> Identity {
    Identity {
        project_number: Some("123456789012".to_owned()),
        account: "acme-ledger".to_owned(),
        arn: "user:kim@acme.example".to_owned(),
        partition: "gcp".to_owned(),
        region: "europe-west3".to_owned(),
    }
}

/// The provider alone, with every type and without a fault, on an account that is nobody's.
pub(crate) fn google_provider() -> Simulator {
    let account = Arc::new(Account::ephemeral(identity()).unwrap());
    Simulator::start(account, Arc::new(Faults::none()), None).unwrap()
}

fn stage(faults: &[&str]) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES.into_iter().chain([("workloads.tf", WORKLOADS)]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Stage::in_folder(folder, identity(), faults)
}

async fn seen(stage: &Stage) -> landfall::cloud::RunningService {
    stage.cloud.service("any", WEB).await.unwrap().unwrap()
}

#[tokio::test]
async fn everything_is_made_changed_and_destroyed() {
    let stage = stage(&[]);
    stage.succeed(&["validate"]);
    let applied = stage.apply(&[]);
    assert!(applied.contains("58 added, 0 changed, 0 destroyed"), "{applied}");
    stage.assert_steady(&[]);
    let outputs = stage.outputs();
    let database = &outputs["database"]["value"];
    assert_eq!(database["connection"], "acme-ledger:europe-west3:acme-prod");
    assert!(database["dns_name"].as_str().unwrap().ends_with(".europe-west3.sql.goog."));
    assert!(database["attachment"].as_str().unwrap().contains("-psc-service-attachment-"));
    let service = seen(&stage).await;
    let revision = || stage.state(SERVICE)["latest_created_revision"].clone();
    assert_eq!(revision(), service.task_definition.as_str());
    assert_eq!(service.target_groups.len(), 1, "a load balancer reaches it");
    assert_eq!((service.rollout.as_str(), service.running), ("COMPLETED", 1));
    let bucket = stage.state("google_storage_bucket.data");
    assert_eq!(bucket["location"], "EUROPE-WEST1");
    let labels = json!({ "goog-terraform-provisioned": "true", "team": "operations",
        "landfall-environment": "acme-prod" });
    assert_eq!(bucket["effective_labels"], labels);

    let new = format!("-var=digest={}", digest('2'));
    let bigger = [new.as_str(), "-var=tier=db-custom-4-16384", "-var=protected=true"];
    let changed = stage.apply(&bigger);
    assert!(changed.contains("0 added, 6 changed, 0 destroyed"), "{changed}");
    stage.assert_steady(&bigger);
    let after = seen(&stage).await;
    assert!(after.task_definition.contains("/acme-prod-web-00002-"), "{}", after.task_definition);
    assert_eq!(revision(), after.task_definition.as_str());
    let tasks = stage.cloud.running_tasks("any", WEB).await.unwrap();
    assert!(tasks.iter().all(|task| task.digest == format!("sha256:{}", digest('2'))));
    let tagged = stage.cloud.tagged("landfall:environment", "acme-prod").await.unwrap();
    assert_eq!(tagged.len(), 6, "{tagged:?}");

    let refused = stage.fail(&with("destroy", &bigger));
    assert!(refused.contains("failed to delete instance because deletion_protection"), "{refused}");
    let open = [new.as_str(), "-var=tier=db-custom-4-16384"];
    stage.apply(&open);
    stage.succeed(&with("destroy", &open));
    let left: Vec<String> = stage.account.resources().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(left, ["google_kms_crypto_key", "google_kms_key_ring"], "Google deletes no keys");
}

#[test]
fn what_a_plan_foresees_is_what_its_apply_makes() {
    let mut stage = stage(&[]);
    let text = FILES.iter().map(|(_, text)| *text).chain([WORKLOADS]).collect::<String>();
    let (account, faults) = (Arc::clone(&stage.account), Arc::new(Faults::none()));
    stage.simulator = Simulator::foreseeing(account, faults, &text).unwrap();
    stage.succeed(&["plan", "-input=false", "-out=plan"]);
    let plan: Json = serde_json::from_str(&stage.succeed(&["show", "-json", "plan"])).unwrap();
    stage.succeed(&["apply", "-input=false", "plan"]);
    let made = stage.outputs();
    for output in ["web", "database", "secret", "job"] {
        let planned = &plan["planned_values"]["outputs"][output]["value"];
        assert_eq!(&made[output]["value"], planned, "{output}");
    }
    let resources = plan["planned_values"]["root_module"]["resources"].as_array().unwrap();
    let planned = resources.iter().find(|resource| resource["address"] == SERVICE).unwrap();
    let revision = &planned["values"]["latest_created_revision"];
    assert_eq!(&stage.state(SERVICE)["latest_created_revision"], revision);
    stage.assert_steady(&[]);
}

#[tokio::test]
async fn a_service_without_its_secret_is_tainted_and_made_anew() {
    let stage = stage(&[]);
    let version = ["-var=api_key_version=1"];
    let failed = stage.fail(&with("apply", &version));
    let start = "Error waiting to create Service: Error waiting for Creating Service: Error code";
    assert!(unwrapped(&failed).contains(start), "{failed}");
    let why = "Secret projects/123456789012/secrets/acme-prod-api-key/versions/1 was not found";
    assert!(unwrapped(&failed).contains(why), "{failed}");
    assert_eq!(seen(&stage).await.rollout, "FAILED");

    let secret = "projects/acme-ledger/secrets/acme-prod-api-key";
    let value = Secret::new("canary-3f81".to_owned());
    assert_eq!(stage.cloud.put_secret(secret, &value, VERSION).await.unwrap(), "1");
    let planned = stage.succeed(&with("plan", &version));
    assert!(planned.contains("is tainted, so must be replaced"), "{planned}");
    stage.apply(&version);
    stage.assert_steady(&version);
    let service = seen(&stage).await;
    assert_eq!((service.rollout.as_str(), service.running), ("COMPLETED", 1));
    let definition = stage.cloud.task_definition(&service.task_definition).await.unwrap();
    assert_eq!(definition.containers[0].secrets["API_KEY"], "acme-prod-api-key:1");
    let written = std::fs::read_to_string(stage.folder.path().join("account/account.json"));
    assert!(!written.unwrap().contains("canary-3f81"), "a secret's value is in the file");
}

#[tokio::test]
async fn an_update_that_fails_keeps_the_traffic_and_leaves_no_difference() {
    let stage = stage(&["unhealthy=web:nth=2"]);
    stage.apply(&[]);
    let before = seen(&stage).await;
    let new = format!("-var=digest={}", digest('2'));
    let failed = stage.fail(&with("apply", &[&new]));
    let start = "Error waiting for Updating Service: Error code 9, message: Revision";
    assert!(unwrapped(&failed).contains(start), "{failed}");
    assert!(failed.contains("simulated fault: unhealthy=web:nth=2"), "{failed}");
    let after = seen(&stage).await;
    assert_eq!(after.task_definition, before.task_definition);
    assert_eq!((after.running, after.rollout.as_str()), (1, "FAILED"));
    let stopped = stage.cloud.stopped_tasks("any", WEB).await.unwrap();
    assert_eq!(stopped[0].reason, after.rollout_reason);
    let healthy = stage.cloud.target_health(&after.target_groups[0]).await.unwrap();
    assert!(healthy.iter().all(|target| target.state == "healthy"), "{healthy:?}");
    // As with the real provider: the template is as wanted, so nothing is to be done.
    stage.apply(&[&new]);
    stage.assert_steady(&[&new]);
    assert_eq!(seen(&stage).await.rollout, "FAILED");
    let newer = format!("-var=digest={}", digest('3'));
    stage.apply(&[&newer]);
    assert_eq!(seen(&stage).await.rollout, "COMPLETED");
}

#[tokio::test]
async fn a_job_runs_what_was_applied_and_faults_reach_it() {
    let stage = stage(&["job=migrate:exit=3", "create=google_sql_database_instance"]);
    let failed = stage.fail(&with("apply", &[]));
    let label = "simulated fault: create=google_sql_database_instance";
    assert!(failed.contains(label), "{failed}");
    stage.apply(&[]);
    let job = stage.outputs()["job"]["value"].as_str().unwrap().to_owned();
    let request = |token: &str| JobRequest {
        name: "migrate".to_owned(),
        cluster: "projects/acme-ledger/locations/europe-west3".to_owned(),
        task_definition: job.clone(),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        log_group: "run".to_owned(),
        log_stream_prefix: "migrate".to_owned(),
        token: token.to_owned(),
        started_by: "landfall/1".to_owned(),
        environment: std::collections::BTreeMap::new(),
    };
    for (token, wanted) in [("token-1", 3), ("token-2", 0)] {
        let started = stage.cloud.start_job(&request(token)).await.unwrap();
        assert!(started.task.starts_with(&format!("{job}/executions/")), "{}", started.task);
        let ended = stage.cloud.job(&started).await.unwrap();
        assert!(
            matches!(ended, JobState::Stopped { exit_code: Some(code), .. } if code == wanted),
            "{ended:?}"
        );
    }
}

#[test]
fn what_changes_behind_terraform_is_drift_and_another_project_is_refused() {
    let stage = stage(&[]);
    stage.apply(&[]);
    let path = "settings.0.tier";
    let kind = "google_sql_database_instance[acme-prod]";
    stage.account.tamper_with(kind, path, json!("db-custom-8-32768")).unwrap();
    let plan = stage.succeed(&with("plan", &["-refresh-only"]));
    assert!(plan.contains("\"db-custom-2-8192\" -> \"db-custom-8-32768\""), "{plan}");
    let plan = stage.succeed(&with("plan", &[]));
    assert!(plan.contains("0 to add, 1 to change, 0 to destroy"), "{plan}");
    let refused = stage.fail(&with("plan", &["-var=project=other-project"]));
    assert!(refused.contains("project other-project is not simulated"), "{refused}");
}

/// A message of terraform without the lines that it was broken into.
fn unwrapped(text: &str) -> String {
    text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
