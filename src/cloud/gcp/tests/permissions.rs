//! Which permissions one has: `cloudresourcemanager.v3#TestIamPermissionsRequest`,
//! `cloudresourcemanager.v3#TestIamPermissionsResponse`.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::body_json;

use super::{NUMBER, PROJECT, Stand, asked, denied, disabled, ok, status};
use crate::cloud::{Cloud, Permissions};

const AT: &str = "/v3/projects/acme-ledger:testIamPermissions";
const WANTED: [&str; 3] = ["run.services.create", "run.jobs.run", "storage.buckets.create"];

fn own(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(|it| (*it).to_owned()).collect()
}

impl Stand {
    /// These are asked for, and this is the answer.
    async fn tests(&self, wanted: &[&str], answer: ResponseTemplate) {
        let body = json!({ "permissions": wanted });
        self.once(asked("POST", AT).and(body_json(body)), answer).await;
    }

    async fn holds(&self, wanted: &[&str], held: &[&str]) {
        self.tests(wanted, ok(&json!({ "permissions": held }))).await;
    }
}

fn refused((code, body): (u16, Value)) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_json(body)
}

/// As Resource Manager answers for a name that is none of a project's permissions.
fn invalid() -> ResponseTemplate {
    let message = "Permission run.bogus is not valid for this resource.";
    refused(status(400, "INVALID_ARGUMENT", message, json!([])))
}

#[tokio::test]
async fn who_has_all_misses_none() {
    let stand = Stand::new().await;
    // The order of the answer is Google's own.
    stand.holds(&WANTED, &[WANTED[2], WANTED[0], WANTED[1]]).await;
    assert_eq!(stand.gcp.permissions(&WANTED).await.unwrap(), Permissions::default());
    assert_eq!(stand.gcp.permissions(&[]).await.unwrap(), Permissions::default());
    assert_eq!(stand.asked_for().await.len(), 1, "for nothing nobody is asked");
}

#[tokio::test]
async fn what_is_not_in_the_answer_is_missing() {
    let stand = Stand::new().await;
    stand.holds(&WANTED, &[WANTED[1]]).await;
    let missing = own(&[WANTED[0], WANTED[2]]);
    let found = stand.gcp.permissions(&WANTED).await.unwrap();
    assert_eq!(found, Permissions { missing, unknown: Vec::new() });
    // Without any the field is left out.
    stand.tests(&WANTED, ok(&json!({}))).await;
    assert_eq!(stand.gcp.permissions(&WANTED).await.unwrap().missing, own(&WANTED));
}

#[tokio::test]
async fn more_than_a_hundred_are_two_calls() {
    let stand = Stand::new().await;
    let wanted: Vec<String> = (0..150).map(|number| format!("run.thing{number}.create")).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    stand.holds(&wanted[..100], &wanted[1..100]).await;
    stand.holds(&wanted[100..], &wanted[100..149]).await;
    let missing = own(&[wanted[0], wanted[149]]);
    assert_eq!(stand.gcp.permissions(&wanted).await.unwrap().missing, missing);
}

/// A name that Google does not know must not keep everybody from installing.
#[tokio::test]
async fn one_that_is_none_of_a_projects_is_not_known_and_the_others_are() {
    let stand = Stand::new().await;
    let wanted = ["run.jobs.run", "run.bogus", "run.services.create"];
    stand.tests(&wanted, invalid()).await;
    stand.holds(&wanted[..1], &[wanted[0]]).await;
    stand.tests(&wanted[1..], invalid()).await;
    stand.tests(&wanted[1..2], invalid()).await;
    stand.holds(&wanted[2..], &[]).await;
    let found = stand.gcp.permissions(&wanted).await.unwrap();
    let (missing, unknown) = (own(&[wanted[2]]), own(&[wanted[1]]));
    assert_eq!(found, Permissions { missing, unknown });
}

#[tokio::test]
async fn in_a_fresh_project_nobody_can_say() {
    let stand = Stand::new().await;
    for consumer in [NUMBER, PROJECT] {
        let off = disabled("cloudresourcemanager.googleapis.com", consumer);
        stand.tests(&WANTED, refused(off)).await;
        let found = stand.gcp.permissions(&WANTED).await.unwrap();
        assert_eq!(found, Permissions { missing: Vec::new(), unknown: own(&WANTED) });
    }
    // Enabling it in the target would not help.
    let elsewhere = disabled("cloudresourcemanager.googleapis.com", "764086051850");
    stand.tests(&WANTED, refused(elsewhere)).await;
    let text = stand.gcp.permissions(&WANTED).await.unwrap_err().to_string();
    assert!(
        text.contains("cannot ask which permissions you have in project `acme-ledger`"),
        "{text}"
    );
    assert!(text.contains("set-quota-project acme-ledger"), "{text}");
}

#[tokio::test]
async fn a_denial_is_a_failure_and_not_a_missing_permission() {
    let stand = Stand::new().await;
    stand.tests(&WANTED, refused(denied("resourcemanager.projects.get"))).await;
    let text = stand.gcp.permissions(&WANTED).await.unwrap_err().to_string();
    assert!(text.contains("the call needs no permission: there may be no such project"), "{text}");
    assert!(text.contains("for `resourcemanager.projects.get` on project `acme-ledger`"), "{text}");
}

#[tokio::test]
async fn throttling_passes_or_is_told() {
    let stand = Stand::new().await;
    let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com",
        "metadata": { "service": "cloudresourcemanager.googleapis.com" } }]);
    let throttled = || {
        let message = "Quota exceeded for quota metric 'Read requests'";
        refused(status(429, "RESOURCE_EXHAUSTED", message, info.clone()))
    };
    stand.tests(&WANTED, throttled()).await;
    stand.holds(&WANTED, &WANTED).await;
    assert_eq!(stand.gcp.permissions(&WANTED).await.unwrap(), Permissions::default());
    for _ in 0..4 {
        stand.tests(&WANTED, throttled()).await;
    }
    let text = stand.gcp.permissions(&WANTED).await.unwrap_err().to_string();
    assert!(text.contains("Google limits how often a project may make this call"), "{text}");
}
