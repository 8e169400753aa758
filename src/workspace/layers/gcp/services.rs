//! The layer that serves on Google Cloud: services, worker pools, schedules, and the URL map of each
//! ingress, which names the services behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::super::workload::{secret_versions, values as common};
use super::{Content, tags, target, workload};
use crate::environment::model::{Environment, Http, Ingress, Job, Route, Service, WorkloadKind};
use crate::kit::model::{Phase, ScaleMetric};
use crate::workspace::value::Value;

/// What the layer's templates are given, and its `terraform.tfvars`.
pub(in super::super) fn content(environment: &Environment) -> Content {
    let (mut services, mut schedules) = (Vec::new(), Vec::new());
    let mut variables = vec![
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
    ];
    for item in &environment.workloads {
        let mut context = workload::context(environment, item);
        let mut values = workload::values(item, common(item));
        match &item.kind {
            WorkloadKind::Service(service) => {
                describe(&mut context, service);
                values.extend(service_values(service));
                services.push(context);
            }
            WorkloadKind::Job(job) if job.phase == Phase::Schedule => {
                values.extend(workload::limits(item));
                values.push(("schedule", schedule(job)));
                schedules.push(context);
            }
            _ => continue,
        }
        variables.push((item.key.clone(), Value::object(values)));
    }
    let mut ingresses = Vec::new();
    for ingress in environment.ingresses.values() {
        let routes = routes(environment, ingress);
        let services: BTreeSet<&String> = routes.values().map(|(key, ..)| *key).collect();
        let uptime = uptime(environment, ingress, &routes);
        ingresses.push(json!({
            "name": ingress.name, "services": services, "uptime": uptime.is_some() }));
        let mut values = vec![
            ("name", Value::from(&ingress.load_balancer_name)),
            ("routes", Value::List(routes.values().map(route_value).collect())),
        ];
        values.extend(uptime.map(|uptime| ("uptime", uptime)));
        variables.push((format!("routes_{}", ingress.name), Value::object(values)));
    }
    let context = json!({
        "services": services,
        "schedules": schedules,
        "ingresses": ingresses,
        "secrets": secret_versions(environment),
    });
    Content { context, variables, files: BTreeMap::new() }
}

/// The port of a service, if a route leads to it.
fn reached(service: &Service) -> Option<&Http> {
    service.http.as_ref().filter(|http| !http.routes.is_empty())
}

/// Structure of a service: which optional parts it has.
fn describe(context: &mut serde_json::Value, service: &Service) {
    let route = reached(service).and_then(|http| http.routes.first());
    context["http"] = route.is_some().into();
    context["ingress"] = route.map(|route| route.ingress.clone()).into();
}

fn service_values(service: &Service) -> Vec<(&'static str, Value)> {
    let mut replicas = vec![
        ("desired", Value::from(service.replicas)),
        ("min", Value::from(service.min)),
        ("max", Value::from(service.max)),
    ];
    // Cloud Run keeps its own average; a kit's target is for where it can be chosen.
    if let Some((ScaleMetric::Cpu, _)) = service.metric {
        replicas.push(("metric", Value::from("cpu")));
    }
    let mut values = vec![("replicas", Value::object(replicas))];
    if let Some(http) = reached(service) {
        values.push(("http", http_values(service, http)));
    }
    values
}

fn http_values(service: &Service, http: &Http) -> Value {
    let mut values = vec![
        ("port", Value::from(u32::from(http.port))),
        ("protocol", Value::from(http.protocol_version)),
        ("startup_seconds", Value::from(service.startup.as_secs())),
        ("timeout_seconds", Value::from(http.timeout_seconds)),
        (
            "health",
            Value::object([
                ("path", Value::from(&http.ready)),
                ("interval_seconds", Value::from(service.health_interval.as_secs())),
            ]),
        ),
    ];
    // The probe that decides about a restart does not speak HTTP/2.
    if let Some(live) = http.live.as_ref().filter(|_| http.protocol_version != "HTTP2") {
        values.push(("live", Value::from(live)));
    }
    Value::object(values)
}

/// The routes of an ingress by their priority, the most specific first, each with the service that it
/// leads to, by key and port.
type Routes<'a> = BTreeMap<u32, (&'a String, &'a Http, &'a Route)>;

fn routes<'a>(environment: &'a Environment, ingress: &Ingress) -> Routes<'a> {
    let mut routes = BTreeMap::new();
    for workload in &environment.workloads {
        let WorkloadKind::Service(service) = &workload.kind else { continue };
        let Some(http) = reached(service) else { continue };
        for route in http.routes.iter().filter(|route| route.ingress == ingress.name) {
            routes.insert(route.priority, (&workload.key, http, route));
        }
    }
    routes
}

fn route_value((service, _, route): &(&String, &Http, &Route)) -> Value {
    Value::object([
        ("service", Value::from(*service)),
        ("priority", Value::from(route.priority)),
        ("paths", Value::list(&route.paths)),
        ("hosts", Value::list(&route.hosts)),
    ])
}

/// What Google asks from outside: the path that the kit checks, else the one at which a service says
/// that it is ready, if a route leads there. Nothing where not everyone may connect, Google included,
/// or where nothing is encrypted.
fn uptime(environment: &Environment, ingress: &Ingress, routes: &Routes<'_>) -> Option<Value> {
    if ingress.certificate.is_none() || !ingress.allow.is_empty() {
        return None;
    }
    let good = environment.checks.iter().filter(|check| (200..300).contains(&check.status));
    let path = good
        .filter_map(|check| check.url.strip_prefix(&ingress.url))
        .find(|path| path.starts_with('/'))
        .or_else(|| ready(routes))?;
    Some(Value::object([("host", Value::from(&ingress.host)), ("path", Value::from(path))]))
}

/// Where a service says that it is ready, as seen from outside.
fn ready<'a>(routes: &Routes<'a>) -> Option<&'a str> {
    routes.values().find_map(|(service, http, _)| {
        let path = http.ready.as_str();
        let leads = |(_, _, route): &&(&String, &Http, &Route)| {
            route.paths.iter().any(|it| match it.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == it,
            })
        };
        // The first that matches decides.
        let (reached, ..) = routes.values().find(leads)?;
        (reached == service && http.protocol_version != "GRPC").then_some(path)
    })
}

fn schedule(job: &Job) -> Value {
    let schedule = job.schedule.as_ref();
    Value::object([
        ("name", Value::from(schedule.map(|schedule| &schedule.name))),
        ("expression", Value::from(schedule.map(|schedule| &schedule.expression))),
        ("timezone", Value::from(schedule.map(|schedule| &schedule.timezone))),
    ])
}
