//! What services, schedules and one-off jobs have in common on Google Cloud.

use serde_json::json;

use super::super::workload as shared;
use crate::environment::model::{Environment, Workload, WorkloadKind};
use crate::workspace::value::{Value, escape};

/// What a bootstrap job may take; migrations have their kit's time.
const BOOTSTRAP_SECONDS: u64 = 900;

/// What the templates are given about a workload.
pub(super) fn context(environment: &Environment, workload: &Workload) -> serde_json::Value {
    let mut context = shared::context(environment, workload);
    for secret in context["secrets"].as_array_mut().into_iter().flatten() {
        let arn = secret["arn"].as_str().unwrap_or_default();
        secret["id"] = arn.strip_suffix(".arn").map(|path| format!("{path}.id")).into();
    }
    context["repository"] = repository(workload).into();
    context["proxies"] = workload
        .proxies
        .iter()
        .map(|proxy| {
            json!({ "database": proxy.database, "port": proxy.port, "image": proxy.image.reference() })
        })
        .collect();
    context
}

/// Where the image is pulled from, if only the foundation knows: a remote repository.
fn repository(workload: &Workload) -> Option<String> {
    let registry = workload.registry.as_ref()?;
    let key = escape(&registry.key);
    let path = escape(&registry.path);
    Some(format!("\"${{var.foundation.cluster.remote_repositories[\"{key}\"]}}/{path}\""))
}

/// The values of a workload that are known at render, without what only Fargate has.
pub(super) fn values(
    workload: &Workload,
    common: Vec<(&'static str, Value)>,
) -> Vec<(&'static str, Value)> {
    let mut values = common;
    for (name, value) in &mut values {
        if let ("container", Value::Object(entries)) = (*name, value) {
            let fargate = ["architecture", "user", "read_only_root", "health"];
            entries.retain(|(key, _)| !fargate.contains(&key.as_str()));
            entries.extend(health(workload).map(|health| ("health".to_owned(), health)));
        }
    }
    values
}

/// How a service that no route leads to is asked whether it still works.
fn health(workload: &Workload) -> Option<Value> {
    let WorkloadKind::Service(service) = &workload.kind else { return None };
    if service.http.as_ref().is_some_and(|http| !http.routes.is_empty()) {
        return None;
    }
    let (port, path) = service.live_probe.as_ref()?;
    Some(Value::object([
        ("port", Value::from(u32::from(*port))),
        ("path", Value::from(path)),
        ("interval_seconds", Value::from(service.health_interval.as_secs())),
        ("startup_seconds", Value::from(service.startup.as_secs())),
    ]))
}

/// How long a job may take, and how often it is tried again.
pub(super) fn limits(workload: &Workload) -> Vec<(&'static str, Value)> {
    let (seconds, retries) = match &workload.kind {
        WorkloadKind::Job(job) => (job.timeout.as_secs(), job.retries),
        _ => (BOOTSTRAP_SECONDS, 0),
    };
    vec![("timeout_seconds", Value::from(seconds)), ("retries", Value::from(retries))]
}
