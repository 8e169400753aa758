//! The foundation on Google Cloud: network, keys, databases, secret containers, service accounts.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::foundation::{is_scheduled, retention_days};
use super::super::workload::secret_keys;
use super::{Content, tags, target, title};
use crate::environment::model::{
    Class, Database, Environment, Ingress, Registry, Workload, WorkloadKind,
};
use crate::workspace::value::Value;

/// What the layer's templates are given, and its `terraform.tfvars`.
pub(in super::super) fn content(environment: &Environment) -> Content {
    let identities: Vec<_> = environment.workloads.iter().map(identity).collect();
    let context = json!({
        "databases": environment.databases.keys().collect::<Vec<_>>(),
        "ingresses": environment.ingresses.keys().collect::<Vec<_>>(),
        "secrets": environment.secrets.keys().collect::<Vec<_>>(),
        "workloads": identities,
    });
    let mut variables = vec![
        ("name".to_owned(), Value::from(&environment.name)),
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
        // What holds data outlives a mistake, but a preview is made to go.
        ("protection".to_owned(), Value::from(environment.class != Class::Preview)),
        ("registries".to_owned(), registries(environment)),
        ("network".to_owned(), network(environment)),
        ("observability".to_owned(), observability(environment)),
        ("secrets".to_owned(), secrets(environment)),
    ];
    for (name, item) in &environment.databases {
        variables.push((format!("database_{name}"), database(item)));
    }
    for (name, item) in &environment.ingresses {
        variables.push((format!("ingress_{name}"), ingress(item)));
    }
    for workload in &environment.workloads {
        variables.push((format!("identity_{}", workload.key), account(workload)));
    }
    Content { context, variables, files: BTreeMap::new() }
}

/// Structure of a workload's identity: which secrets it may read, which databases it logs in to.
fn identity(workload: &Workload) -> serde_json::Value {
    let mut databases: Vec<_> =
        workload.databases.keys().map(|name| json!({ "name": name, "admin": false })).collect();
    if let WorkloadKind::DatabaseBootstrap { database } = &workload.kind {
        databases.push(json!({ "name": database, "admin": true }));
    }
    json!({
        "key": workload.key,
        "title": title(workload),
        "secrets": secret_keys(workload),
        "databases": databases,
        "scheduled": is_scheduled(workload),
    })
}

/// Ids of the service accounts: the workload's, and the one that its schedule starts it with.
fn account(workload: &Workload) -> Value {
    let mut entries = vec![("name", Value::from(&workload.role_name))];
    if let WorkloadKind::Job(job) = &workload.kind
        && let Some(account) = job.schedule.as_ref().and_then(|it| it.account.as_ref())
    {
        entries.push(("scheduler", Value::from(account)));
    }
    Value::object(entries)
}

/// Registries that Cloud Run reaches through a remote repository, by key.
fn registries(environment: &Environment) -> Value {
    let registries: BTreeMap<&String, &Registry> = environment
        .workloads
        .iter()
        .filter_map(|workload| workload.registry.as_ref())
        .map(|registry| (&registry.key, registry))
        .collect();
    Value::object(registries.into_values().map(|registry| {
        (registry.key.clone(), Value::object([("uri", Value::from(&registry.uri))]))
    }))
}

fn network(environment: &Environment) -> Value {
    let network = &environment.network;
    let addresses: u32 = if network.nat_per_zone { 2 } else { 1 };
    Value::object([
        ("cidr", Value::from(network.cidr.to_string())),
        ("nat_addresses", Value::from(addresses)),
    ])
}

fn observability(environment: &Environment) -> Value {
    let groups = environment
        .workloads
        .iter()
        .map(|workload| (workload.key.clone(), Value::from(&workload.log_group)));
    let databases = environment.databases.values().map(|database| &database.identifier);
    let mut entries = vec![
        ("log_groups", Value::object(groups)),
        ("databases", Value::list(databases)),
        ("retention_days", Value::from(retention_days(environment))),
    ];
    if let Some(contact) = &environment.contact {
        entries.push(("contact", Value::from(contact)));
    }
    Value::object(entries)
}

fn secrets(environment: &Environment) -> Value {
    Value::object(environment.secrets.values().map(|secret| {
        let value = Value::object([
            ("name", Value::from(&secret.name)),
            ("description", Value::from(&secret.description)),
        ]);
        (secret.key.clone(), value)
    }))
}

fn database(database: &Database) -> Value {
    let parameters =
        database.parameters.iter().map(|(name, value)| (name.clone(), Value::from(value)));
    Value::object([
        ("name", Value::from(&database.identifier)),
        ("engine_version", Value::from(&database.engine_version)),
        ("instance_class", Value::from(&database.instance_class)),
        ("database_names", Value::list(&database.databases)),
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

fn ingress(ingress: &Ingress) -> Value {
    let mut entries = vec![
        ("name", Value::from(&ingress.load_balancer_name)),
        ("host", Value::from(&ingress.host)),
    ];
    if let Some(certificate) = &ingress.certificate {
        entries.push(("certificate", Value::from(certificate)));
    }
    entries.push(("allow", Value::list(&ingress.allow)));
    Value::object(entries)
}
