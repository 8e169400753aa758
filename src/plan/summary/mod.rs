//! What a plan means beyond its resources: rights, downtime, data, and what drives costs. Every
//! part is computed from changes alone; what stays as it is, is not in it.

mod costs;

use std::collections::BTreeSet;

use serde::Serialize;

use super::model::{Action, Change, LayerPlan};
use super::names::{module_label, subject};
use super::words::{Restart, Risk, permissions, restart, sides, waits};
use super::{members, openings, rules, vocabulary};

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
        cost_drivers: costs::drivers(&changes),
    }
}

/// In order, each once.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(text.clone())).collect()
}

fn rights(changes: &[&Change]) -> Vec<String> {
    let ways = |everyone: bool| {
        let told = changes.iter().flat_map(move |change| {
            let way = rules::way(change).filter(|way| way.lets_everyone_in() == everyone);
            let way = way.and_then(|way| way.sentence(change.action));
            let opened = openings::sentences(change).into_iter();
            let opened = opened.filter(move |it| (it.risk == Risk::Opens) == everyone);
            way.into_iter().chain(opened.map(|it| it.text))
        });
        distinct(told)
    };
    let accounts = |action: Action, kind: &str| {
        let accounts = changes.iter().filter(|it| it.action == action && it.kind == kind);
        distinct(accounts.map(|change| owner(change)))
    };
    let [roles, service_accounts] = ["aws_iam_role", "google_service_account"]
        .map(|kind| [Action::Create, Action::Delete].map(|action| accounts(action, kind)));
    let mut told = ways(true);
    let own = [roles.concat(), service_accounts.concat()].concat();
    told.extend(permissions_of(changes, &own));
    for ([new, gone], noun) in [(roles, "roles"), (service_accounts, "service accounts")] {
        if !new.is_empty() {
            told.push(format!("new {noun} for {}", new.join(", ")));
        }
        if !gone.is_empty() {
            told.push(format!("{noun} of {} go", gone.join(", ")));
        }
    }
    told.extend(ways(false));
    told
}

/// Who may do more or less. A policy that comes or goes with its role is the role's own matter:
/// `own` are the owners of those.
fn permissions_of(changes: &[&Change], own: &[String]) -> Vec<String> {
    let makes_key = |module: &Option<String>| {
        let key = |it: &&&Change| it.kind == "google_kms_crypto_key" && it.module == *module;
        changes.iter().filter(key).any(|it| it.action == Action::Create)
    };
    let mut told: Vec<String> = Vec::new();
    for change in changes {
        let allowed = permissions(change);
        let member = members::is_member(&change.kind);
        // What is made together with its own policy gives nobody a right to what was there.
        let with_its_own = match change.action {
            Action::Create if member => makes_key(&change.module),
            Action::Create => !change.kind.starts_with("aws_iam_"),
            _ => false,
        };
        let who = if member { members::grantee(change) } else { owner(change) };
        // A right for everyone was told as what it opens.
        let opens = !openings::sentences(change).is_empty();
        let its_own = own.contains(&who) || own.contains(&owner(change));
        if with_its_own || opens || allowed.is_empty() || its_own {
            continue;
        }
        told.push(format!("{who} {}", allowed.join("; ")));
    }
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
    let kind = change.kind.as_str();
    let replaced = matches!(change.action, Action::Replace { .. });
    if vocabulary::is_service(kind) && change.action == Action::Delete {
        return Some(format!("{subject} goes"));
    }
    if kind == "aws_ecs_service" && change.action == Action::Update {
        let rolls = change.attributes.iter().any(|it| it.path == "task_definition");
        let stops = change.fact("deployment_minimum_healthy_percent") == Some("0");
        return (rolls && stops).then(|| format!("{subject} stops before its new version starts"));
    }
    if vocabulary::is_database(kind) && replaced {
        return Some(format!("{subject} is made anew, empty: it is down until it is restored"));
    }
    if vocabulary::is_database(kind) && change.action == Action::Delete {
        return Some(format!("{subject} goes"));
    }
    if change.attributes.iter().any(|it| waits(kind, &it.path)) {
        return Some(match restart(change) {
            Some(Restart::InWindow) | None => {
                format!("{subject} restarts in its next maintenance window")
            }
            _ => format!("{subject} restarts during the update"),
        });
    }
    let (_, entry) = vocabulary::entry(kind)?;
    let old_first = Action::Replace { create_before_destroy: false };
    let effect = entry.effect.filter(|_| change.action == old_first)?;
    Some(format!("{subject} is replaced: {effect}"))
}

fn lost(change: &Change) -> Option<String> {
    let forgotten = change.action == Action::Forget || vocabulary::stays(change);
    if forgotten && vocabulary::is_stateful(&change.kind) {
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
        (kind, _) if vocabulary::is_google(kind) => lost_on_google(change, &subject),
        _ => format!("{subject} is lost"),
    })
}

/// What of it can be had back, as Google keeps it.
fn lost_on_google(change: &Change, subject: &str) -> String {
    let was = |attribute: &str| sides(change, attribute).0;
    let on = |attribute: &str| was(attribute).as_deref() == Some("true");
    match change.kind.as_str() {
        "google_sql_database_instance" => {
            let days = was("settings.0.final_backup_config.0.retention_days");
            match (on("settings.0.final_backup_config.0.enabled"), days) {
                (true, Some(days)) => {
                    format!("{subject} is lost, a final backup of it is kept for {days} days")
                }
                (true, None) => format!("{subject} is lost, a final backup of it is kept"),
                _ if on("settings.0.retain_backups_on_delete") => {
                    format!("{subject} is lost, its backups are kept, without a final one")
                }
                _ => format!("{subject} is lost, without a final backup"),
            }
        }
        // The key itself stays for ever, its versions do not.
        "google_kms_crypto_key" => match days(was("destroy_scheduled_duration").as_deref()) {
            Some(days) => format!(
                "{subject} is scheduled for destruction, it can be restored for {days} days"
            ),
            None => format!("{subject} is scheduled for destruction"),
        },
        "google_secret_manager_secret" => {
            format!("{subject} is lost at once, with every version of it")
        }
        _ => format!("{subject} is lost"),
    }
}

/// `2592000s` is 30 days.
fn days(duration: Option<&str>) -> Option<u64> {
    let seconds: u64 = duration?.strip_suffix('s')?.parse().ok()?;
    Some(seconds / (24 * 60 * 60))
}

#[cfg(test)]
mod tests;
