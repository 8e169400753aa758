//! The rendered `README.md` of an environment: what runs here, how to run it, what can go wrong.

use serde_json::json;

use super::engine::Engine;
use super::layers::{folder, header};
use crate::environment::model::{Class, Environment, Workload, WorkloadKind};
use crate::failure::Result;
use crate::kit::model::{CloudName, Phase};
use crate::report::plural;

/// The runbook, in Markdown.
pub(super) fn text(environment: &Environment, engine: &Engine) -> Result<String> {
    let workloads: Vec<_> =
        environment.workloads.iter().map(|it| workload(it, environment.target.cloud)).collect();
    let databases: Vec<_> = environment
        .databases
        .values()
        .map(|database| {
            json!({
                "name": database.name,
                "identifier": database.identifier,
                "engine_version": database.engine_version,
                "instance_class": database.instance_class,
                "backup_days": database.backup_days,
                "multi_az": database.multi_az,
                "login": match (database.password, database.proxy) {
                    (true, _) => "a generated password",
                    (_, true) => "IAM tokens, through the Cloud SQL Auth Proxy beside each service",
                    _ => "IAM tokens, no password",
                },
            })
        })
        .collect();
    let ingresses: Vec<_> = environment
        .ingresses
        .values()
        .map(|ingress| json!({ "url": ingress.url, "internal": ingress.internal }))
        .collect();
    let supplied: Vec<_> = environment
        .secrets
        .values()
        .map(|secret| json!({ "key": secret.key, "name": secret.name, "description": secret.description }))
        .collect();
    let context = json!({
        "notice": header(environment).trim_start_matches("# "),
        "name": environment.name,
        "class": class(environment.class),
        "title": environment.kit.title,
        "release": environment.release,
        "account_id": environment.target.account_id,
        "region": environment.target.region,
        "bucket": environment.target.bucket,
        "contact": environment.contact,
        "workloads": workloads,
        "databases": databases,
        "ingresses": ingresses,
        "secrets": supplied,
        "production": environment.class == Class::Production,
    });
    let template = format!("{}/README.md.tera", folder(environment.target.cloud));
    engine.text(&template, &context).map(|text| format!("{}\n", text.trim_end()))
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Preview => "preview",
        Class::Staging => "staging",
        Class::Production => "production",
    }
}

fn workload(workload: &Workload, cloud: CloudName) -> serde_json::Value {
    let many = |number: u32| match cloud {
        CloudName::Aws => format!("{number} tasks"),
        CloudName::Gcp => plural(number as usize, "instance"),
    };
    let kind = match &workload.kind {
        WorkloadKind::Service(service) if service.max > service.min => {
            format!("service, {} to {}", service.min, many(service.max))
        }
        WorkloadKind::Service(service) => format!("service, {}", many(service.replicas)),
        WorkloadKind::DatabaseBootstrap { .. } => "job: roles and grants, before migrations".into(),
        WorkloadKind::Job(job) => match (&job.phase, &job.schedule) {
            (Phase::Schedule, Some(schedule)) => {
                format!("job, {} ({})", schedule.expression, schedule.timezone)
            }
            (Phase::Migrate, _) => "job: migration, before services move".into(),
            (Phase::Bootstrap, _) => "job: once, at the first install".into(),
            (Phase::Post | Phase::Schedule, _) => "job: after services are verified".into(),
        },
    };
    json!({
        "name": workload.name,
        "kind": kind,
        "image": workload.image.reference(),
        "log_group": workload.log_group,
    })
}
