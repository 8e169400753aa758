//! A plan in sentences that an operator understands, what can hurt first.

use serde::Serialize;

use super::grouped::{created, removed};
use super::members;
use super::model::{Action, Attribute, Change, LayerPlan, Shown};
use super::names::{difference, listed, module_label, spoken, subject};
use super::openings;
use super::rollout::{rolled_out, rolled_out_in_place};
use super::rules;
use super::scale::{instances, tasks};
use super::vocabulary;

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
    for change in others {
        let opened = openings::sentences(change);
        let whole = !opened.is_empty() && openings::is_whole(&change.kind);
        sentences.extend(opened);
        sentences.extend(one(change, words).filter(|_| !whole || change.action == Action::Update));
    }
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
        "google_monitoring_alert_policy" => {
            let scaled = |other: &Change| {
                let number = instances(other).is_some_and(|(before, after)| before != after);
                number && other.module == change.module
            };
            let texts = ["documentation.0.content", "conditions.0.display_name"];
            let threshold = "conditions.0.condition_threshold.0.threshold_value";
            only(&|path| texts.contains(&path) || path == threshold) && all.iter().any(scaled)
        }
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
                let mut differences: Vec<String> =
                    attributes.map(|it| difference(&change.kind, it)).collect();
                if differences.is_empty() {
                    return None;
                }
                // An address of a set says little, whom it lets in says much.
                if change.attributes.iter().any(|it| openings::tells(change, &it.path)) {
                    let opened = openings::sentences(change).into_iter().map(|it| it.text);
                    differences.splice(0..0, opened);
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
        Action::Update if vocabulary::rolls_itself(&change.kind) => {
            (Risk::Changes, rolled_out_in_place(change, words)?)
        }
        Action::Delete | Action::Replace { .. } if members::changed(change).is_some() => {
            return members::changed(change);
        }
        Action::Update => (Risk::Changes, updated(change)?),
        Action::Replace { create_before_destroy } => replaced(change, create_before_destroy),
        Action::Delete if vocabulary::stays(change) => let_go(change),
        Action::Delete => deleted(change),
        Action::Forget => let_go(change),
        Action::NoOp => (Risk::Quiet, moved(change)),
    };
    Some(Sentence { risk, text, addresses: vec![change.address.clone()] })
}

fn let_go(change: &Change) -> (Risk, String) {
    let text = format!("lets go of {}: it stays in the cloud, unmanaged", subject(change));
    (Risk::Deletes, text)
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
    let forcing = change.attributes.iter().filter(forced);
    let mut why: Vec<String> = forcing.map(|it| difference(&change.kind, it)).collect();
    if why.is_empty() {
        why = change.replace_paths.iter().map(|path| spoken(&change.kind, path)).collect();
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
    let elsewhere = |path: &str| rollout(path) || openings::tells(change, path);
    let told = |it: &&Attribute| !vocabulary::is_derived(&it.path) && !elsewhere(&it.path);
    let attributes: Vec<&Attribute> = change.attributes.iter().filter(told).collect();
    let differences: Vec<String> =
        attributes.iter().map(|one| difference(&change.kind, one)).collect();
    let subject = subject(change);
    if differences.is_empty() {
        // A secret that changed looks the same on both sides.
        let only_elsewhere = change.attributes.iter().any(|it| elsewhere(&it.path));
        return (!only_elsewhere).then(|| format!("changes {subject}"));
    }
    let when = match restart(change) {
        Some(_) if !attributes.iter().any(|one| waits(&change.kind, &one.path)) => "",
        Some(Restart::AtOnce) => ", at once: it restarts",
        Some(Restart::WithoutWindow) => {
            ", at once: it restarts, Cloud SQL waits for no maintenance window"
        }
        Some(Restart::InWindow) => ", at the next maintenance window",
        None => "",
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

/// When a database restarts for a change that it cannot take otherwise.
pub(super) enum Restart {
    AtOnce,
    /// At once, whatever window the environment has: Cloud SQL offers no choice.
    WithoutWindow,
    InWindow,
}

/// When the database that changes would restart; `None` for what is no database.
pub(super) fn restart(change: &Change) -> Option<Restart> {
    Some(match change.fact("apply_immediately") {
        _ if !vocabulary::is_database(&change.kind) => return None,
        _ if vocabulary::is_google(&change.kind) => Restart::WithoutWindow,
        Some("true") => Restart::AtOnce,
        _ => Restart::InWindow,
    })
}

/// Attributes of a database that are changed only with a restart. RDS does so in the maintenance
/// window unless told to hurry.
pub(super) fn waits(kind: &str, path: &str) -> bool {
    match kind {
        "aws_db_instance" | "aws_rds_cluster" => matches!(
            path,
            "instance_class"
                | "engine_version"
                | "parameter_group_name"
                | "multi_az"
                | "storage_type"
        ),
        "google_sql_database_instance" => matches!(
            path,
            "settings.0.tier"
                | "database_version"
                | "settings.0.edition"
                | "settings.0.availability_type"
        ),
        _ => false,
    }
}

fn moved(change: &Change) -> String {
    match &change.previous_address {
        Some(from) => format!("renames {from} to {} in the state only", change.address),
        None => format!("takes {} over into the state", subject(change)),
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "words_tests_google.rs"]
mod tests_google;
