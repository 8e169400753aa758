//! The layer that serves: services with their routes, schedules, alarms.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Content, jobs, tags, target, workload};
use crate::environment::model::{Environment, Http, Job, Service, WorkloadKind};
use crate::failure::Result;
use crate::kit::model::{Phase, ScaleMetric, Update};
use crate::workspace::expression::CERTIFICATES_FILE;
use crate::workspace::value::Value;

pub(super) fn content(environment: &Environment) -> Result<Content> {
    let mut services = Vec::new();
    let mut schedules = Vec::new();
    let mut mine = Vec::new();
    let mut variables = vec![
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
    ];
    for item in &environment.workloads {
        let mut context = workload::context(environment, item);
        let mut values = workload::values(item);
        match &item.kind {
            WorkloadKind::Service(service) => {
                describe(&mut context, service);
                values.extend(service_values(service));
                services.push(context);
            }
            WorkloadKind::Job(job) if job.phase == Phase::Schedule => {
                values.push(("schedule", schedule(job)));
                schedules.push(context);
            }
            _ => continue,
        }
        mine.push(item);
        variables.push((item.key.clone(), Value::object(values)));
    }
    let mut files = BTreeMap::new();
    if workload::uses_certificates(mine.iter().copied()) {
        files.insert(CERTIFICATES_FILE.to_owned(), jobs::certificates(environment)?);
    }
    let context = json!({
        "services": services,
        "schedules": schedules,
        "secrets": workload::secret_versions(environment),
    });
    Ok(Content { context, variables, files })
}

/// Structure of a service: which optional parts it has.
fn describe(context: &mut serde_json::Value, service: &Service) {
    // A port that no route leads to needs no target group.
    let route = service.http.as_ref().and_then(|http| http.routes.first());
    context["http"] = route.is_some().into();
    context["ingress"] = route.map(|route| route.ingress.clone()).into();
}

fn service_values(service: &Service) -> Vec<(&'static str, Value)> {
    let mut replicas = vec![
        ("desired", Value::from(service.replicas)),
        ("min", Value::from(service.min)),
        ("max", Value::from(service.max)),
    ];
    if let Some((metric, target)) = &service.metric {
        let metric = match metric {
            ScaleMetric::Cpu => "cpu",
            ScaleMetric::Memory => "memory",
        };
        replicas.push(("metric", Value::from(metric)));
        replicas.push(("target", Value::from(*target)));
    }
    let strategy = match service.update {
        Update::Rolling => "rolling",
        Update::Recreate => "recreate",
    };
    let deployment = Value::object([
        ("strategy", Value::from(strategy)),
        ("drain_seconds", Value::from(service.drain.as_secs())),
    ]);
    let mut values = vec![("replicas", Value::object(replicas)), ("deployment", deployment)];
    if let Some(http) = service.http.as_ref().filter(|http| !http.routes.is_empty()) {
        values.push(("http", http_values(service, http)));
    }
    values
}

fn http_values(service: &Service, http: &Http) -> Value {
    let routes = http.routes.iter().map(|route| {
        Value::object([
            ("ingress", Value::from(&route.ingress)),
            ("priority", Value::from(route.priority)),
            ("paths", Value::list(&route.paths)),
            ("hosts", Value::list(&route.hosts)),
        ])
    });
    Value::object([
        ("port", Value::from(u32::from(http.port))),
        ("protocol", Value::from(http.protocol_version)),
        ("target_group_name", Value::from(&http.target_group_name)),
        ("startup_seconds", Value::from(service.startup.as_secs())),
        (
            "health",
            Value::object([
                ("path", Value::from(&http.ready)),
                ("interval_seconds", Value::from(service.health_interval.as_secs())),
            ]),
        ),
        ("routes", Value::List(routes.collect())),
    ])
}

fn schedule(job: &Job) -> Value {
    let schedule = job.schedule.as_ref();
    Value::object([
        ("name", Value::from(schedule.map(|schedule| &schedule.name))),
        ("expression", Value::from(schedule.map(|schedule| &schedule.expression))),
        ("timezone", Value::from(schedule.map(|schedule| &schedule.timezone))),
        ("retries", Value::from(job.retries)),
    ])
}
