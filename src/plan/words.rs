//! A plan in sentences that an operator understands, what can hurt first.

use std::collections::BTreeMap;

use super::model::{Action, Attribute, Change, LayerPlan, Shown};
use super::rollout::rolled_out;
use super::vocabulary::{self, Entry, NAMED_MODULES};

/// How much a sentence can hurt; the worst is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// What a resource holds is lost.
    LosesData,
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Default for Words<'_> {
    fn default() -> Self {
        Self { tag_of: &|_| None }
    }
}

/// From how many on parts are counted instead of told one by one.
const MANY_PARTS: usize = 10;

/// How many attributes or names one sentence lists.
const MOST_LISTED: usize = 4;

/// Everything the plan would do, worst first, then in terraform's order; creations are grouped.
pub fn sentences(plan: &LayerPlan, words: Words<'_>) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    if plan.errored {
        let text = "terraform could not plan to the end: this is not everything".to_owned();
        sentences.push(Sentence { risk: Risk::LosesData, text, addresses: Vec::new() });
    }
    let (creations, others): (Vec<&Change>, Vec<&Change>) =
        plan.changes.iter().partition(|change| change.action == Action::Create);
    sentences.extend(others.into_iter().filter_map(|change| one(change, words)));
    sentences.extend(created(&creations));
    if sentences.is_empty() && !plan.outputs_changed.is_empty() {
        let text = format!("only outputs change: {}", listed(&plan.outputs_changed));
        sentences.push(Sentence { risk: Risk::Quiet, text, addresses: Vec::new() });
    }
    sentences.sort_by_key(|sentence| sentence.risk);
    sentences
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
    let (risk, text) = match change.action {
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

/// Attributes of a database that RDS changes only with a restart, and so in the maintenance
/// window unless told to hurry.
fn waits(kind: &str, path: &str) -> bool {
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

/// Creations, grouped by what they are: "creates 3 private subnets".
fn created(changes: &[&Change]) -> Vec<Sentence> {
    let mut groups: BTreeMap<(usize, &str, String), Vec<&Change>> = BTreeMap::new();
    let mut families: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    let parts = changes.iter().filter(|change| vocabulary::family(&change.kind).is_some()).count();
    for change in changes {
        if let Some(family) = vocabulary::family(&change.kind).filter(|_| parts >= MANY_PARTS) {
            families.entry(family).or_default().push(change);
            continue;
        }
        let place = vocabulary::entry(&change.kind).map_or(usize::MAX, |(place, _)| place);
        let adjective = adjective(change).unwrap_or_default();
        groups.entry((place, &change.kind, adjective)).or_default().push(change);
    }
    let told = |((_, kind, adjective), changes): ((usize, &str, String), Vec<&Change>)| Sentence {
        risk: Risk::Creates,
        text: match changes.as_slice() {
            [change] => format!("creates {}{}", subject(change), facts(change)),
            many => several(kind, &adjective, many),
        },
        addresses: changes.iter().map(|change| change.address.clone()).collect(),
    };
    let mut sentences: Vec<Sentence> = groups.into_iter().map(told).collect();
    if !families.is_empty() {
        let counts = families.iter().map(|(family, changes)| format!("{} {family}", changes.len()));
        let counts: Vec<String> = counts.collect();
        sentences.push(Sentence {
            risk: Risk::Creates,
            text: format!("creates what they need: {}", counts.join(", ")),
            addresses: families.into_values().flatten().map(|it| it.address.clone()).collect(),
        });
    }
    sentences
}

fn several(kind: &str, adjective: &str, changes: &[&Change]) -> String {
    let count = changes.len();
    let noun = match vocabulary::entry(kind) {
        Some((_, entry)) => entry.many,
        None => kind,
    };
    let space = if adjective.is_empty() { "" } else { " " };
    let text = format!("creates {count} {adjective}{space}{noun}");
    let names: Vec<&str> = changes.iter().filter_map(|change| own_name(change)).collect();
    if names.len() == count && count <= MOST_LISTED {
        format!("{text}: {}", names.join(", "))
    } else {
        text
    }
}

/// The name that a person gave: of the module whose principal it is.
fn own_name(change: &Change) -> Option<&str> {
    let (kind, name) = module_name(change)?;
    name.filter(|_| vocabulary::is_principal(kind, &change.kind))
}

fn facts(change: &Change) -> String {
    let told = |(name, value): &(&str, String)| match *name {
        "apply_immediately" | "engine_version" => None,
        "engine" => Some(match change.fact("engine_version") {
            Some(version) => format!("{value} {version}"),
            None => value.clone(),
        }),
        "allocated_storage" => Some(format!("{value} GB")),
        "desired_count" if value == "1" => Some("1 task".to_owned()),
        "desired_count" => Some(format!("{value} tasks")),
        _ => Some(value.clone()),
    };
    let told: Vec<String> = change.facts.iter().filter_map(told).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
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
fn adjective(change: &Change) -> Option<String> {
    let known = vocabulary::entry(&change.kind).is_some();
    (known && !vocabulary::is_generic(&change.name)).then(|| change.name.replace('_', " "))
}

/// Kind and name of the innermost module: `module.service_web` is ("service", Some("web")).
fn module_name(change: &Change) -> Option<(&str, Option<&str>)> {
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
