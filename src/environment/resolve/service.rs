//! What makes a workload a service: how many, how it is replaced, how it is known to work.

use std::time::Duration;

use super::header::kit_origin;
use super::ingress::IDLE_SECONDS;
use super::resolver::{Resolver, place};
use super::routes::Routes;
use super::wiring::Facts;
use crate::environment::draft::Override;
use crate::environment::model::{Http, Service};
use crate::kit::model::{Port, Protocol, ScaleMetric, Service as KitService, ServiceSize};
use crate::name::name;

/// How long a start may take when the kit says nothing.
const STARTUP: Duration = Duration::from_mins(2);

/// Between two probes when the kit says nothing.
const INTERVAL: Duration = Duration::from_secs(15);

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaling {
    pub(super) replicas: u32,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) metric: Option<(ScaleMetric, f64)>,
}

/// Replicas and their bounds: the override's, else the size's, else the service's.
pub(super) fn scaling(
    resolver: &mut Resolver<'_>,
    key: &str,
    kit: &KitService,
    sized: Option<&ServiceSize>,
    over: Option<&Override>,
) -> Scaling {
    let given = over.and_then(|over| over.replicas.as_ref());
    let given_max = over.and_then(|over| over.max.as_ref());
    let by_kit = if sized.is_some() { "sizes" } else { "replicas" };
    let origin = kit_origin(resolver, &format!("{key}.{by_kit}"));
    let replicas = sized.map_or(kit.replicas, |sized| sized.replicas);
    let replicas = given.map_or(replicas, |given| given.value);
    resolver.origins.written_or(format!("{key}.replicas"), replicas, place(given), &origin);
    let Some(scale) = &kit.scale else {
        if let Some(given) = given_max {
            resolver.problem(
                given.place.clone(),
                format!("`max` is {}, and {key} does not scale", given.value),
                "the kit has no `scale` for it",
                "write `replicas` instead",
            );
        }
        return Scaling { replicas, min: replicas, max: replicas, metric: None };
    };
    let max = sized.and_then(|sized| sized.max).unwrap_or(scale.max);
    let max = given_max.map_or(max, |given| given.value);
    let min = scale.min.unwrap_or(replicas).min(replicas);
    if replicas > max {
        let at =
            place(given).or(place(given_max)).or_else(|| resolver.in_kit(&format!("{key}.scale")));
        resolver.problem(
            at.cloned(),
            format!("{key} has {replicas} replicas and at most {max}"),
            "it would start with more than it may grow to",
            format!("write at most {max} replicas, or a greater `max`"),
        );
    }
    let scale_origin = kit_origin(resolver, &format!("{key}.scale"));
    resolver.origins.written_or(format!("{key}.max"), max, place(given_max), &scale_origin);
    Scaling { replicas, min, max, metric: Some((scale.metric, scale.target)) }
}

/// Everything but its size and variables.
pub(super) fn service(
    resolver: &mut Resolver<'_>,
    facts: &Facts<'_>,
    kit: &KitService,
    scaling: Scaling,
    routes: Routes,
) -> Option<Service> {
    let health = kit.health.as_ref();
    let scaling = fixed(resolver, kit, scaling, &routes);
    let http =
        if routes.rules.is_empty() { None } else { Some(http(resolver, facts, kit, routes)?) };
    Some(Service {
        replicas: scaling.replicas,
        min: scaling.min,
        max: scaling.max,
        metric: scaling.metric,
        update: kit.update.unwrap_or(resolver.kit.release.update),
        drain: kit.drain,
        http,
        health_command: health.map(|health| health.command.clone()).unwrap_or_default(),
        live_probe: live_probe(resolver, kit),
        health_interval: health.and_then(|health| health.interval).unwrap_or(INTERVAL),
        startup: health.and_then(|health| health.startup).unwrap_or(STARTUP),
    })
}

/// A worker pool of Cloud Run has a fixed number of instances.
fn fixed(
    resolver: &mut Resolver<'_>,
    kit: &KitService,
    scaling: Scaling,
    routes: &Routes,
) -> Scaling {
    if !resolver.gcp() || !routes.rules.is_empty() || scaling.metric.is_none() {
        return scaling;
    }
    let replicas = scaling.replicas;
    let why = "Cloud Run: what no route leads to does not scale";
    let key = format!("service.{}.max", kit.process.name);
    resolver.origins.written_or(key, replicas, None, why);
    Scaling { replicas, min: replicas, max: replicas, metric: None }
}

/// A service that no route leads to can be asked by Cloud Run whether it still works.
fn live_probe(resolver: &Resolver<'_>, kit: &KitService) -> Option<(u16, String)> {
    let health = kit.health.as_ref().filter(|_| resolver.gcp())?;
    let port = port(kit, health.port.as_deref())?;
    Some((port.number, health.live.clone()?))
}

fn http(
    resolver: &mut Resolver<'_>,
    facts: &Facts<'_>,
    kit: &KitService,
    routes: Routes,
) -> Option<Http> {
    let key = format!("service.{}", kit.process.name);
    let port = port(kit, routes.port.as_deref())?;
    let protocol_version = match port.protocol {
        Protocol::Http | Protocol::Websocket => "HTTP",
        Protocol::Http2 => "HTTP2",
        Protocol::Grpc => "GRPC",
    };
    let plain = routes.rules.iter().map(|rule| &rule.ingress).find(|name| {
        facts.ingresses.get(*name).is_some_and(|ingress| ingress.certificate.is_none())
    });
    if let Some(ingress) = plain.filter(|_| protocol_version != "HTTP") {
        let draft = resolver.draft.ingresses.get(ingress);
        resolver.problem(
            draft.and_then(|draft| draft.certificate.as_ref()).map(|given| given.place.clone()),
            format!("{key} speaks {protocol_version}, and ingress.{ingress} has no certificate"),
            "a load balancer speaks it over TLS only",
            "give the ingress a certificate",
        );
    }
    let health = kit.health.as_ref();
    let ready = health.and_then(|health| health.ready.clone().or_else(|| health.live.clone()));
    let target_group = name(resolver.name, &kit.process.name, 32);
    let timeout = routes.timeout.map_or(IDLE_SECONDS, |timeout| timeout.as_secs());
    Some(Http {
        port: port.number,
        former_ports: Vec::new(),
        target_group_name: resolver.claim(
            "target group",
            target_group,
            &key,
            Some(&kit.process.place),
        ),
        protocol_version,
        ready: ready.unwrap_or_else(|| "/".to_owned()),
        live: health.and_then(|health| health.live.clone()),
        timeout_seconds: u32::try_from(timeout).unwrap_or(u32::MAX),
        routes: routes.rules,
    })
}

/// The port that a route names, else the only one; the kit has checked that it exists.
fn port<'k>(kit: &'k KitService, named: Option<&str>) -> Option<&'k Port> {
    match named {
        Some(name) => kit.ports.get(name),
        None => kit.ports.values().next(),
    }
}
