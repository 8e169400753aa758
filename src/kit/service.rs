//! `service NAME { }`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::draft::{By, Draft, NAME, Role, matches};
use super::later;
use super::model::{
    Consumer, Health, Kit, Port, Protocol, Scale, ScaleMetric, Service, ServiceSize,
};
use super::process::process;
use super::release::UPDATE;
use super::variable::check_name;
use crate::hcl::{Body, Value};
use crate::source::Problem;

/// Most containers of one service.
const MOST_REPLICAS: u32 = 200;

/// Longest drain: ECS kills a task 120 s after SIGTERM at the latest.
const LONGEST_DRAIN: Duration = Duration::from_secs(110);

pub(super) fn services(file: &mut Body, draft: &mut Draft) -> Vec<Service> {
    let mut services = Vec::new();
    for (label, mut body) in file.named_blocks("service", &mut draft.problems) {
        let name = draft.enter("service", &label, &body);
        services.push(service(name, &mut body, draft));
        body.finish(&mut draft.problems);
    }
    services
}

fn service(name: String, body: &mut Body, draft: &mut Draft) -> Service {
    let by = By::consumer(body, Consumer::Service(name.clone()));
    let address = format!("service.{name}");
    let sizes_value = body.take("sizes");
    let process = process(name, body, &by, None, sizes_value.is_some(), draft);
    let sizes = sizes_value.as_ref().map(|value| sizes(value, &address, draft)).unwrap_or_default();
    let needs = draft.references(body.take("needs"), &by, Role::Needs);
    let problems = &mut draft.problems;
    let replicas = if sizes_value.is_some() {
        body.take("replicas")
    } else {
        body.require("replicas", problems)
    };
    let replicas = replicas.and_then(|value| value.integer(1..=MOST_REPLICAS, problems));
    let arch = [("x86_64", false), ("arm64", true)];
    let arm64 = body.take("arch").and_then(|value| value.enumeration(&arch, problems));
    let update = body.take("update").and_then(|value| value.enumeration(&UPDATE, problems));
    let drain = body.take("drain").and_then(|value| drain(&value, draft));
    if let Some(value) = body.take("trigger") {
        draft.reference(&value, &by, Role::Trigger);
        draft.not_yet(format!("trigger of {by}"), value.place());
    }
    let ports = ports(body, &address, draft);
    let health = body.block("health", &mut draft.problems).map(|mut block| {
        let health = health(&mut block, &ports, &by, draft);
        block.finish(&mut draft.problems);
        health
    });
    let scale = body.block("scale", &mut draft.problems).and_then(|mut block| {
        draft.place(&format!("{address}.scale"), &block);
        let scale = scale(&mut block, replicas, &by, draft);
        block.finish(&mut draft.problems);
        scale
    });
    later::inside_service(body, &by, draft);
    Service {
        process,
        needs,
        replicas: replicas.unwrap_or(0),
        sizes,
        arm64: arm64.unwrap_or(false),
        update,
        drain: drain.unwrap_or(Duration::from_secs(30)),
        ports,
        health,
        scale,
    }
}

fn drain(value: &Value, draft: &mut Draft) -> Option<Duration> {
    let drain = value.duration(&mut draft.problems)?;
    if drain > LONGEST_DRAIN {
        draft.problems.push(value.problem(
            "the cloud kills a container at most 120 s after it was asked to stop",
            "write at most \"110s\", and let longer work be taken up again after a restart",
        ));
    }
    Some(drain)
}

/// `sizes = { small = { cpu, memory, replicas, max } }`.
fn sizes(value: &Value, address: &str, draft: &mut Draft) -> BTreeMap<String, ServiceSize> {
    let mut sizes = BTreeMap::new();
    for entry in value.entries(&mut draft.problems).unwrap_or_default() {
        draft
            .places
            .insert(format!("{address}.sizes.{}", entry.name()), entry.name_place().clone());
        let problems = &mut draft.problems;
        let Some(mut map) = entry.map(problems) else { continue };
        let cpu =
            map.require("cpu", problems).and_then(|value| value.number(0.05..=64.0, problems));
        let memory = map.require("memory", problems).and_then(|value| value.size_mib(problems));
        let replicas = map
            .require("replicas", problems)
            .and_then(|value| value.integer(1..=MOST_REPLICAS, problems));
        let most = map.take("max");
        let max = most.as_ref().and_then(|value| value.integer(1..=MOST_REPLICAS, problems));
        if let (Some(value), Some(max), Some(replicas)) = (&most, max, replicas)
            && max < replicas
        {
            problems.push(
                value
                    .problem(format!("`replicas` is {replicas}"), "make `max` at least `replicas`"),
            );
        }
        map.finish(problems);
        let size = ServiceSize {
            cpu: cpu.unwrap_or_default(),
            memory_mib: memory.unwrap_or_default(),
            replicas: replicas.unwrap_or_default(),
            max,
        };
        sizes.insert(entry.name().to_owned(), size);
    }
    sizes
}

/// Where a service says its resources by sizes alone, those of the default size (else the first)
/// stand for it, so that every service has some.
pub(super) fn fill_from_sizes(kit: &mut Kit) {
    let default = kit.sizes.iter().find(|size| size.default).or(kit.sizes.first());
    for service in &mut kit.services {
        let named = default.and_then(|size| service.sizes.get(&size.name));
        let Some(size) = named.or_else(|| service.sizes.values().next()).cloned() else { continue };
        if service.process.cpu == 0.0 {
            service.process.cpu = size.cpu;
        }
        if service.process.memory_mib == 0 {
            service.process.memory_mib = size.memory_mib;
        }
        if service.replicas == 0 {
            service.replicas = size.replicas;
        }
    }
}

pub(super) fn ports(body: &mut Body, address: &str, draft: &mut Draft) -> BTreeMap<String, Port> {
    let protocols = [
        ("http", Protocol::Http),
        ("h2", Protocol::Http2),
        ("grpc", Protocol::Grpc),
        ("websocket", Protocol::Websocket),
    ];
    let mut ports: BTreeMap<String, Port> = BTreeMap::new();
    for (label, mut block) in body.named_blocks("port", &mut draft.problems) {
        if !matches(NAME, &label.text) {
            draft.problems.push(Problem::new(
                label.place.clone(),
                format!("the name \"{}\" of a port cannot be used", label.text),
                format!("a name matches {NAME}"),
                "write it like \"http\"",
            ));
        }
        draft.place(&format!("{address}.port.{}", label.text), &block);
        let problems = &mut draft.problems;
        let value = block.require("number", problems);
        let number = value.as_ref().and_then(|value| value.integer(1..=u16::MAX, problems));
        if let (Some(value), Some(number)) = (&value, number)
            && let Some((other, _)) = ports.iter().find(|(_, port)| port.number == number)
        {
            problems.push(
                value
                    .problem(format!("port \"{other}\" has this number"), "give each port its own"),
            );
        }
        let protocol =
            block.take("protocol").and_then(|value| value.enumeration(&protocols, problems));
        let number_env = block.take("number_env").and_then(|value| {
            let name = value.string(&mut draft.problems)?;
            check_name(&name, &value.place(), draft);
            Some(name)
        });
        block.finish(&mut draft.problems);
        let port = Port {
            number: number.unwrap_or_default(),
            protocol: protocol.unwrap_or(Protocol::Http),
            number_env,
        };
        ports.insert(label.text, port);
    }
    ports
}

pub(super) fn health(
    body: &mut Body,
    ports: &BTreeMap<String, Port>,
    by: &By,
    draft: &mut Draft,
) -> Health {
    let (live, ready) = (body.take("live"), body.take("ready"));
    let command_value = body.take("command");
    let paths = live.is_some() || ready.is_some();
    let port_value = body.take("port");
    let port = port_value.as_ref().and_then(|value| port_name(value, draft));
    let problem = |what: &str, why: &str, help: &str| {
        Problem::new(body.place().clone(), format!("{what} of {by}"), why, help)
    };
    if paths && ports.is_empty() {
        draft.problems.push(problem(
            "a probe by path",
            "the service has no port that could be asked",
            "add `port \"http\" { number = 8080 }`, use `command`, or remove `health`",
        ));
    } else if paths && ports.len() > 1 && port.is_none() {
        draft.problems.push(problem(
            "a probe without a port",
            "the service has several ports",
            &format!("add `port = \"{}\"`", ports.keys().next().map_or("", String::as_str)),
        ));
    } else if paths == command_value.is_some() {
        draft.problems.push(problem(
            if paths { "both paths and a command" } else { "an empty block `health`" },
            "a service is asked by path, or by a command when it has no port",
            "write `live` and `ready`, or `command`",
        ));
    }
    if let (Some(value), Some(name)) = (&port_value, &port)
        && !ports.contains_key(name)
    {
        let help = crate::hcl::list(name, "ports", ports.keys().map(String::as_str));
        draft.problems.push(value.problem(format!("{by} has no port of that name"), help));
    }
    let live = live.and_then(|value| draft.url_path(&value));
    let ready = ready.and_then(|value| draft.url_path(&value));
    let problems = &mut draft.problems;
    Health {
        live,
        ready,
        port,
        startup: body.take("startup").and_then(|value| value.duration(problems)),
        interval: body.take("interval").and_then(|value| value.duration(problems)),
        command: command_value.and_then(|value| value.string_list(problems)).unwrap_or_default(),
    }
}

/// A port's name: `"http"`, `http` or `port.http`.
pub(super) fn port_name(value: &Value, draft: &mut Draft) -> Option<String> {
    if let Some(word) = value.word() {
        return Some(word);
    }
    let mut path = value.reference(&mut draft.problems)?;
    if path.len() == 2 && path[0] == "port" {
        return path.pop();
    }
    draft.problems.push(value.problem("it is not a port", "write the port's name, like \"http\""));
    None
}

/// `None` also for a metric that cannot be rendered yet.
fn scale(body: &mut Body, replicas: Option<u32>, by: &By, draft: &mut Draft) -> Option<Scale> {
    let problems = &mut draft.problems;
    let metrics = [
        ("cpu", Some(ScaleMetric::Cpu)),
        ("memory", Some(ScaleMetric::Memory)),
        ("requests", None),
        ("queue_depth", None),
    ];
    let metric_value = body.require("metric", problems);
    let metric = metric_value.as_ref().and_then(|value| value.enumeration(&metrics, problems));
    let most_target = if metric.flatten().is_some() { 100.0 } else { 1e9 };
    let target = body
        .require("target", problems)
        .and_then(|value| value.number(1.0..=most_target, problems));
    let min = body.take("min").and_then(|value| value.integer(1..=MOST_REPLICAS, problems));
    let max_value = body.require("max", problems);
    let max = max_value.as_ref().and_then(|value| value.integer(1..=MOST_REPLICAS, problems));
    if let (Some(value), Some(max), Some(least)) = (&max_value, max, min.or(replicas))
        && max < least
    {
        let least_name = if min.is_some() { "min" } else { "replicas" };
        problems.push(value.problem(
            format!("`{least_name}` is {least}"),
            format!("make `max` at least `{least_name}`"),
        ));
    }
    if let (Some(None), Some(value)) = (metric, &metric_value) {
        draft.not_yet(
            format!("scaling {by} by {}", value.word().unwrap_or_default()),
            value.place(),
        );
    }
    Some(Scale { metric: metric.flatten()?, target: target?, min, max: max? })
}
