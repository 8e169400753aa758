//! What things are called in sentences: resources by the part of the product they belong to,
//! attributes as words.

use super::model::{Attribute, Change, Shown};
use super::rules;
use super::vocabulary::{self, Entry, NAMED_MODULES};

/// How many attributes or names one sentence lists.
pub(super) const MOST_LISTED: usize = 4;

/// What a change is about, in words: "database main", "target group of service web",
/// "private subnet a", "`aws_xray_group` traces".
pub(super) fn subject(change: &Change) -> String {
    let label = module_label(change);
    if let Some((kind, label)) = &label
        && vocabulary::is_principal(kind, &change.kind)
        && is_only(change)
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
    if let Some(index) = change.index.as_ref().filter(|_| !is_only(change)) {
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

/// Whether it has no name among others: a position says only that it may be absent.
pub(super) fn is_only(change: &Change) -> bool {
    change.index.as_ref().is_none_or(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
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
        // Where a load balancer leads is the load balancer's.
        Some(name) if kind == "routes" => format!("ingress {name}"),
        Some(name) => format!("{kind} {name}"),
        None => kind.replace('_', " "),
    };
    Some((kind, label))
}

/// "tier db-custom-1-3840 → db-custom-2-7680": what differs, of a resource of this type.
pub(super) fn difference(kind: &str, attribute: &Attribute) -> String {
    let name = spoken(kind, &attribute.path);
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
pub(super) fn spoken(kind: &str, path: &str) -> String {
    match path.contains('.') {
        true if vocabulary::is_google(kind) => spoken_of_google(path),
        true => path.to_owned(),
        false => path.replace('_', " "),
    }
}

/// Blocks of Google's types that only hold others.
const WRAPPERS: [&str; 5] = ["template", "settings", "containers", "resources", "limits"];

/// `settings.0.backup_configuration.0.start_time` is "backup configuration start time", and
/// `template.0.containers.0.env.LOG_LEVEL.value` is "variable `LOG_LEVEL`".
fn spoken_of_google(path: &str) -> String {
    for (block, word) in [("env.", "variable"), ("database_flags.", "flag")] {
        if let Some((before, rest)) = path.split_once(block)
            && (before.is_empty() || before.ends_with('.'))
        {
            let name = rest.strip_suffix(".value").unwrap_or(rest);
            let name = name.split_once(".value_source").map_or(name, |(name, _)| name);
            return format!("{word} {name}");
        }
    }
    if let Some(key) = path.strip_prefix("labels.") {
        return format!("label {key}");
    }
    let mut words: Vec<String> = Vec::new();
    let mut above = "";
    for step in path.split('.') {
        let position = step.bytes().all(|byte| byte.is_ascii_digit()) && above != "rule";
        if !position && !WRAPPERS.contains(&step) {
            words.push(step.replace('_', " "));
        }
        above = step;
    }
    if words.is_empty() { path.replace('_', " ") } else { words.join(" ") }
}

pub(super) fn listed(items: &[String]) -> String {
    let shown = items.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}
