//! The APIs that a fresh project lacks, and the service agents that get the environment's key.
//! Terraform is not asked to make them first: it plans against them, and an agent that does not
//! exist cannot be granted anything.

use serde::Deserialize;
use serde_json::json;

use super::Gcp;
use super::call::Call;
use super::names as parts;
use super::operations::{self, Operation};
use super::refusal::Refusal;
use super::rest::{Request, Trouble};
use crate::failure::{Failure, Result};

/// The API that knows a project's number and who may do what in it.
pub(crate) const RESOURCE_MANAGER: &str = "cloudresourcemanager.googleapis.com";

/// The APIs, and what for. `batchEnable` takes twenty at once.
pub(super) const APIS: [(&str, &str); 15] = [
    ("artifactregistry.googleapis.com", "images of the release"),
    ("certificatemanager.googleapis.com", "certificates of the ingress"),
    ("cloudkms.googleapis.com", "the environment's key"),
    (RESOURCE_MANAGER, "the project's number, and its IAM policy"),
    ("cloudscheduler.googleapis.com", "scheduled jobs"),
    ("compute.googleapis.com", "network, load balancer"),
    ("dns.googleapis.com", "the database's name inside of the network"),
    ("iam.googleapis.com", "service accounts of workloads"),
    ("iamcredentials.googleapis.com", "impersonation of the installer"),
    ("logging.googleapis.com", "logs of workloads"),
    ("monitoring.googleapis.com", "alerts and dashboard"),
    ("run.googleapis.com", "services and jobs"),
    ("secretmanager.googleapis.com", "secrets"),
    ("sqladmin.googleapis.com", "databases"),
    ("storage.googleapis.com", "the state bucket"),
];

/// Services whose agent encrypts with the environment's key. Google makes an agent with the first
/// resource that needs it, which is too late to grant it the key.
pub(super) const AGENTS: [&str; 4] = [
    "artifactregistry.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sqladmin.googleapis.com",
];

/// `serviceusage.v1#BatchGetServicesResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Services {
    services: Vec<Service>,
}

/// `serviceusage.v1#GoogleApiServiceusageV1Service`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Service {
    name: String,
    state: String,
}

/// Enables what is missing and makes the agents exist; returns the names of what was made. An
/// agent that exists is answered like one that was made, so those of APIs that were on before are
/// not named.
pub(super) async fn ensure(gcp: &Gcp) -> Result<Vec<String>> {
    let missing = missing(gcp).await?;
    if !missing.is_empty() {
        enable(gcp, &missing).await?;
    }
    let mut made: Vec<String> = missing.iter().map(|api| (*api).to_owned()).collect();
    for api in AGENTS {
        let agent = agent(gcp, api).await?;
        if missing.contains(&api) {
            made.extend(agent);
        }
    }
    Ok(made)
}

fn parent(gcp: &Gcp) -> String {
    format!("projects/{}", gcp.project_number)
}

/// Those that are not enabled.
async fn missing(gcp: &Gcp) -> Result<Vec<&'static str>> {
    let call = gcp.call(
        format!("see which APIs project `{}` has", gcp.project),
        "serviceusage.services.get",
        format!("project `{}`", gcp.project),
    );
    let parent = parent(gcp);
    let path = format!("v1/{parent}/services:batchGet");
    let mut request = Request::get(&gcp.endpoints.service_usage, &path)?;
    for (api, _) in APIS {
        request = request.query("names", &format!("{parent}/services/{api}"));
    }
    let found: Services = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    let enabled = |api: &str| {
        found.services.iter().any(|it| parts::short(&it.name) == api && it.state == "ENABLED")
    };
    Ok(APIS.iter().map(|(api, _)| *api).filter(|api| !enabled(api)).collect())
}

/// The names of all APIs that an environment needs.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    APIS.iter().map(|(api, _)| *api)
}

/// What a person reads when a policy of the organization forbids an API that is missing; for
/// rehearsals.
pub(crate) fn refused_by_policy(project: &str, region: &str, api: &str) -> Failure {
    let message = format!(
        "Request is disallowed by organization's constraints/gcp.restrictServiceUsage constraint \
         for projects/{project} attempting to use service {api}."
    );
    let refusal = Refusal {
        status: 403,
        word: Some("PERMISSION_DENIED".to_owned()),
        message: Some(message),
        ..Refusal::default()
    };
    let call = Call {
        aim: aim(&[api]),
        right: RIGHT,
        resource: resource(project, &[api]),
        denial_may_mean: None,
        confidential: false,
        project: project.to_owned(),
        project_number: String::new(),
        region: region.to_owned(),
    };
    call.failed(&Trouble::Refused(Box::new(refusal)))
}

/// What enabling needs.
const RIGHT: &str = "serviceusage.services.enable";

fn aim(apis: &[&str]) -> String {
    let reasons = APIS.iter().filter(|(api, _)| apis.contains(api));
    let reasons: Vec<String> = reasons.map(|(api, why)| format!("{api} ({why})")).collect();
    format!("enable the APIs that are missing: {}", reasons.join(", "))
}

fn resource(project: &str, apis: &[&str]) -> String {
    let apis = apis.join(" ");
    format!("project `{project}`, or to run `gcloud services enable {apis} --project={project}`")
}

async fn enable(gcp: &Gcp, apis: &[&str]) -> Result<()> {
    let call = gcp.call(aim(apis), RIGHT, resource(&gcp.project, apis));
    let path = format!("v1/{}/services:batchEnable", parent(gcp));
    let endpoint = &gcp.endpoints.service_usage;
    let request =
        Request::json(http::Method::POST, endpoint, &path, &json!({ "serviceIds": apis }))?
            .repeatable();
    let operation: Operation =
        gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    operations::finished(gcp, &call, endpoint, "v1", operation).await.map(drop)
}

/// Makes the agent of a service exist; its e-mail address
/// (`serviceusage.v1beta1#ServiceIdentity.email`).
async fn agent(gcp: &Gcp, api: &str) -> Result<Option<String>> {
    let call = gcp.call(
        format!("make the service agent of `{api}`"),
        "serviceusage.services.enable",
        format!("project `{}`", gcp.project),
    );
    let endpoint = &gcp.endpoints.service_usage;
    let path = format!("v1beta1/{}/services/{api}:generateServiceIdentity", parent(gcp));
    let request = Request::new(http::Method::POST, endpoint, &path)?.repeatable();
    let operation: Operation =
        gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    let operation = operations::finished(gcp, &call, endpoint, "v1beta1", operation).await?;
    Ok(operation.response["email"].as_str().map(str::to_owned))
}
