//! Rights on Google Cloud: each is a resource that gives one role to one member.

use std::collections::BTreeMap;

use super::model::{Action, Change};
use super::names::{listed, module_label};
use super::rules;
use super::words::{Risk, Sentence, permissions};

/// Google's own accounts, by the domain of their address: the services that act with a right.
const AGENTS: [(&str, &str); 7] = [
    ("gcp-sa-artifactregistry", "Artifact Registry"),
    ("serverless-robot-prod", "Cloud Run"),
    ("gcp-sa-cloud-sql", "Cloud SQL"),
    ("gcp-sa-secretmanager", "Secret Manager"),
    ("gcp-sa-logging", "Cloud Logging"),
    ("gcp-sa-cloudscheduler", "Cloud Scheduler"),
    ("gs-project-accounts", "Cloud Storage"),
];

/// Whether a type gives a right to one member.
pub(super) fn is_member(kind: &str) -> bool {
    kind.starts_with("google_") && kind.ends_with("_iam_member")
}

/// Who gets the right: a part of the product, a service of Google's, or the member as it is.
pub(super) fn grantee(change: &Change) -> String {
    let member = change.fact("member").unwrap_or_default();
    let address = member.strip_prefix("serviceAccount:");
    if let Some((_, name)) =
        AGENTS.iter().find(|(domain, _)| address.is_some_and(|it| it.contains(domain)))
    {
        return (*name).to_owned();
    }
    let workload = change.index.as_deref().and_then(rules::workload);
    let label = workload.or_else(|| module_label(change).map(|(_, label)| label));
    match (address, label) {
        // A person, a group, a domain: whoever reads it must see which.
        (None, _) if !member.is_empty() => member.to_owned(),
        (_, Some(label)) if change.name.contains("schedul") => format!("the schedule of {label}"),
        (_, Some(label)) => label,
        (Some(address), None) => address.to_owned(),
        (None, None) => "somebody".to_owned(),
    }
}

/// "service web may now roles/cloudsql.client", one sentence for each who gets something.
pub(super) fn granted(changes: &[&Change]) -> Vec<Sentence> {
    let mut members: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        members.entry(grantee(change)).or_default().push(change);
    }
    let told = |(who, changes): (String, Vec<&Change>)| {
        let mut roles: Vec<String> = Vec::new();
        for role in changes.iter().flat_map(|it| &it.permissions.added) {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
        Sentence {
            risk: Risk::Creates,
            text: format!("{who} may now {}", listed(&roles)),
            addresses: changes.iter().map(|change| change.address.clone()).collect(),
        }
    };
    members.into_iter().map(told).collect()
}

/// The sentence about a right that goes or becomes another; `None` if nothing is known of it.
pub(super) fn changed(change: &Change) -> Option<Sentence> {
    let told = permissions(change);
    if !is_member(&change.kind) || told.is_empty() {
        return None;
    }
    let risk = if change.action == Action::Delete { Risk::Deletes } else { Risk::Changes };
    let text = format!("{} {}", grantee(change), told.join("; "));
    Some(Sentence { risk, text, addresses: vec![change.address.clone()] })
}
