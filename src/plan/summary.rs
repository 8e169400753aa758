//! What a plan means beyond its resources: rights, downtime, data, and what drives costs. Every
//! part is computed from changes alone; what stays as it is, is not in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::model::{Action, Change, LayerPlan, Shown};
use super::words::{module_label, permissions, sides, subject, tasks, waits};
use super::{rules, vocabulary};

/// What changes for those who pay, guard and use it. Each part is empty if there is nothing to
/// say; the worst comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Roles, policies, security rules: who may do or reach more, or less.
    pub rights: Vec<String>,
    /// What does not answer for a while.
    pub downtime: Vec<String>,
    /// What is lost, and what can be had back.
    pub data: Vec<String>,
    /// Counts and sizes, before and after; no prices.
    pub cost_drivers: Vec<String>,
}

/// Looks through the plans of all layers.
pub fn summary<'a>(plans: impl IntoIterator<Item = &'a LayerPlan>) -> Summary {
    let changes: Vec<&Change> = plans.into_iter().flat_map(|plan| &plan.changes).collect();
    Summary {
        rights: rights(&changes),
        downtime: distinct(changes.iter().filter_map(|change| down(change))),
        data: distinct(changes.iter().filter_map(|change| lost(change))),
        cost_drivers: [sizes(&changes), databases(&changes), counts(&changes)].concat(),
    }
}

/// In order, each once.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(text.clone())).collect()
}

fn rights(changes: &[&Change]) -> Vec<String> {
    let ways = |everyone: bool| {
        let told = changes.iter().filter_map(move |change| {
            let way = rules::way(change).filter(|way| way.lets_everyone_in() == everyone)?;
            way.sentence(change.action)
        });
        distinct(told)
    };
    let roles = |action: Action| {
        let roles = changes.iter().filter(|it| it.action == action && it.kind == "aws_iam_role");
        distinct(roles.map(|change| owner(change)))
    };
    let mut told = ways(true);
    // A policy that comes or goes with its role is the role's own matter.
    let (new, gone) = (roles(Action::Create), roles(Action::Delete));
    for change in changes {
        let allowed = permissions(change);
        // What is made together with its own policy gives nobody a right to what was there.
        if change.action == Action::Create && !change.kind.starts_with("aws_iam_") {
            continue;
        }
        let its_own = [&new, &gone].iter().any(|roles| roles.contains(&owner(change)));
        if !allowed.is_empty() && !its_own {
            told.push(format!("{} {}", owner(change), allowed.join("; ")));
        }
    }
    if !new.is_empty() {
        told.push(format!("new roles for {}", new.join(", ")));
    }
    if !gone.is_empty() {
        told.push(format!("roles of {} go", gone.join(", ")));
    }
    told.extend(ways(false));
    told
}

/// The part of the product that a change belongs to.
fn owner(change: &Change) -> String {
    let workload = change.index.as_deref().and_then(rules::workload);
    workload
        .or_else(|| module_label(change).map(|(_, label)| label))
        .unwrap_or_else(|| subject(change))
}

fn down(change: &Change) -> Option<String> {
    let subject = subject(change);
    let replaced = matches!(change.action, Action::Replace { .. });
    match change.kind.as_str() {
        "aws_ecs_service" if change.action == Action::Delete => Some(format!("{subject} goes")),
        "aws_ecs_service" if change.action == Action::Update => {
            let rolls = change.attributes.iter().any(|it| it.path == "task_definition");
            let stops = change.fact("deployment_minimum_healthy_percent") == Some("0");
            (rolls && stops).then(|| format!("{subject} stops before its new version starts"))
        }
        "aws_db_instance" | "aws_rds_cluster" if replaced => {
            Some(format!("{subject} is made anew, empty: it is down until it is restored"))
        }
        "aws_db_instance" | "aws_rds_cluster" if change.action == Action::Delete => {
            Some(format!("{subject} goes"))
        }
        kind if change.attributes.iter().any(|it| waits(kind, &it.path)) => {
            Some(match change.fact("apply_immediately") {
                Some("true") => format!("{subject} restarts during the update"),
                _ => format!("{subject} restarts in its next maintenance window"),
            })
        }
        kind => {
            let (_, entry) = vocabulary::entry(kind)?;
            let old_first = Action::Replace { create_before_destroy: false };
            let effect = entry.effect.filter(|_| change.action == old_first)?;
            Some(format!("{subject} is replaced: {effect}"))
        }
    }
}

fn lost(change: &Change) -> Option<String> {
    if change.action == Action::Forget && vocabulary::is_stateful(&change.kind) {
        return Some(format!("{} stays in the cloud, unmanaged", subject(change)));
    }
    if !change.loses_data() {
        return None;
    }
    let subject = subject(change);
    let (before, _) = sides(change, "recovery_window_in_days");
    Some(match (change.kind.as_str(), before.as_deref()) {
        ("aws_secretsmanager_secret", Some(days)) if days != "0" => {
            format!("{subject} is scheduled for deletion, it can be restored for {days} days")
        }
        ("aws_db_instance" | "aws_rds_cluster", _) => match change.fact("skip_final_snapshot") {
            Some("false") => format!("{subject} is lost, a final snapshot of it is kept"),
            _ => format!("{subject} is lost, without a final snapshot"),
        },
        ("aws_kms_key", _) => format!("{subject} is scheduled for deletion"),
        _ => format!("{subject} is lost"),
    })
}

/// Before and after.
type Sides = (Option<String>, Option<String>);

/// Number and size of the tasks of each service.
fn sizes(changes: &[&Change]) -> Vec<String> {
    let mut services: BTreeMap<String, [Sides; 3]> = BTreeMap::new();
    for change in changes {
        let Some((_, label)) = module_label(change).filter(|(kind, _)| *kind == "service") else {
            continue;
        };
        let known = services.entry(label).or_default();
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
    services.into_iter().filter_map(|(service, sides)| size(&service, &sides)).collect()
}

fn size(service: &str, [tasks, cpu, memory]: &[Sides; 3]) -> Option<String> {
    let size = |cpu: &Option<String>, memory: &Option<String>| {
        let cpu: f64 = cpu.as_ref()?.parse().ok()?;
        let memory: f64 = memory.as_ref()?.parse().ok()?;
        Some(format!("{} vCPU and {} GiB", cpu / 1024.0, memory / 1024.0))
    };
    let (before, after) = (size(&cpu.0, &memory.0), size(&cpu.1, &memory.1));
    let each = |size: &Option<String>| size.as_ref().map(|it| format!(" of {it}"));
    Some(match (&tasks.0, &tasks.1) {
        (None, Some(count)) => {
            format!("{service}: {}{}, new", noun(count), each(&after).unwrap_or_default())
        }
        (Some(count), None) => {
            format!("{service}: {}{} less", noun(count), each(&before).unwrap_or_default())
        }
        (Some(old), Some(new)) if old != new => {
            let resized = before != after;
            let size = if resized { None } else { each(&after) }.unwrap_or_default();
            let more = match (&before, &after) {
                (Some(before), Some(after)) if resized => format!(", each {before} → {after}"),
                _ => String::new(),
            };
            format!("{service}: {old} → {new} tasks{size}{more}")
        }
        _ if before != after => format!("{service}: each task {} → {}", before?, after?),
        _ => return None,
    })
}

fn noun(count: &str) -> String {
    if count == "1" { "1 task".to_owned() } else { format!("{count} tasks") }
}

/// Classes and storage of databases.
fn databases(changes: &[&Change]) -> Vec<String> {
    let told = |change: &&Change| {
        if !matches!(change.kind.as_str(), "aws_db_instance" | "aws_rds_cluster") {
            return None;
        }
        let mut parts = Vec::new();
        for (attribute, unit) in [("instance_class", ""), ("allocated_storage", " GB")] {
            match sides(change, attribute) {
                (Some(old), Some(new)) if old != new => parts.push(format!("{old} → {new}{unit}")),
                (None, Some(only)) | (Some(only), None) => parts.push(format!("{only}{unit}")),
                _ => {}
            }
        }
        let on = |text: Option<String>| text.as_deref() == Some("true");
        let (before, after) = sides(change, "multi_az");
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
const COUNTED: [&str; 6] = [
    "aws_nat_gateway",
    "aws_lb",
    "aws_elasticache_replication_group",
    "aws_elasticache_serverless_cache",
    "aws_wafv2_web_acl",
    "google_sql_database_instance",
];

fn counts(changes: &[&Change]) -> Vec<String> {
    let mut told = Vec::new();
    for kind in COUNTED {
        let Some((_, entry)) = vocabulary::entry(kind) else { continue };
        for (action, sign) in [(Action::Create, '+'), (Action::Delete, '-')] {
            let count = changes.iter().filter(|it| it.kind == kind && it.action == action).count();
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
