//! What a revision or a job runs: images, variables, and where the values of secrets come from.

use serde::Deserialize;

use super::Gcp;
use super::names::part;
use super::rest::Request;
use super::revisions::{self, ContainerStatus, Revision};
use crate::cloud::{MAIN, TaskContainer, TaskDefinition};
use crate::failure::{Failure, Result};

/// `run.v2#GoogleCloudRunV2Container`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Container {
    name: String,
    pub(super) image: String,
    env: Vec<Variable>,
    /// One at most, of the container that is called.
    ports: Vec<Port>,
}

/// `run.v2#GoogleCloudRunV2ContainerPort`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Port {
    container_port: u16,
}

/// `run.v2#GoogleCloudRunV2EnvVar`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Variable {
    name: String,
    value: String,
    value_source: Option<Source>,
}

/// `run.v2#GoogleCloudRunV2EnvVarSource`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    secret_key_ref: SecretKeyRef,
}

/// `run.v2#GoogleCloudRunV2SecretKeySelector`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SecretKeyRef {
    secret: String,
    version: String,
}

/// `run.v2#GoogleCloudRunV2Job`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    name: String,
    template: ExecutionTemplate,
}

/// `run.v2#GoogleCloudRunV2ExecutionTemplate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExecutionTemplate {
    template: TaskTemplate,
}

/// `run.v2#GoogleCloudRunV2TaskTemplate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TaskTemplate {
    containers: Vec<Container>,
}

impl Container {
    /// Whether it has a variable with this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.env.iter().any(|variable| variable.name == name && variable.value == value)
    }

    /// The digest that its image is pinned to; empty if it is not.
    fn digest(&self) -> &str {
        self.image.split_once('@').map(|(_, digest)| digest).unwrap_or_default()
    }
}

/// The name that a container goes by here: Cloud Run makes one up for the only container, and that
/// is the product's.
fn name_among<'a>(all: &'a [Container], container: &'a Container) -> &'a str {
    if all.len() == 1 { MAIN } else { &container.name }
}

/// The product's container.
fn main(all: &[Container]) -> Option<&Container> {
    all.iter().find(|container| name_among(all, container) == MAIN)
}

/// The digest of the product's container: the one that its image is pinned to, which Cloud Run can
/// run no other than; else the one that Cloud Run resolved. Empty if it did not say.
pub(super) fn digest(revision: &Revision) -> String {
    let Some(main) = main(&revision.containers) else { return String::new() };
    if !main.digest().is_empty() {
        return main.digest().to_owned();
    }
    let is_main = |it: &&ContainerStatus| it.name == main.name;
    let resolved = revision.container_statuses.iter().find(is_main);
    let resolved = resolved.map(|status| status.image_digest.as_str()).unwrap_or_default();
    resolved.rsplit('@').next().unwrap_or_default().to_owned()
}

/// What a revision or a job says.
pub(super) async fn task_definition(gcp: &Gcp, name: &str) -> Result<TaskDefinition> {
    if part(name, "jobs").is_some() {
        return of_job(gcp, name).await;
    }
    for full in full_names(gcp, name) {
        if let Some(found) = revisions::read(gcp, &full).await? {
            return Ok(TaskDefinition { containers: read(&found.containers), arn: full });
        }
    }
    Err(Failure::failed(format!("there is no revision `{name}`"))
        .because("Cloud Run deletes the oldest of a thousand revisions of a service"))
}

/// A short name is `SERVICE-00042-abc`: it says the service, and not whether that is a worker pool.
fn full_names(gcp: &Gcp, name: &str) -> Vec<String> {
    if name.contains('/') {
        return vec![name.to_owned()];
    }
    let parent = name.rsplitn(3, '-').nth(2).unwrap_or(name);
    let place = gcp.location();
    ["services", "workerPools"]
        .iter()
        .map(|kind| format!("{place}/{kind}/{parent}/revisions/{name}"))
        .collect()
}

async fn of_job(gcp: &Gcp, name: &str) -> Result<TaskDefinition> {
    let call = gcp.call(format!("read job `{name}`"), "run.jobs.get", format!("job `{name}`"));
    let request = Request::get(&gcp.endpoints.run, &format!("v2/{name}"))?;
    let job: Job = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    Ok(TaskDefinition { containers: read(&job.template.template.containers), arn: job.name })
}

fn read(containers: &[Container]) -> Vec<TaskContainer> {
    containers
        .iter()
        .map(|container| {
            let plain = container.env.iter().filter(|it| it.value_source.is_none());
            let plain = plain.map(|it| (it.name.clone(), it.value.clone()));
            // Cloud Run tells the container that is called, and its template may not.
            let port = container.ports.first();
            let port = port.map(|it| ("PORT".to_owned(), it.container_port.to_string()));
            let secret = container.env.iter().filter_map(|variable| {
                let source = &variable.value_source.as_ref()?.secret_key_ref;
                Some((variable.name.clone(), format!("{}:{}", source.secret, source.version)))
            });
            TaskContainer {
                name: name_among(containers, container).to_owned(),
                image: container.image.clone(),
                environment: port.into_iter().chain(plain).collect(),
                secrets: secret.collect(),
            }
        })
        .collect()
}
