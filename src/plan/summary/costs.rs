//! What drives costs: counts and sizes, before and after. No prices.

use std::collections::BTreeMap;

use crate::plan::model::{Action, Change, Shown};
use crate::plan::names::{module_label, subject};
use crate::plan::scale::{Sides, counted, instances, tasks};
use crate::plan::vocabulary;
use crate::plan::words::sides;

/// What one instance of Cloud Run gets.
const CPU: &str = "template.0.containers.0.resources.0.limits.cpu";
const MEMORY: &str = "template.0.containers.0.resources.0.limits.memory";

/// Services first, then databases, then what is only counted.
pub(super) fn drivers(changes: &[&Change]) -> Vec<String> {
    [sizes(changes), databases(changes), counts(changes)].concat()
}

/// Number and size of the tasks of each service.
fn sizes(changes: &[&Change]) -> Vec<String> {
    let mut services: BTreeMap<String, Size> = BTreeMap::new();
    for change in changes {
        let Some((_, label)) = module_label(change).filter(|(kind, _)| *kind == "service") else {
            continue;
        };
        let Size { one, sides: known } = services.entry(label).or_default();
        if let Some(instances) = instances(change) {
            *one = "instance";
            known[0] = instances;
            known[1] = sides(change, CPU);
            known[2] = sides(change, MEMORY);
        }
        match change.kind.as_str() {
            // Within its bounds the platform decides; the service's own count is where it began.
            "aws_appautoscaling_target" => {
                let present =
                    |side: Option<String>, action| side.filter(|_| change.action != action);
                let (before, after) = tasks(change).unzip();
                known[0] = (present(before, Action::Create), present(after, Action::Delete));
            }
            "aws_ecs_service" if known[0] == (None, None) => {
                known[0] = sides(change, "desired_count");
            }
            "aws_ecs_task_definition" => {
                known[1] = sides(change, "cpu");
                known[2] = sides(change, "memory");
            }
            _ => {}
        }
    }
    services.into_iter().filter_map(|(service, it)| size(&service, it.one, &it.sides)).collect()
}

/// Number, processors and memory of what a service runs, before and after.
struct Size {
    /// What is counted.
    one: &'static str,
    sides: [Sides; 3],
}

impl Default for Size {
    fn default() -> Self {
        Self { one: "task", sides: <[Sides; 3]>::default() }
    }
}

/// Processors and MiB: ECS counts 1024 units a processor, Cloud Run writes `2`, `500m`, `512Mi`.
fn amount(text: &str, is_memory: bool) -> Option<f64> {
    let scaled =
        |suffix: &str, factor: f64| Some(text.strip_suffix(suffix)?.parse::<f64>().ok()? * factor);
    if is_memory {
        scaled("Mi", 1.0).or_else(|| scaled("Gi", 1024.0)).or_else(|| text.parse().ok())
    } else {
        scaled("m", 0.001).or_else(|| text.parse().ok())
    }
}

fn size(service: &str, one: &str, [tasks, cpu, memory]: &[Sides; 3]) -> Option<String> {
    let units = if one == "task" { 1024.0 } else { 1.0 };
    let size = |cpu: &Option<String>, memory: &Option<String>| {
        let cpu = amount(cpu.as_ref()?, false)? / units;
        let memory = amount(memory.as_ref()?, true)?;
        Some(format!("{cpu} vCPU and {} GiB", memory / 1024.0))
    };
    let (before, after) = (size(&cpu.0, &memory.0), size(&cpu.1, &memory.1));
    let each = |size: &Option<String>| size.as_ref().map(|it| format!(" of {it}"));
    Some(match (&tasks.0, &tasks.1) {
        (None, Some(count)) => {
            format!("{service}: {}{}, new", counted(count, one), each(&after).unwrap_or_default())
        }
        (Some(count), None) => {
            format!("{service}: {}{} less", counted(count, one), each(&before).unwrap_or_default())
        }
        (Some(old), Some(new)) if old != new => {
            let resized = before != after;
            let size = if resized { None } else { each(&after) }.unwrap_or_default();
            let more = match (&before, &after) {
                (Some(before), Some(after)) if resized => format!(", each {before} → {after}"),
                _ => String::new(),
            };
            format!("{service}: {old} → {new} {one}s{size}{more}")
        }
        _ if before != after => format!("{service}: each {one} {} → {}", before?, after?),
        _ => return None,
    })
}

/// What an instance's class, its storage and its standby are called, and how the last is said.
const RDS: [&str; 4] = ["instance_class", "allocated_storage", "multi_az", "true"];
const CLOUD_SQL: [&str; 4] =
    ["settings.0.tier", "settings.0.disk_size", "settings.0.availability_type", "REGIONAL"];

/// Classes and storage of databases.
fn databases(changes: &[&Change]) -> Vec<String> {
    let told = |change: &&Change| {
        if !vocabulary::is_database(&change.kind) {
            return None;
        }
        let google = vocabulary::is_google(&change.kind);
        let [class, storage, standby, yes] = if google { CLOUD_SQL } else { RDS };
        let mut parts = Vec::new();
        for (attribute, unit) in [(class, ""), (storage, " GB")] {
            match sides(change, attribute) {
                (Some(old), Some(new)) if old != new => parts.push(format!("{old} → {new}{unit}")),
                (None, Some(only)) | (Some(only), None) => parts.push(format!("{only}{unit}")),
                _ => {}
            }
        }
        let on = |text: Option<String>| text.as_deref() == Some(yes);
        let (before, after) = sides(change, standby);
        match (on(before), on(after)) {
            (false, true) => parts.push("with a standby".to_owned()),
            (true, false) => parts.push("without a standby".to_owned()),
            _ => {}
        }
        let fewer = if change.action == Action::Delete { " less" } else { "" };
        (!parts.is_empty()).then(|| format!("{}: {}{fewer}", subject(change), parts.join(", ")))
    };
    changes.iter().filter_map(told).collect()
}

/// What costs by the hour just for being there.
const COUNTED: [&str; 12] = [
    "aws_nat_gateway",
    "aws_lb",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_wafv2_web_acl",
    "google_compute_router_nat",
    "google_compute_address",
    "google_compute_forwarding_rule",
    "google_compute_global_forwarding_rule",
    "google_compute_security_policy",
    "google_redis_instance",
    "google_redis_cluster",
];

fn counts(changes: &[&Change]) -> Vec<String> {
    let mut told = Vec::new();
    for kind in COUNTED {
        let Some((_, entry)) = vocabulary::entry(kind) else { continue };
        for (action, sign) in [(Action::Create, '+'), (Action::Delete, '-')] {
            // An address within the network costs nothing.
            let free = |it: &Change| it.fact("address_type") == Some("INTERNAL");
            let counted = changes.iter().filter(|it| it.kind == kind && it.action == action);
            let count = counted.filter(|it| !free(it)).count();
            match count {
                0 => {}
                1 => told.push(format!("{sign}1 {}", entry.one)),
                many => told.push(format!("{sign}{many} {}", entry.many)),
            }
        }
    }
    let nodes = changes.iter().flat_map(|change| {
        let attributes = change.attributes.iter().filter(|it| it.path == "node_type");
        attributes.filter_map(move |it| match (&it.before, &it.after) {
            (Shown::Text(old), Shown::Text(new)) => {
                Some(format!("{}: {old} → {new}", subject(change)))
            }
            _ => None,
        })
    });
    told.extend(nodes);
    told
}
