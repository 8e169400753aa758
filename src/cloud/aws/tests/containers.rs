//! Services, tasks, task definitions and target health, as they are read back.

use serde_json::{Value, json};

use super::Stand;
use crate::cloud::Cloud;

const SERVICES: &str = "AmazonEC2ContainerServiceV20141113.DescribeServices";
const LIST: &str = "AmazonEC2ContainerServiceV20141113.ListTasks";
const TASKS: &str = "AmazonEC2ContainerServiceV20141113.DescribeTasks";
const DEFINITION: &str = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/1";

fn refused(code: &str) -> Value {
    json!({ "__type": code, "message": "in words" })
}

#[tokio::test]
async fn a_service_is_read_with_its_rollout_and_its_newest_words_first() {
    let stand = Stand::new().await;
    let service = json!({ "serviceName": "web", "status": "ACTIVE", "desiredCount": 2,
        "runningCount": 1, "taskDefinition": "web:4",
        "loadBalancers": [{ "targetGroupArn": GROUP }],
        "deployments": [
            { "status": "ACTIVE", "rolloutState": "COMPLETED" },
            { "status": "PRIMARY", "rolloutState": "FAILED", "rolloutStateReason": "circuit" }],
        "events": [{ "createdAt": 1, "message": "old" }, { "createdAt": 2.5, "message": "new" }] });
    let body = json!({ "cluster": "demo", "services": ["web"] });
    stand.json(SERVICES, body, 200, json!({ "services": [service], "failures": [] })).await;
    let found = stand.aws.service("demo", "web").await.unwrap().unwrap();
    assert_eq!((found.desired, found.running, found.deployments), (2, 1, 2));
    assert_eq!((&*found.rollout, &*found.rollout_reason), ("FAILED", "circuit"));
    assert_eq!(
        (&*found.task_definition, &found.target_groups[..]),
        ("web:4", &[GROUP.to_owned()][..])
    );
    let events: Vec<_> = found.events.iter().map(|event| (event.at, &*event.message)).collect();
    assert_eq!(events, [(2500, "new"), (1000, "old")]);
}

#[tokio::test]
async fn an_absent_service_or_cluster_is_none() {
    let stand = Stand::new().await;
    let missing = json!({ "services": [], "failures": [{ "arn": "web", "reason": "MISSING" }] });
    stand.json(SERVICES, json!({}), 200, missing).await;
    assert_eq!(stand.aws.service("demo", "web").await.unwrap(), None);
    stand.json(SERVICES, json!({}), 400, refused("ClusterNotFoundException")).await;
    assert_eq!(stand.aws.service("demo", "web").await.unwrap(), None);
    let other = json!({ "services": [], "failures": [{ "arn": "web", "reason": "ODD" }] });
    stand.json(SERVICES, json!({}), 200, other).await;
    let failure = stand.aws.service("demo", "web").await.unwrap_err();
    assert_eq!(failure.reasons(), ["ECS says ODD"]);
}

#[tokio::test]
async fn running_tasks_come_from_every_page_with_the_digest_of_the_main_container() {
    let stand = Stand::new().await;
    let more = json!({ "nextToken": "more" });
    stand.json(LIST, more, 200, json!({ "taskArns": ["t/2"] })).await;
    let body = json!({ "cluster": "demo", "serviceName": "web", "desiredStatus": "RUNNING" });
    stand.json(LIST, body, 200, json!({ "taskArns": ["t/1"], "nextToken": "more" })).await;
    let tasks = json!([
        { "taskArn": "t/1", "taskDefinitionArn": "web:4", "lastStatus": "RUNNING",
          "healthStatus": "HEALTHY", "containers": [
            { "name": "proxy", "imageDigest": "sha256:aaaa" },
            { "name": "main", "imageDigest": "sha256:bbbb" }] },
        { "taskArn": "t/2", "taskDefinitionArn": "web:4", "lastStatus": "PROVISIONING",
          "healthStatus": "UNKNOWN", "containers": [{ "name": "main", "image": "web@sha256:cccc" }] }]);
    stand.json(TASKS, json!({ "tasks": ["t/1", "t/2"] }), 200, json!({ "tasks": tasks })).await;
    let running = stand.aws.running_tasks("demo", "web").await.unwrap();
    assert_eq!((&*running[0].digest, &*running[0].health), ("sha256:bbbb", "HEALTHY"));
    assert_eq!(running[1].digest, "", "what should run proves nothing about what runs");
    assert_eq!(running[1].status, "PROVISIONING");
}

#[tokio::test]
async fn more_than_a_hundred_tasks_are_described_in_batches() {
    let stand = Stand::new().await;
    let arns: Vec<String> = (0..101).map(|number| format!("t/{number}")).collect();
    stand.json(LIST, json!({}), 200, json!({ "taskArns": arns })).await;
    let one = json!({ "tasks": [{ "taskArn": "t/x" }] });
    stand.json(TASKS, json!({ "tasks": arns[..100] }), 200, one.clone()).await;
    stand.json(TASKS, json!({ "tasks": arns[100..] }), 200, one).await;
    assert_eq!(stand.aws.running_tasks("demo", "web").await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_absent_service_has_no_tasks_and_nothing_is_described() {
    let stand = Stand::new().await;
    stand.json(LIST, json!({}), 400, refused("ServiceNotFoundException")).await;
    assert!(stand.aws.running_tasks("demo", "web").await.unwrap().is_empty());
    stand.json(LIST, json!({}), 400, refused("AccessDeniedException")).await;
    let text = stand.aws.running_tasks("demo", "web").await.unwrap_err().to_string();
    assert!(text.contains("`ecs:ListTasks` on cluster `demo`"), "{text}");
}

#[tokio::test]
async fn equal_reasons_of_stopped_tasks_are_equal_texts_newest_first() {
    let stand = Stand::new().await;
    let body = json!({ "serviceName": "web", "desiredStatus": "STOPPED" });
    stand.json(LIST, body, 200, json!({ "taskArns": ["task/demo/a1", "task/demo/b2"] })).await;
    let stopped = |id: &str, request: &str, at: i64| {
        json!({ "taskArn": format!("task/demo/{id}"), "taskDefinitionArn": "web:4",
            "stoppedAt": at, "stoppedReason": format!(
                "ResourceInitializationError: assumed-role/web/{id} may not read the secret, \
                 status code: 400, request id: {request}") })
    };
    let tasks = json!([stopped("a1", "6f1c-22", 10), stopped("b2", "93ab-47", 20)]);
    stand.json(TASKS, json!({}), 200, json!({ "tasks": tasks })).await;
    let found = stand.aws.stopped_tasks("demo", "web").await.unwrap();
    assert_eq!((&*found[0].arn, found[0].stopped_at), ("task/demo/b2", 20_000));
    assert_eq!(found[0].reason, found[1].reason);
    assert_eq!(
        found[0].reason,
        "ResourceInitializationError: assumed-role/web/<task> may not read the secret, \
         status code: 400, request id: ..."
    );
}

#[tokio::test]
async fn a_task_definition_names_images_variables_and_secrets() {
    let stand = Stand::new().await;
    let answer = json!({ "taskDefinition": { "taskDefinitionArn": "web:4", "containerDefinitions": [
        { "name": "main", "image": "web@sha256:bbbb",
          "environment": [{ "name": "PORT", "value": "8080" }],
          "secrets": [{ "name": "LICENCE", "valueFrom": "arn:licence" }] }] } });
    stand.json(DEFINITION, json!({ "taskDefinition": "web:4" }), 200, answer).await;
    let found = stand.aws.task_definition("web:4").await.unwrap();
    let main = &found.containers[0];
    assert_eq!((&*found.arn, &*main.name, &*main.image), ("web:4", "main", "web@sha256:bbbb"));
    assert_eq!(main.environment["PORT"], "8080");
    assert_eq!(main.secrets["LICENCE"], "arn:licence");
}

#[tokio::test]
async fn the_health_of_each_target_has_its_reason() {
    let stand = Stand::new().await;
    let member = |id: &str, health: &str| {
        format!(
            "<member><Target><Id>{id}</Id><Port>80</Port></Target><TargetHealth>{health}\
             </TargetHealth></member>"
        )
    };
    let answer = format!(
        "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{}{}\
         </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>",
        member("10.0.1.7", "<State>healthy</State>"),
        member(
            "10.0.2.9",
            "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason>\
             <Description>Health checks failed with these codes: [503]</Description>"
        ),
    );
    stand.query("DescribeTargetHealth", "TargetGroupArn=arn%3Aaws", 200, &answer).await;
    let targets = stand.aws.target_health(GROUP).await.unwrap();
    assert_eq!((&*targets[0].id, &*targets[0].state), ("10.0.1.7", "healthy"));
    assert_eq!(targets[0].reason, "");
    assert_eq!(targets[1].state, "unhealthy");
    assert_eq!(
        targets[1].reason,
        "Target.ResponseCodeMismatch: Health checks failed with these codes: [503]"
    );
}
