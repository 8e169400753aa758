//! What services, schedules and one-off jobs have in common in the layers that run them.

use std::collections::BTreeSet;

use serde_json::json;

use super::title;
use crate::environment::model::{Environment, Wiring, Workload, WorkloadKind};
use crate::workspace::expression::{expression, needs_certificates};
use crate::workspace::value::Value;

/// The secret containers whose values a workload receives, by key.
pub(super) fn secret_keys(workload: &Workload) -> BTreeSet<String> {
    workload
        .variables
        .values()
        .filter_map(|variable| match &variable.value {
            Wiring::Secret(key) => Some(key.clone()),
            _ => None,
        })
        .collect()
}

/// What the templates are given about a workload.
pub(super) fn context(environment: &Environment, workload: &Workload) -> serde_json::Value {
    let mut wired = Vec::new();
    let mut secrets = Vec::new();
    for (name, variable) in &workload.variables {
        match &variable.value {
            Wiring::Plain(_) => {}
            Wiring::Secret(key) => secrets.push(json!({
                "name": name,
                "arn": format!("var.foundation.secrets.{key}.arn"),
                "version": format!("var.secret_versions.{key}"),
                "required": environment.secrets.get(key).is_none_or(|secret| secret.required),
                "json_key": null,
            })),
            value => wired.push(json!({ "name": name, "expression": expression(value) })),
        }
    }
    let plain = workload.args.iter().all(|argument| matches!(argument, Wiring::Plain(_)));
    let arguments: Vec<String> =
        if plain { Vec::new() } else { workload.args.iter().map(expression).collect() };
    json!({
        "key": workload.key,
        "title": title(workload),
        "wired": wired,
        "secrets": secrets,
        "arguments": arguments,
        "pull_secret": workload.pull_secret,
    })
}

/// The values of a workload that are known at render.
pub(super) fn values(workload: &Workload) -> Vec<(&'static str, Value)> {
    let image = &workload.image;
    let mut container = Vec::new();
    if matches!(workload.kind, WorkloadKind::DatabaseBootstrap { .. }) {
        // The client image's own entry point would start a server; the script is the argument.
        container.push(("entry_point", Value::list(["sh", "-ec"])));
    } else if !workload.command.is_empty() {
        container.push(("entry_point", Value::list(&workload.command)));
    }
    let arguments: Option<Vec<&String>> = workload
        .args
        .iter()
        .map(|argument| if let Wiring::Plain(text) = argument { Some(text) } else { None })
        .collect();
    if let Some(arguments) = arguments.filter(|arguments| !arguments.is_empty()) {
        container.push(("command", Value::list(arguments)));
    }
    container.push(("cpu", Value::from(workload.cpu_units)));
    container.push(("memory", Value::from(workload.memory_mib)));
    container.push(("architecture", Value::from(workload.architecture)));
    if let Some(uid) = workload.uid {
        container.push(("user", Value::from(uid.to_string())));
    }
    container.push(("read_only_root", Value::from(!workload.writable_root)));
    if !workload.writable_paths.is_empty() {
        container.push(("writable_paths", Value::list(&workload.writable_paths)));
    }
    if let WorkloadKind::Service(service) = &workload.kind
        && !service.health_command.is_empty()
    {
        let health = Value::object([
            ("command", Value::list(&service.health_command)),
            ("interval_seconds", Value::from(service.health_interval.as_secs())),
            ("startup_seconds", Value::from(service.startup.as_secs())),
        ]);
        container.push(("health", health));
    }
    let environment =
        workload.variables.iter().filter_map(|(name, variable)| match &variable.value {
            Wiring::Plain(text) => Some((name.clone(), Value::from(text))),
            _ => None,
        });
    vec![
        ("name", Value::from(&workload.resource_name)),
        (
            "image",
            Value::object([
                ("repository", Value::from(&image.repository)),
                ("tag", Value::from(&image.tag)),
                ("digest", Value::from(&image.digest)),
            ]),
        ),
        ("container", Value::object(container)),
        ("environment", Value::object(environment)),
    ]
}

/// What the templates are given about all secret versions.
pub(super) fn secret_versions(environment: &Environment) -> serde_json::Value {
    environment
        .secrets
        .values()
        .map(|secret| json!({ "key": secret.key, "required": secret.required }))
        .collect()
}

/// Whether a layer with these workloads needs the certificates beside it.
pub(super) fn uses_certificates<'a>(workloads: impl IntoIterator<Item = &'a Workload>) -> bool {
    workloads.into_iter().any(|workload| {
        matches!(workload.kind, WorkloadKind::DatabaseBootstrap { .. })
            || workload.variables.values().any(|variable| needs_certificates(&variable.value))
            || workload.args.iter().any(needs_certificates)
    })
}
