//! The layer that everything stands on: network, keys, database, secret containers, identities.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::workload::secret_keys;
use super::{Content, tags, target, title};
use crate::environment::model::{Class, Database, Environment, Ingress, Workload, WorkloadKind};
use crate::kit::model::Phase;
use crate::workspace::value::Value;

/// Days that logs are kept: a year in production (the usual audit period), else a month.
pub(super) fn retention_days(environment: &Environment) -> u32 {
    if environment.class == Class::Production { 365 } else { 30 }
}

pub(super) fn content(environment: &Environment) -> Content {
    let named = |names: Vec<&String>| -> Vec<_> {
        names.into_iter().map(|name| json!({ "name": name })).collect()
    };
    let ingresses: Vec<_> = environment
        .ingresses
        .values()
        .map(|ingress| json!({ "name": ingress.name, "internal": ingress.internal }))
        .collect();
    let context = json!({
        "databases": named(environment.databases.keys().collect()),
        "ingresses": ingresses,
        "secrets": environment.secrets.keys().collect::<Vec<_>>(),
        "workloads": environment.workloads.iter().map(|workload| identity(environment, workload)).collect::<Vec<_>>(),
    });
    let mut variables = vec![
        ("name".to_owned(), Value::from(&environment.name)),
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
    ];
    if let Some(boundary) = &environment.target.permissions_boundary {
        variables.push(("permissions_boundary".to_owned(), Value::from(boundary)));
    }
    variables.push(("network".to_owned(), network(environment)));
    variables.push(("observability".to_owned(), observability(environment)));
    variables.push(("secrets".to_owned(), secrets(environment)));
    for (name, item) in &environment.databases {
        variables.push((format!("database_{name}"), database(item)));
    }
    for (name, item) in &environment.ingresses {
        variables.push((format!("ingress_{name}"), ingress(environment, item)));
    }
    for workload in &environment.workloads {
        variables.push((format!("identity_{}", workload.key), roles(environment, workload)));
    }
    Content { context, variables, files: BTreeMap::new() }
}

/// Structure of a workload's identity: which secrets it may read, which databases it logs in to
/// with IAM.
fn identity(environment: &Environment, workload: &Workload) -> serde_json::Value {
    let mut arns: Vec<String> =
        secret_keys(workload).into_iter().map(|key| format!("module.secrets.arns.{key}")).collect();
    if let WorkloadKind::DatabaseBootstrap { database } = &workload.kind {
        arns.push(format!("module.database_{database}.master_secret_arn"));
        let verifiers = environment.databases.get(database).and_then(|it| it.verifiers.as_ref());
        arns.extend(verifiers.map(|key| format!("module.secrets.arns.{key}")));
    }
    json!({
        "key": workload.key,
        "title": title(workload),
        "secret_arns": arns,
        "databases": iam_logins(environment, workload).map(|(database, _)| database).collect::<Vec<_>>(),
        "scheduled": is_scheduled(workload),
        "pull_secret": workload.pull_secret,
    })
}

/// The databases that a workload logs in to with a token, and its login there.
fn iam_logins<'a>(
    environment: &'a Environment,
    workload: &'a Workload,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    workload.databases.iter().filter(|(database, _)| {
        environment.databases.get(*database).is_some_and(|database| !database.password)
    })
}

pub(super) fn is_scheduled(workload: &Workload) -> bool {
    matches!(&workload.kind, WorkloadKind::Job(job) if job.phase == Phase::Schedule)
}

fn roles(environment: &Environment, workload: &Workload) -> Value {
    let users = iam_logins(environment, workload)
        .map(|(database, login)| (database.clone(), Value::from(login)));
    Value::object([
        ("name", Value::from(&workload.role_name)),
        ("family", Value::from(&workload.resource_name)),
        ("database_users", Value::object(users)),
    ])
}

fn network(environment: &Environment) -> Value {
    let network = &environment.network;
    let balancers = environment.ingresses.values().map(|ingress| {
        let value = Value::object([
            ("internal", Value::from(ingress.internal)),
            ("allow", Value::list(&ingress.allow)),
            ("tls", Value::from(ingress.certificate.is_some())),
        ]);
        (ingress.name.clone(), value)
    });
    let workloads =
        environment.workloads.iter().map(|workload| (workload.key.clone(), flows(workload)));
    Value::object([
        ("cidr", Value::from(network.cidr.to_string())),
        ("zones", Value::list(&network.zones)),
        ("nat", Value::from(if network.nat_per_zone { "zone" } else { "one" })),
        ("flow_log_retention_days", Value::from(retention_days(environment))),
        ("load_balancers", Value::object(balancers)),
        ("databases", Value::list(environment.databases.keys())),
        ("workloads", Value::object(workloads)),
    ])
}

/// Who reaches a workload, and which databases it reaches.
fn flows(workload: &Workload) -> Value {
    let mut entries = Vec::new();
    if let WorkloadKind::Service(service) = &workload.kind
        && let Some(http) = &service.http
    {
        let ingresses: BTreeSet<&String> = http.routes.iter().map(|route| &route.ingress).collect();
        entries.push(("port", Value::from(u32::from(http.port))));
        if !http.former_ports.is_empty() {
            let former = http.former_ports.iter().map(|port| Value::from(u32::from(*port)));
            entries.push(("former_ports", Value::List(former.collect())));
        }
        entries.push(("ingresses", Value::list(ingresses)));
    }
    let mut databases: BTreeSet<&String> = workload.databases.keys().collect();
    if let WorkloadKind::DatabaseBootstrap { database } = &workload.kind {
        databases.insert(database);
    }
    if !databases.is_empty() {
        entries.push(("databases", Value::list(databases)));
    }
    Value::object(entries)
}

fn observability(environment: &Environment) -> Value {
    let groups = environment
        .workloads
        .iter()
        .map(|workload| (workload.key.clone(), Value::from(&workload.log_group)));
    let mut entries = vec![
        ("log_groups", Value::object(groups)),
        ("retention_days", Value::from(retention_days(environment))),
    ];
    if let Some(contact) = &environment.contact {
        entries.push(("contact", Value::from(contact)));
    }
    Value::object(entries)
}

fn secrets(environment: &Environment) -> Value {
    let containers = environment.secrets.values().map(|secret| {
        let value = Value::object([
            ("name", Value::from(&secret.name)),
            ("description", Value::from(&secret.description)),
        ]);
        (secret.key.clone(), value)
    });
    // A preview's names must be free again at once; elsewhere a mistake can be undone for a month.
    let window: u32 = if environment.class == Class::Preview { 0 } else { 30 };
    Value::object([
        ("recovery_window_in_days", Value::from(window)),
        ("containers", Value::object(containers)),
    ])
}

fn database(database: &Database) -> Value {
    let parameters =
        database.parameters.iter().map(|(name, value)| (name.clone(), Value::from(value)));
    Value::object([
        ("name", Value::from(&database.identifier)),
        ("engine_version", Value::from(&database.engine_version)),
        ("instance_class", Value::from(&database.instance_class)),
        ("database_name", Value::from(database.databases.first())),
        ("maintenance_window", Value::from(&database.maintenance)),
        ("parameters", Value::object(parameters)),
        (
            "storage",
            Value::object([
                ("allocated_gib", Value::from(database.storage_gib)),
                ("max_gib", Value::from(database.max_storage_gib)),
            ]),
        ),
        (
            "protection",
            Value::object([
                ("multi_az", Value::from(database.multi_az)),
                ("deletion_protection", Value::from(database.protected)),
                ("backup_days", Value::from(database.backup_days)),
                ("skip_final_snapshot", Value::from(!database.protected)),
            ]),
        ),
    ])
}

fn ingress(environment: &Environment, ingress: &Ingress) -> Value {
    let mut entries = vec![
        ("name", Value::from(&ingress.load_balancer_name)),
        ("log_bucket", Value::from(ingress.log_bucket.as_ref())),
        ("internal", Value::from(ingress.internal)),
    ];
    if let Some(certificate) = &ingress.certificate {
        entries.push(("certificate_arn", Value::from(certificate)));
    }
    entries.push(("protection", Value::from(environment.class != Class::Preview)));
    entries.push(("log_retention_days", Value::from(retention_days(environment))));
    entries.push(("idle_timeout_seconds", Value::from(ingress.idle_timeout_seconds)));
    Value::object(entries)
}
