//! A plan in sentences that an operator understands, what can hurt first.

use serde::Serialize;

use super::grouped::{created, removed};
use super::model::{Action, Attribute, Change, LayerPlan, Shown};
use super::rollout::rolled_out;
use super::rules;
use super::vocabulary::{self, Entry, NAMED_MODULES};

/// How much a sentence can hurt; the worst is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// What a resource holds is lost.
    LosesData,
    /// Anyone on the internet comes in where nobody did.
    Opens,
    /// Something goes and nothing takes its place.
    Deletes,
    /// Something goes and a new one takes its place.
    Replaces,
    /// Something is changed in place, or rolls over.
    Changes,
    /// Something new.
    Creates,
    /// Nothing in the cloud changes.
    Quiet,
}

/// One thing that would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// How much it can hurt.
    pub risk: Risk,
    /// The sentence: lower case, no period.
    pub text: String,
    /// The resources it speaks about.
    pub addresses: Vec<String>,
}

/// What a sentence may look up outside of the plan.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// The tag of a digest (`sha256:…`), where a release names it.
    pub tag_of: &'a dyn Fn(&str) -> Option<String>,
    /// Whether an image that has a tag is told with its digest as well.
    pub digests: bool,
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self { tag_of: &|_| None, digests: false }
    }
}

/// How many attributes or names one sentence lists.
pub(super) const MOST_LISTED: usize = 4;

/// Everything the plan would do, worst first, then in terraform's order; creations are grouped.
pub fn sentences(plan: &LayerPlan, words: Words<'_>) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    if plan.errored {
        let text = "terraform could not plan to the end: this is not everything".to_owned();
        sentences.push(Sentence { risk: Risk::LosesData, text, addresses: Vec::new() });
    }
    let told = plan.changes.iter().filter(|change| !is_noise(change, &plan.changes));
    let (creations, others): (Vec<&Change>, Vec<&Change>) =
        told.partition(|change| change.action == Action::Create);
    let (parts, others) = removed(&others);
    sentences.extend(others.into_iter().filter_map(|change| one(change, words)));
    sentences.extend(parts);
    sentences.extend(created(&creations));
    merge_equal(&mut sentences);
    if sentences.is_empty() && !plan.outputs_changed.is_empty() {
        let text = format!("only outputs change: {}", listed(&plan.outputs_changed));
        sentences.push(Sentence { risk: Risk::Quiet, text, addresses: Vec::new() });
    }
    sentences.sort_by_key(|sentence| sentence.risk);
    sentences
}

/// Says a sentence once that two resources have in common, as both ends of a rule do.
fn merge_equal(sentences: &mut Vec<Sentence>) {
    let mut merged: Vec<Sentence> = Vec::new();
    for sentence in sentences.drain(..) {
        match merged.iter_mut().find(|it| it.text == sentence.text && it.risk == sentence.risk) {
            Some(same) => same.addresses.extend(sentence.addresses),
            None => merged.push(sentence),
        }
    }
    *sentences = merged;
}

/// What follows from a change that is told: a schedule that starts the new task definition, an
/// alarm that counts with the new number of tasks.
fn is_noise(change: &Change, all: &[Change]) -> bool {
    if change.action != Action::Update || change.attributes.is_empty() {
        return false;
    }
    let only = |follows: &dyn Fn(&str) -> bool| {
        let mut told = change.attributes.iter().filter(|it| !vocabulary::is_derived(&it.path));
        told.all(|it| follows(&it.path))
    };
    match change.kind.as_str() {
        "aws_scheduler_schedule" => only(&|path| path.ends_with("task_definition_arn")),
        "aws_cloudwatch_metric_alarm" => {
            let scaled = |other: &Change| {
                other.module == change.module
                    && matches!(
                        other.kind.as_str(),
                        "aws_appautoscaling_target" | "aws_ecs_service"
                    )
            };
            only(&|path| matches!(path, "alarm_description" | "threshold"))
                && all.iter().any(scaled)
        }
        _ => false,
    }
}

/// What differs in the cloud from what terraform last saw, worst first.
pub fn drifted(plan: &LayerPlan) -> Vec<Sentence> {
    let told = |change: &Change| {
        let subject = subject(change);
        let (risk, text) = match change.action {
            Action::Delete if change.loses_data() => {
                (Risk::LosesData, format!("{subject} is gone from the cloud"))
            }
            Action::Delete => (Risk::Deletes, format!("{subject} is gone from the cloud")),
            _ => {
                let attributes = change.attributes.iter();
                let attributes = attributes.filter(|it| !vocabulary::is_derived(&it.path));
                let differences: Vec<String> = attributes.map(difference).collect();
                if differences.is_empty() {
                    return None;
                }
                (Risk::Changes, format!("{subject} was changed: {}", listed(&differences)))
            }
        };
        Some(Sentence { risk, text, addresses: vec![change.address.clone()] })
    };
    let mut sentences: Vec<Sentence> = plan.drift.iter().filter_map(told).collect();
    sentences.sort_by_key(|sentence| sentence.risk);
    sentences
}

/// The sentence about one change that is no creation; `None` if there is nothing to say.
fn one(change: &Change, words: Words<'_>) -> Option<Sentence> {
    let way = rules::way(change).and_then(|way| way.sentence(change.action));
    let (risk, text) = match change.action {
        Action::Delete if way.is_some() => (Risk::Deletes, way.unwrap_or_default()),
        Action::Create | Action::Read => return None,
        Action::Update | Action::Replace { .. } if change.kind == "aws_ecs_task_definition" => {
            (Risk::Changes, rolled_out(change, words))
        }
        Action::Update => (Risk::Changes, updated(change)?),
        Action::Replace { create_before_destroy } => replaced(change, create_before_destroy),
        Action::Delete => deleted(change),
        Action::Forget => {
            let subject = subject(change);
            (Risk::Deletes, format!("lets go of {subject}: it stays in the cloud, unmanaged"))
        }
        Action::NoOp => (Risk::Quiet, moved(change)),
    };
    Some(Sentence { risk, text, addresses: vec![change.address.clone()] })
}

fn deleted(change: &Change) -> (Risk, String) {
    let subject = subject(change);
    match vocabulary::entry(&change.kind).and_then(|(_, entry)| entry.loss) {
        Some(loss) => (Risk::LosesData, format!("deletes {subject}: {loss}")),
        None => (Risk::Deletes, format!("deletes {subject}")),
    }
}

fn replaced(change: &Change, new_first: bool) -> (Risk, String) {
    let entry = vocabulary::entry(&change.kind).map(|(_, entry)| entry);
    let loss = entry.and_then(|entry| entry.loss);
    let outcome = match (loss, entry.and_then(|entry| entry.effect)) {
        (Some(loss), _) => format!(": {loss}"),
        (None, Some(effect)) if !new_first => format!(": {effect}"),
        (None, _) if new_first => ", the new one first".to_owned(),
        (None, _) => ", the old one goes first".to_owned(),
    };
    let forced = |attribute: &&Attribute| change.replace_paths.contains(&attribute.path);
    let mut why: Vec<String> = change.attributes.iter().filter(forced).map(difference).collect();
    if why.is_empty() {
        why = change.replace_paths.iter().map(|path| spoken(path)).collect();
    }
    if change.tainted {
        why.push("an earlier run left it half-made".to_owned());
    }
    let why = if why.is_empty() { String::new() } else { format!(" ({})", listed(&why)) };
    let risk = if loss.is_some() { Risk::LosesData } else { Risk::Replaces };
    (risk, format!("replaces {}{outcome}{why}", subject(change)))
}

fn updated(change: &Change) -> Option<String> {
    if let Some(tasks) = scaled(change) {
        return Some(tasks);
    }
    let allowed = permissions(change);
    if !allowed.is_empty() {
        return Some(format!("changes {}: {}", subject(change), allowed.join("; ")));
    }
    // The rollout of a service is told by its task definition.
    let rollout = |path: &str| change.kind == "aws_ecs_service" && path == "task_definition";
    let told = |it: &&Attribute| !vocabulary::is_derived(&it.path) && !rollout(&it.path);
    let attributes: Vec<&Attribute> = change.attributes.iter().filter(told).collect();
    let differences: Vec<String> = attributes.iter().map(|one| difference(one)).collect();
    let subject = subject(change);
    if differences.is_empty() {
        // A secret that changed looks the same on both sides.
        let only_rollout = change.attributes.iter().any(|it| rollout(&it.path));
        return (!only_rollout).then(|| format!("changes {subject}"));
    }
    let when = if attributes.iter().any(|one| waits(&change.kind, &one.path)) {
        match change.fact("apply_immediately") {
            Some("true") => ", at once: it restarts",
            _ => ", at the next maintenance window",
        }
    } else {
        ""
    };
    Some(format!("changes {subject}: {}{when}", listed(&differences)))
}

/// "service web: 2 → 3 tasks", of the bounds between which it is scaled.
fn scaled(change: &Change) -> Option<String> {
    let (before, after) = tasks(change)?;
    let (_, label) = module_label(change).filter(|(kind, _)| *kind == "service")?;
    let bound = |it: &Attribute| matches!(it.path.as_str(), "min_capacity" | "max_capacity");
    let mut told = change.attributes.iter().filter(|it| !vocabulary::is_derived(&it.path));
    (told.all(bound) && before != after).then(|| format!("{label}: {before} → {after} tasks"))
}

/// How many tasks a scaling target allows before and after: "2", or "2 to 6".
pub(super) fn tasks(change: &Change) -> Option<(String, String)> {
    if change.kind != "aws_appautoscaling_target" {
        return None;
    }
    let (least, most) = (sides(change, "min_capacity"), sides(change, "max_capacity"));
    let between = |least: Option<String>, most: Option<String>| match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
        (Some(number), _) | (None, Some(number)) => number,
        (None, None) => "0".to_owned(),
    };
    Some((between(least.0, most.0), between(least.1, most.1)))
}

/// A fact before and after the change, as far as there is one.
pub(super) fn sides(change: &Change, attribute: &str) -> (Option<String>, Option<String>) {
    let fact = change.fact(attribute).map(str::to_owned);
    let shown = |shown: &Shown| match shown {
        Shown::Text(text) => Some(text.clone()),
        _ => None,
    };
    match change.action {
        Action::Create => (None, fact),
        Action::Delete | Action::Forget => (fact, None),
        _ => match change.attributes.iter().find(|it| it.path == attribute) {
            Some(differs) => (shown(&differs.before), shown(&differs.after)),
            None => (fact.clone(), fact),
        },
    }
}

/// What a policy allows that it did not, and what no longer.
pub(super) fn permissions(change: &Change) -> Vec<String> {
    let parts =
        [("may now", &change.permissions.added), ("no longer", &change.permissions.removed)];
    let told = parts.iter().filter(|(_, actions)| !actions.is_empty());
    told.map(|(verb, actions)| format!("{verb} {}", listed(actions))).collect()
}

/// Attributes of a database that RDS changes only with a restart, and so in the maintenance
/// window unless told to hurry.
pub(super) fn waits(kind: &str, path: &str) -> bool {
    matches!(kind, "aws_db_instance" | "aws_rds_cluster")
        && matches!(
            path,
            "instance_class"
                | "engine_version"
                | "parameter_group_name"
                | "multi_az"
                | "storage_type"
        )
}

fn moved(change: &Change) -> String {
    match &change.previous_address {
        Some(from) => format!("renames {from} to {} in the state only", change.address),
        None => format!("takes {} over into the state", subject(change)),
    }
}

/// What a change is about, in words: "database main", "target group of service web",
/// "private subnet a", "`aws_xray_group` traces".
pub(super) fn subject(change: &Change) -> String {
    let label = module_label(change);
    if let Some((kind, label)) = &label
        && vocabulary::is_principal(kind, &change.kind)
        && change.index.is_none()
    {
        return label.clone();
    }
    let mut text = match vocabulary::entry(&change.kind) {
        Some((_, Entry { one, .. })) => match adjective(change) {
            Some(adjective) => format!("{adjective} {one}"),
            None => (*one).to_owned(),
        },
        None => format!("{} {}", change.kind, change.name),
    };
    // What is made for a workload is the workload's, whichever module makes it.
    if let Some(workload) = change.index.as_deref().and_then(rules::workload) {
        return format!("{text} of {workload}");
    }
    // A position says nothing: only names are told.
    let named = |index: &&String| !index.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(index) = change.index.as_ref().filter(named) {
        text = format!("{text} {index}");
    }
    let many = vocabulary::entry(&change.kind).map(|(_, entry)| entry.many);
    match label {
        // "network of network" and "secret session of secrets" say nothing more.
        Some((_, label)) if label != text && Some(label.as_str()) != many => {
            format!("{text} of {label}")
        }
        _ => text,
    }
}

/// The name in the configuration, where it says something.
pub(super) fn adjective(change: &Change) -> Option<String> {
    let known = vocabulary::entry(&change.kind).is_some();
    (known && !vocabulary::is_generic(&change.name)).then(|| change.name.replace('_', " "))
}

/// Kind and name of the innermost module: `module.service_web` is ("service", Some("web")).
pub(super) fn module_name(change: &Change) -> Option<(&str, Option<&str>)> {
    let last = change.module.as_deref()?.rsplit("module.").next()?;
    let call = last.split('[').next().unwrap_or(last);
    let named = call.split_once('_').filter(|(kind, _)| NAMED_MODULES.contains(kind));
    Some(named.map_or((call, None), |(kind, name)| (kind, Some(name))))
}

pub(super) fn module_label(change: &Change) -> Option<(&str, String)> {
    let (kind, name) = module_name(change)?;
    let label = match name {
        // The identity of a workload is spoken of as the workload's own.
        Some(name) if kind == "identity" => name.replacen('_', " ", 1),
        Some(name) => format!("{kind} {name}"),
        None => kind.replace('_', " "),
    };
    Some((kind, label))
}

pub(super) fn difference(attribute: &Attribute) -> String {
    let name = spoken(&attribute.path);
    match (&attribute.before, &attribute.after) {
        (Shown::Long, _) | (_, Shown::Long) => name,
        (_, Shown::Unknown) => format!("{name}, known after apply"),
        (Shown::Sensitive, Shown::Sensitive) => format!("{name} (sensitive)"),
        (Shown::Absent, after) => format!("{name} {after}, was not set"),
        (before, Shown::Absent) => format!("{name} no longer set, was {before}"),
        (before, after) => format!("{name} {before} → {after}"),
    }
}

/// An attribute path as words: `instance_class` is "instance class"; a path keeps its dots.
fn spoken(path: &str) -> String {
    if path.contains('.') { path.to_owned() } else { path.replace('_', " ") }
}

pub(super) fn listed(items: &[String]) -> String {
    let shown = items.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
