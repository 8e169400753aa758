//! Services, worker pools, their revisions, and what they run (`run.v2#GoogleCloudRunV2Service`,
//! `#GoogleCloudRunV2WorkerPool`, `#GoogleCloudRunV2Revision`, `#GoogleCloudRunV2Job`).

use serde_json::{Value, json};

use super::{PLACE, Stand, denied, not_found};
use crate::cloud::Cloud;

fn service() -> String {
    format!("{PLACE}/services/demo-web")
}

fn pool() -> String {
    format!("{PLACE}/workerPools/demo-worker")
}

fn revision_of(parent: &str, number: u32) -> String {
    let short = parent.rsplit('/').next().unwrap();
    format!("{parent}/revisions/{short}-{number:05}-abc")
}

fn at(name: &str) -> String {
    format!("/v2/{name}")
}

fn condition(kind: &str, state: &str, message: &str) -> Value {
    json!({ "type": kind, "state": format!("CONDITION_{state}"), "message": message,
        "lastTransitionTime": "2026-11-21T10:00:00Z" })
}

/// A service whose traffic goes to this revision, with this terminal condition.
fn serving(number: u32, created: u32, terminal: Value) -> Value {
    json!({ "name": service(), "terminalCondition": terminal,
        "latestReadyRevision": revision_of(&service(), number),
        "latestCreatedRevision": revision_of(&service(), created),
        "scaling": { "scalingMode": "AUTOMATIC" },
        "template": { "scaling": { "minInstanceCount": 2, "maxInstanceCount": 9 } },
        "trafficStatuses": [{ "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100 }] })
}

fn revision(name: &str, ready: Value) -> Value {
    json!({ "name": name, "conditions": [ready],
        "containers": [
            { "name": "proxy", "image": "proxy@sha256:aaaa" },
            { "name": "main", "image": "web@sha256:bbbb" }],
        "containerStatuses": [{ "name": "main", "imageDigest": "web@sha256:cccc" }] })
}

fn ready(name: &str) -> Value {
    revision(name, condition("Ready", "SUCCEEDED", ""))
}

impl Stand {
    async fn has_service(&self, service: Value) {
        self.get(&at(&self::service()), service).await;
    }

    async fn has_revision(&self, revision: Value) {
        let name = revision["name"].as_str().unwrap().to_owned();
        self.get(&at(&name), revision).await;
    }
}

#[tokio::test]
async fn a_service_that_serves_is_steady() {
    let stand = Stand::new().await;
    let revision = revision_of(&service(), 4);
    stand.has_service(serving(4, 4, condition("Ready", "SUCCEEDED", ""))).await;
    stand.has_revision(ready(&revision)).await;
    let found = stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap();
    assert_eq!(
        (&*found.name, &*found.status, &*found.rollout),
        ("demo-web", "ACTIVE", "COMPLETED")
    );
    assert_eq!((found.desired, found.running, found.deployments), (2, 2, 1));
    assert_eq!(found.task_definition, revision);
    assert_eq!(found.target_groups, [service()]);
}

#[tokio::test]
async fn a_failed_revision_leaves_the_traffic_on_the_last_ready_one() {
    let stand = Stand::new().await;
    let why = "Revision 'demo-web-00005-abc' is not ready and cannot serve traffic. The container \
               failed to start. Logs URL: https://console.cloud.google.com/logs";
    stand.has_service(serving(4, 5, condition("Ready", "FAILED", why))).await;
    stand.has_revision(ready(&revision_of(&service(), 4))).await;
    let found = stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap();
    assert_eq!((&*found.rollout, found.deployments), ("FAILED", 1));
    assert_eq!(found.task_definition, revision_of(&service(), 4), "what serves");
    assert_eq!(found.running, 2, "the old one goes on");
    assert!(found.rollout_reason.ends_with("The container failed to start."));
    assert!(found.events[0].message.contains("failed to start"));
}

#[tokio::test]
async fn a_rollout_under_way_is_not_steady() {
    let stand = Stand::new().await;
    let mut service = serving(4, 5, condition("Ready", "RECONCILING", "Deploying Revision."));
    service["reconciling"] = json!(true);
    stand.has_service(service).await;
    stand.has_revision(ready(&revision_of(&super::services::service(), 4))).await;
    let found = stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap();
    assert_eq!((&*found.rollout, found.deployments), ("IN_PROGRESS", 2));
    assert_eq!(found.rollout_reason, "Deploying Revision.");
}

#[tokio::test]
async fn split_traffic_is_two_deployments() {
    let stand = Stand::new().await;
    let mut split = serving(5, 5, condition("Ready", "SUCCEEDED", ""));
    split["trafficStatuses"] = json!([
        { "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "percent": 10,
          "revision": "demo-web-00005-abc" },
        { "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "percent": 90,
          "revision": "demo-web-00004-abc" },
        { "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "tag": "try",
          "revision": "demo-web-00003-abc" }]);
    stand.has_service(split).await;
    stand.has_revision(ready(&revision_of(&service(), 4))).await;
    let found = stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap();
    assert_eq!((&*found.task_definition, found.deployments), (&*revision_of(&service(), 4), 2));
}

#[tokio::test]
async fn a_service_without_a_minimum_wants_one_and_a_manual_one_what_it_says() {
    let stand = Stand::new().await;
    let mut service = serving(4, 4, condition("Ready", "SUCCEEDED", ""));
    service["template"] = json!({});
    stand.has_service(service.clone()).await;
    stand.has_revision(ready(&revision_of(&super::services::service(), 4))).await;
    assert_eq!(stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap().desired, 1);
    service["scaling"] = json!({ "scalingMode": "MANUAL", "manualInstanceCount": 0 });
    stand.has_service(service).await;
    stand.has_revision(ready(&revision_of(&super::services::service(), 4))).await;
    assert_eq!(stand.gcp.service(PLACE, "demo-web").await.unwrap().unwrap().desired, 0);
}

#[tokio::test]
async fn a_worker_pool_is_found_where_there_is_no_service() {
    let stand = Stand::new().await;
    let absent = at(&format!("{PLACE}/services/demo-worker"));
    let found = json!({ "name": pool(), "terminalCondition": condition("Ready", "SUCCEEDED", ""),
        "latestReadyRevision": revision_of(&pool(), 1),
        "scaling": { "manualInstanceCount": 3 },
        "instanceSplitStatuses": [
            { "type": "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", "percent": 100 }] });
    for _ in 0..2 {
        stand.get_refused(&absent, not_found()).await;
        stand.get(&at(&pool()), found.clone()).await;
        stand.has_revision(ready(&revision_of(&pool(), 1))).await;
    }
    // A name that is no place is the target's.
    let service = stand.gcp.service("demo", "demo-worker").await.unwrap().unwrap();
    assert_eq!((service.desired, service.running), (3, 3));
    assert_eq!(service.task_definition, revision_of(&pool(), 1));
    assert!(service.target_groups.is_empty(), "nothing is routed to it");
    assert_eq!(stand.gcp.running_tasks("demo", "demo-worker").await.unwrap().len(), 3);
}

#[tokio::test]
async fn neither_is_none_and_a_denial_is_neither() {
    let stand = Stand::new().await;
    let (service, pool) = (at(&service()), at(&format!("{PLACE}/workerPools/demo-web")));
    for _ in 0..2 {
        stand.get_refused(&service, not_found()).await;
        stand.get_refused(&pool, not_found()).await;
    }
    assert_eq!(stand.gcp.service(PLACE, "demo-web").await.unwrap(), None);
    assert!(stand.gcp.stopped_tasks(PLACE, "demo-web").await.unwrap().is_empty());
    stand.get_refused(&service, denied("run.services.get")).await;
    let text = stand.gcp.service(PLACE, "demo-web").await.unwrap_err().to_string();
    assert!(text.contains("for `run.services.get` on"), "{text}");
}

#[tokio::test]
async fn running_tasks_have_the_digest_that_the_image_is_pinned_to() {
    let stand = Stand::new().await;
    let name = revision_of(&service(), 4);
    stand.has_service(serving(4, 4, condition("Ready", "SUCCEEDED", ""))).await;
    stand.has_revision(ready(&name)).await;
    let tasks = stand.gcp.running_tasks(PLACE, "demo-web").await.unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!((&tasks[0].arn, &tasks[0].task_definition), (&name, &name));
    assert_eq!((&*tasks[0].digest, &*tasks[0].health), ("sha256:bbbb", "HEALTHY"));
}

#[tokio::test]
async fn a_tag_has_the_digest_that_the_platform_resolved_or_none() {
    let stand = Stand::new().await;
    let mut tagged = ready(&revision_of(&service(), 4));
    tagged["containers"][1]["image"] = json!("web:1.0");
    for revision in [tagged.clone(), {
        tagged["containerStatuses"] = json!([]);
        tagged
    }] {
        stand.has_service(serving(4, 4, condition("Ready", "SUCCEEDED", ""))).await;
        stand.has_revision(revision).await;
    }
    let digest =
        || async { stand.gcp.running_tasks(PLACE, "demo-web").await.unwrap()[0].digest.clone() };
    assert_eq!(digest().await, "sha256:cccc");
    assert_eq!(digest().await, "", "not proved");
}

#[tokio::test]
async fn the_readiness_of_what_serves_stands_for_the_targets() {
    let stand = Stand::new().await;
    let name = revision_of(&service(), 4);
    stand.has_service(serving(4, 4, condition("Ready", "SUCCEEDED", ""))).await;
    stand.has_revision(ready(&name)).await;
    let targets = stand.gcp.target_health(&service()).await.unwrap();
    assert_eq!(targets.len(), 2, "as many as are wanted");
    assert_eq!((&*targets[0].id, &*targets[0].state), ("demo-web-00004-abc", "healthy"));
    stand.has_service(serving(4, 4, condition("Ready", "SUCCEEDED", ""))).await;
    let broken = condition("Ready", "FAILED", "Revision 'demo-web-00004-abc' is not ready.");
    stand.has_revision(revision(&name, broken)).await;
    let targets = stand.gcp.target_health(&service()).await.unwrap();
    assert_eq!(
        (&*targets[0].state, &*targets[0].reason),
        ("unhealthy", "Revision '<revision>' is not ready.")
    );
}

#[tokio::test]
async fn failed_revisions_come_newest_first_with_comparable_reasons() {
    let stand = Stand::new().await;
    stand.has_service(serving(4, 6, condition("Ready", "FAILED", "no"))).await;
    let failed = |number: u32, second: u32| {
        let name = revision_of(&service(), number);
        let message = format!(
            "Revision 'demo-web-{number:05}-abc' is not ready. Logs URL: https://x/{number}"
        );
        let at = format!("2026-11-21T10:00:{second:02}Z");
        json!({ "name": name, "conditions": [
            { "type": "Ready", "state": "CONDITION_FAILED", "message": message,
              "lastTransitionTime": at },
            { "type": "ContainerHealthy", "state": "CONDITION_FAILED",
              "revisionReason": "HEALTH_CHECK_CONTAINER_ERROR" }] })
    };
    let retired = json!({ "name": "r", "conditions": [{ "type": "Ready",
        "state": "CONDITION_FAILED", "revisionReason": "RETIRED" }] });
    let all = json!([failed(5, 1), failed(6, 2), ready(&revision_of(&service(), 4)), retired]);
    let list = at(&format!("{}/revisions", service()));
    stand.get(&list, json!({ "revisions": all })).await;
    let found = stand.gcp.stopped_tasks(PLACE, "demo-web").await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].arn, revision_of(&service(), 6));
    assert_eq!(found[0].stopped_at, 1_795_255_202_000);
    assert_eq!(found[0].reason, found[1].reason);
    assert_eq!(
        found[0].reason,
        "Revision '<revision>' is not ready.; HEALTH_CHECK_CONTAINER_ERROR"
    );
}

#[tokio::test]
async fn a_definition_names_images_variables_and_secrets() {
    let stand = Stand::new().await;
    let containers = json!([{ "name": "web-1", "image": "web@sha256:bbbb", "env": [
        { "name": "PORT", "value": "8080" },
        { "name": "EMPTY" },
        { "name": "LICENCE", "valueSource": { "secretKeyRef": {
            "secret": "demo-licence", "version": "3" } } }] }]);
    let name = revision_of(&pool(), 1);
    // By its short name, which does not say whether it is of a service or of a worker pool.
    let short = "demo-worker-00001-abc";
    let of_service = at(&format!("{PLACE}/services/demo-worker/revisions/{short}"));
    stand.get_refused(&of_service, not_found()).await;
    stand.get(&at(&name), json!({ "name": name, "containers": containers })).await;
    let job = format!("{PLACE}/jobs/demo-migrate");
    let template = json!({ "template": { "containers": containers } });
    stand.get(&at(&job), json!({ "name": job, "template": template })).await;
    for (asked, found) in [(short, &name), (&job, &job)] {
        let definition = stand.gcp.task_definition(asked).await.unwrap();
        let main = &definition.containers[0];
        assert_eq!((&definition.arn, &*main.image), (found, "web@sha256:bbbb"));
        assert_eq!(main.name, "main", "the only container is the product's");
        assert_eq!((&*main.environment["PORT"], &*main.environment["EMPTY"]), ("8080", ""));
        assert_eq!(main.secrets["LICENCE"], "demo-licence:3");
        assert!(!main.environment.contains_key("LICENCE"));
    }
    stand.get_refused(&at(&name), not_found()).await;
    let text = stand.gcp.task_definition(&name).await.unwrap_err().to_string();
    assert!(text.contains("there is no revision"), "{text}");
}

/// A service that is called finds its port where Cloud Run puts it: no template can name it.
#[tokio::test]
async fn the_port_of_what_is_called_is_a_variable() {
    let stand = Stand::new().await;
    let name = revision_of(&service(), 1);
    let containers = json!([{ "name": "main", "image": "web@sha256:bbbb",
        "ports": [{ "name": "http1", "containerPort": 3000 }] }, { "name": "proxy" }]);
    stand.get(&at(&name), json!({ "name": name, "containers": containers })).await;
    let definition = stand.gcp.task_definition(&name).await.unwrap();
    assert_eq!(definition.containers[0].environment["PORT"], "3000");
    assert!(definition.containers[1].environment.is_empty());
}
