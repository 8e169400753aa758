//! The rendered `README.md` of an environment: what runs here, how to run it, what can go wrong.

use serde_json::json;

use super::engine::Engine;
use super::layers::header;
use crate::environment::model::{Class, Environment, Workload, WorkloadKind};
use crate::failure::Result;
use crate::kit::model::Phase;

/// The runbook, in Markdown.
pub(super) fn text(environment: &Environment, engine: &Engine) -> Result<String> {
    let workloads: Vec<_> = environment.workloads.iter().map(workload).collect();
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
                "login": if database.password { "a generated password" } else { "IAM tokens, no password" },
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
    engine.text("aws/README.md.tera", &context).map(|text| format!("{}\n", text.trim_end()))
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Preview => "preview",
        Class::Staging => "staging",
        Class::Production => "production",
    }
}

fn workload(workload: &Workload) -> serde_json::Value {
    let kind = match &workload.kind {
        WorkloadKind::Service(service) if service.max > service.min => {
            format!("service, {} to {} tasks", service.min, service.max)
        }
        WorkloadKind::Service(service) => format!("service, {} tasks", service.replicas),
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
