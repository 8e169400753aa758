//! Enabling APIs: `serviceusage.v1#BatchGetServicesResponse`,
//! `serviceusage.v1#BatchEnableServicesRequest`, `serviceusage.v1#Operation`,
//! `serviceusage.v1beta1#ServiceIdentity`.

use serde_json::{Value, json};

use super::super::apis::{AGENTS, APIS};
use super::{NUMBER, Stand, asked, denied, ok};
use crate::cloud::Cloud;

const LOOK: &str = "/v1/projects/123456789012/services:batchGet";
const ENABLE: &str = "/v1/projects/123456789012/services:batchEnable";

/// All APIs, these of them disabled.
fn all_but(disabled: &[&str]) -> Value {
    let services: Vec<Value> = APIS
        .iter()
        .map(|(api, _)| {
            let state = if disabled.contains(api) { "DISABLED" } else { "ENABLED" };
            json!({ "name": format!("projects/{NUMBER}/services/{api}"), "state": state })
        })
        .collect();
    json!({ "services": services })
}

impl Stand {
    /// Each service agent is made to exist.
    async fn makes_agents(&self) {
        for api in AGENTS {
            let at = format!("/v1beta1/projects/{NUMBER}/services/{api}:generateServiceIdentity");
            let agent = json!({ "email": format!("agent-of-{api}"), "uniqueId": "1" });
            let answer =
                json!({ "name": "operations/finished.DONE", "done": true, "response": agent });
            self.once(asked("POST", &at), ok(&answer)).await;
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_enabled_and_waited_for() {
    let stand = Stand::new().await;
    stand.get(LOOK, all_but(&["run.googleapis.com", "dns.googleapis.com"])).await;
    let missing = json!({ "serviceIds": ["dns.googleapis.com", "run.googleapis.com"] });
    stand.sent("POST", ENABLE, missing, json!({ "name": "operations/acf.1" })).await;
    stand.get("/v1/operations/acf.1", json!({ "name": "operations/acf.1" })).await;
    let done = json!({ "name": "operations/acf.1", "done": true, "response": {} });
    stand.get("/v1/operations/acf.1", done).await;
    stand.makes_agents().await;
    let made = stand.gcp.ensure_service_linked_roles().await.unwrap();
    let agent = "agent-of-run.googleapis.com";
    assert_eq!(made, ["dns.googleapis.com", "run.googleapis.com", agent]);
    let looked = &stand.asked_for().await[0];
    assert_eq!(looked.matches("names=projects%2F123456789012%2Fservices%2F").count(), APIS.len());
}

#[tokio::test]
async fn a_project_that_has_all_is_only_looked_at() {
    let stand = Stand::new().await;
    stand.get(LOOK, all_but(&[])).await;
    stand.makes_agents().await;
    assert!(stand.gcp.ensure_service_linked_roles().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_operation_that_fails_is_the_failure() {
    let stand = Stand::new().await;
    stand.get(LOOK, all_but(&["run.googleapis.com"])).await;
    let error = json!({ "code": 9, "message": "Billing account for project is not found.",
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "BILLING_DISABLED", "domain": "serviceusage.googleapis.com" }] });
    let failed = json!({ "name": "operations/acf.2", "done": true, "error": error });
    stand.sent("POST", ENABLE, json!({}), failed).await;
    let text = stand.gcp.ensure_service_linked_roles().await.unwrap_err().to_string();
    assert!(text.contains("run.googleapis.com (services and jobs)"), "{text}");
    assert!(text.contains("FAILED_PRECONDITION (BILLING_DISABLED)"), "{text}");
    assert!(text.contains("gcloud billing projects link acme-ledger"), "{text}");
}

#[tokio::test]
async fn who_may_not_enable_is_told_what_an_admin_runs() {
    let stand = Stand::new().await;
    stand.get(LOOK, all_but(&["run.googleapis.com", "dns.googleapis.com"])).await;
    let (code, body) = denied("serviceusage.services.enable");
    let answer = wiremock::ResponseTemplate::new(code).set_body_json(body);
    stand.once(asked("POST", ENABLE), answer).await;
    let text = stand.gcp.ensure_service_linked_roles().await.unwrap_err().to_string();
    let command = "`gcloud services enable dns.googleapis.com run.googleapis.com \
                   --project=acme-ledger`";
    assert!(text.contains(command), "{text}");
}

#[test]
fn one_call_can_enable_all_and_each_agent_is_of_an_enabled_api() {
    assert!(APIS.len() <= 20, "serviceusage.v1#BatchEnableServicesRequest.serviceIds");
    assert!(APIS.iter().all(|(_, why)| !why.is_empty()));
    assert!(AGENTS.iter().all(|agent| APIS.iter().any(|(api, _)| api == agent)));
}
