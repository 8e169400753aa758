//! Whose each difference is. Pure: a plan and what is known about the environment go in, findings
//! come out.

use std::collections::{BTreeMap, BTreeSet};

use super::configuration::{Configuration, Said};
use super::{Finding, Owner, Rule, customer, keys, rules, wanted};
use crate::environment::model::Drift;
use crate::plan::{Action, Attribute, Change, LayerPlan, drifted};
use crate::workspace::Layer;

/// What a resource holds though no line of it says so: an empty list is what is wanted.
const WANTED_EMPTY: [(&str, &str); 10] = [
    ("aws_default_security_group", "ingress"),
    ("aws_default_security_group", "egress"),
    // Switched off or opened by hand: what the provider would take back although nobody wrote it.
    ("google_sql_database_instance", "settings.0.activation_policy"),
    ("google_sql_database_instance", "settings.0.ip_configuration.0.authorized_networks"),
    ("google_sql_database_instance", "settings.0.deny_maintenance_period"),
    ("google_compute_firewall", "disabled"),
    ("google_compute_firewall", "source_tags"),
    ("google_service_account", "disabled"),
    ("google_monitoring_alert_policy", "enabled"),
    ("google_cloud_run_v2_service", "template.0.revision"),
];

/// What differences are held against.
pub(super) struct Facts<'a> {
    /// What the rendered Terraform sets.
    pub(super) configuration: &'a Configuration,
    /// What environment.hcl says about drift.
    pub(super) drift: &'a Drift,
    /// Task definition → the run whose receipt proves that it ran.
    pub(super) known: &'a BTreeMap<String, String>,
    /// What terraform would do about it, once that was asked.
    pub(super) wanted: Option<&'a LayerPlan>,
}

/// Every difference of a layer with its owner.
pub(super) fn triage(layer: Layer, plan: &LayerPlan, facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &plan.drift {
        match change.action {
            Action::Delete => findings.push(gone(layer, change, facts)),
            Action::Update | Action::Replace { .. } => {
                findings.extend(changed(layer, change, facts));
            }
            _ => {}
        }
    }
    findings
}

fn gone(layer: Layer, change: &Change, facts: &Facts<'_>) -> Finding {
    let given = customer::owned(&facts.drift.customer_owned, change, None);
    let (owner, rule) = match given {
        Some(rule) => (Owner::Customer, Some(rule)),
        None if wanted::is_wanted(facts.wanted, &change.address, None) => as_wanted(),
        None => (Owner::Vendor, None),
    };
    finding(layer, change, Vec::new(), owner, rule)
}

/// The differences of one resource: one finding for each owner and rule.
fn changed(layer: Layer, change: &Change, facts: &Facts<'_>) -> Vec<Finding> {
    let mut parts: Vec<(Owner, Option<Rule>, Vec<Attribute>)> = Vec::new();
    for attribute in own_tags(&change.attributes) {
        let (owner, rule) = owner_of(layer, change, &attribute, facts);
        match parts.iter_mut().find(|(other, by, _)| *other == owner && *by == rule) {
            Some((.., attributes)) => attributes.push(attribute),
            None => parts.push((owner, rule, vec![attribute])),
        }
    }
    parts
        .into_iter()
        .map(|(owner, rule, attributes)| finding(layer, change, attributes, owner, rule))
        .collect()
}

fn owner_of(
    layer: Layer,
    change: &Change,
    attribute: &Attribute,
    facts: &Facts<'_>,
) -> (Owner, Option<Rule>) {
    let path = attribute.path.as_str();
    let cloud = |rule: Rule| (Owner::Cloud, Some(rule));
    if let Some(rule) = rules::ignored_tag(attribute, &facts.drift.ignore_tags) {
        return cloud(rule);
    }
    if let Some(rule) = rules::noise_of(&change.kind, attribute) {
        return cloud(rule);
    }
    if let Some(rule) = customer::owned(&facts.drift.customer_owned, change, Some(path)) {
        return (Owner::Customer, Some(rule));
    }
    if let Some(rule) = rules::foreign_label(&change.kind, attribute) {
        return cloud(rule);
    }
    if let Some(rule) = never_ready(change, path, facts.known) {
        return (Owner::FailedUpdate, Some(rule));
    }
    match facts.configuration.says(layer, change, path) {
        Said::Ignored => {
            return cloud(named("ignore-changes", "the module tells terraform to ignore it"));
        }
        Said::NotSet if !is_always_set(&change.kind, path) => {
            return cloud(named("not-set", "the configuration leaves it to the cloud"));
        }
        Said::NotSet | Said::Set => {}
    }
    if let Some(rule) = earlier_revision(change, path, facts.known) {
        return (Owner::FailedUpdate, Some(rule));
    }
    if wanted::is_wanted(facts.wanted, &change.address, Some(path)) {
        return as_wanted();
    }
    (Owner::Vendor, None)
}

fn named(name: &str, why: &str) -> Rule {
    Rule { name: name.to_owned(), why: why.to_owned() }
}

fn as_wanted() -> (Owner, Option<Rule>) {
    (Owner::Cloud, Some(named("as-wanted", "the configuration wants it like that by now")))
}

/// The provider puts its default tags on everything, whatever a resource says.
fn is_always_set(kind: &str, path: &str) -> bool {
    let empty =
        WANTED_EMPTY.iter().any(|(known, top)| *known == kind && rules::is_within(path, top));
    let labels = kind.starts_with("google_") && rules::is_within(path, "labels");
    empty || labels || rules::is_within(path, "tags")
}

/// A service that runs what was proved before: an update failed, nobody tampered.
fn earlier_revision(change: &Change, path: &str, known: &BTreeMap<String, String>) -> Option<Rule> {
    if change.kind != "aws_ecs_service" || path != "task_definition" {
        return None;
    }
    let arn = change.task_definition.as_ref()?;
    let run = known.get(arn)?;
    let revision = arn.rsplit('/').next().unwrap_or(arn);
    Some(Rule {
        name: "earlier-revision".to_owned(),
        why: format!("it runs {revision}, as in receipt {run}: the platform took an update back"),
    })
}

/// A Cloud Run service whose newest revision never got ready serves what was proved before: it
/// takes no traffic back, it never gave it away.
fn never_ready(change: &Change, path: &str, known: &BTreeMap<String, String>) -> Option<Rule> {
    let short = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let created = short(change.fact("latest_created_revision")?);
    let ready = short(change.task_definition.as_ref()?);
    let told = matches!(path, "latest_created_revision" | "latest_ready_revision");
    if !told || created == ready {
        return None;
    }
    let (_, run) = known.iter().find(|(name, _)| short(name) == ready)?;
    Some(Rule {
        name: "earlier-revision".to_owned(),
        why: format!("it runs {ready}, as in receipt {run}: {created} never got ready"),
    })
}

/// `tags_all` repeats `tags` and the provider's default tags: one difference for both.
fn own_tags(attributes: &[Attribute]) -> Vec<Attribute> {
    let mut seen = BTreeSet::new();
    let mut own = Vec::new();
    for attribute in attributes {
        let path = wanted::own_tag(&attribute.path).into_owned();
        if seen.insert(path.clone()) {
            own.push(Attribute { path, ..attribute.clone() });
        }
    }
    // One map can be absent on one side of `tags`, where the other is told key by key.
    for all in ["tags", "labels"] {
        if seen.iter().any(|path| path.starts_with(&format!("{all}."))) {
            own.retain(|attribute| attribute.path != all);
        }
    }
    own
}

fn finding(
    layer: Layer,
    change: &Change,
    attributes: Vec<Attribute>,
    owner: Owner,
    rule: Option<Rule>,
) -> Finding {
    let key = match owner {
        Owner::Vendor => attributes.iter().find_map(|it| keys::key(change, &it.path)),
        _ => None,
    };
    let only = Change { attributes: attributes.clone(), ..change.clone() };
    let told = LayerPlan { drift: vec![only], ..LayerPlan::default() };
    let text = drifted(&told).into_iter().next().map_or_else(
        || {
            let paths: Vec<&str> = attributes.iter().map(|it| it.path.as_str()).collect();
            format!("{} was changed: {}", change.address, paths.join(", "))
        },
        |sentence| sentence.text,
    );
    let gone = change.action == Action::Delete;
    Finding { layer, address: change.address.clone(), text, gone, attributes, owner, rule, key }
}

#[cfg(test)]
#[path = "triage_tests.rs"]
mod tests;
