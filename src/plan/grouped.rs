//! Many changes as one sentence: creations by what they are, and what goes with a service or a
//! job that goes.

use std::collections::BTreeMap;

use super::members;
use super::model::{Action, Change};
use super::names::{MOST_LISTED, adjective, is_only, module_label, module_name, subject};
use super::openings;
use super::rules;
use super::scale;
use super::vocabulary;
use super::words::{Risk, Sentence};

/// From how many on parts are counted instead of told one by one.
const MANY_PARTS: usize = 10;

/// From how many on parts that go with one owner are told as one.
const MANY_REMOVED: usize = 3;

/// Parts that go with their owner, as one sentence for each owner, and the changes that are left.
/// What holds something, what an owner is about, and rules are always told on their own.
pub(super) fn removed<'a>(changes: &[&'a Change]) -> (Vec<Sentence>, Vec<&'a Change>) {
    let mut owners: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    let mut others = Vec::new();
    for change in changes {
        match part_of(change) {
            Some(owner) => owners.entry(owner).or_default().push(change),
            None => others.push(*change),
        }
    }
    let mut sentences = Vec::new();
    for (owner, parts) in owners {
        if parts.len() < MANY_REMOVED {
            others.extend(parts);
            continue;
        }
        let mut counts: BTreeMap<usize, (usize, &str, &str)> = BTreeMap::new();
        for part in &parts {
            if let Some((place, entry)) = vocabulary::entry(&part.kind) {
                counts.entry(place).or_insert((0, entry.one, entry.many)).0 += 1;
            }
        }
        let counts = counts
            .into_values()
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
        sentences.push(Sentence {
            risk: Risk::Deletes,
            text: format!("deletes what {owner} needed: {}", counts.collect::<Vec<_>>().join(", ")),
            addresses: parts.iter().map(|part| part.address.clone()).collect(),
        });
    }
    (sentences, others)
}

/// The service or job that a deleted part belongs to.
fn part_of(change: &Change) -> Option<String> {
    let counted = change.action == Action::Delete
        && !change.loses_data()
        && rules::way(change).is_none()
        && openings::sentences(change).is_empty()
        && vocabulary::entry(&change.kind).is_some();
    if !counted {
        return None;
    }
    if let Some(workload) = change.index.as_deref().and_then(rules::workload) {
        return Some(workload);
    }
    let (kind, label) = module_label(change)?;
    let principal = vocabulary::is_principal(kind, &change.kind) && is_only(change);
    (matches!(kind, "service" | "job" | "identity") && !principal).then_some(label)
}

/// Creations, grouped by what they are: "creates 3 private subnets".
pub(super) fn created(changes: &[&Change]) -> Vec<Sentence> {
    let mut groups: BTreeMap<(usize, &str, String), Vec<&Change>> = BTreeMap::new();
    let mut families: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    let parts = changes.iter().filter(|change| vocabulary::family(&change.kind).is_some()).count();
    let mut sentences = Vec::new();
    let mut members: Vec<&Change> = Vec::new();
    for change in changes {
        let mut opened = openings::sentences(change);
        opened.retain(|it| it.risk == Risk::Opens || parts < MANY_PARTS);
        let whole = !opened.is_empty() && openings::is_whole(&change.kind);
        sentences.extend(opened);
        if whole {
            continue;
        }
        if members::is_member(&change.kind)
            && !change.permissions.added.is_empty()
            && parts < MANY_PARTS
        {
            members.push(change);
            continue;
        }
        let way = rules::way(change);
        let open = way.as_ref().is_some_and(rules::Way::lets_everyone_in);
        if let Some(way) = way.filter(|_| open || parts < MANY_PARTS)
            && let Some(text) = way.sentence(change.action)
        {
            let risk = if open { Risk::Opens } else { Risk::Creates };
            sentences.push(Sentence { risk, text, addresses: vec![change.address.clone()] });
            continue;
        }
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
            [change] => {
                format!("{} {}{}", verb(&change.kind), subject(change), facts(change))
            }
            many => several(kind, &adjective, many),
        },
        addresses: changes.iter().map(|change| change.address.clone()).collect(),
    };
    sentences.extend(groups.into_iter().map(told));
    sentences.extend(members::granted(&members));
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

/// What happens to it: an API is there already, for whoever enables it.
fn verb(kind: &str) -> &'static str {
    if kind == "google_project_service" { "enables" } else { "creates" }
}

fn several(kind: &str, adjective: &str, changes: &[&Change]) -> String {
    let count = changes.len();
    let noun = match vocabulary::entry(kind) {
        Some((_, entry)) => entry.many,
        None => kind,
    };
    let space = if adjective.is_empty() { "" } else { " " };
    let text = format!("{} {count} {adjective}{space}{noun}", verb(kind));
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
        // `POSTGRES_17` is "postgres 17".
        "database_version" => Some(value.to_lowercase().replace('_', " ")),
        "allocated_storage" | "settings.0.disk_size" => Some(format!("{value} GB")),
        "desired_count" if value == "1" => Some("1 task".to_owned()),
        "desired_count" => Some(format!("{value} tasks")),
        _ => Some(value.clone()),
    };
    let asked = vocabulary::facts(&change.kind);
    let facts = change.facts.iter().filter(|(name, _)| asked.contains(name));
    let count = scale::instances(change).and_then(|(_, after)| after);
    let count = count.map(|count| scale::counted(&count, "instance"));
    let told: Vec<String> = facts.filter_map(told).chain(count).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}
