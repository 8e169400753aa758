//! Two plans of one layer, attribute by attribute.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::explained::{EXPLAINED, Explained};

/// What `terraform show -json` says of the changes of a plan.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By address.
    changes: BTreeMap<String, Change>,
}

#[derive(Debug)]
struct Change {
    kind: String,
    actions: Json,
    /// By name: the value, what of it is unknown, what of it is sensitive.
    attributes: BTreeMap<String, Attribute>,
}

/// A value as far as it is known, and the marks on it. Absent is something else than null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) value: Option<Json>,
    pub(super) unknown: Option<Json>,
    pub(super) sensitive: Option<Json>,
}

impl Plan {
    pub(super) fn of(shown: &Json) -> Self {
        let mut changes = BTreeMap::new();
        for found in shown["resource_changes"].as_array().unwrap() {
            let change = &found["change"];
            let mut attributes: BTreeMap<String, Attribute> = BTreeMap::new();
            let mut take = |part: &str, put: fn(&mut Attribute, Json)| {
                // A change that destroys has no `after`.
                for (name, value) in change[part].as_object().into_iter().flatten() {
                    put(attributes.entry(name.clone()).or_default(), value.clone());
                }
            };
            take("after", |it, value| it.value = Some(value));
            take("after_unknown", |it, value| it.unknown = Some(value));
            take("after_sensitive", |it, value| it.sensitive = Some(value));
            let kind = found["type"].as_str().unwrap().to_owned();
            let actions = change["actions"].clone();
            let address = found["address"].as_str().unwrap().to_owned();
            changes.insert(address, Change { kind, actions, attributes });
        }
        Self { changes }
    }
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) resources: usize,
    pub(super) attributes: usize,
    pub(super) equal: usize,
    pub(super) explained: usize,
    /// Which explanations were needed.
    pub(super) met: BTreeSet<usize>,
    /// Differences that nobody explains.
    pub(super) faults: Vec<String>,
}

/// Compares what the released provider plans with what the simulated one does.
pub(super) fn compare(at: &str, real: &Plan, simulated: &Plan) -> Compared {
    let mut all = Compared::default();
    let addresses: BTreeSet<&String> =
        real.changes.keys().chain(simulated.changes.keys()).collect();
    for address in addresses {
        all.resources += 1;
        let (Some(one), Some(other)) = (real.changes.get(address), simulated.changes.get(address))
        else {
            let who = if real.changes.contains_key(address) { "real" } else { "simulated" };
            all.faults.push(format!("{at}: only the {who} provider plans {address}"));
            continue;
        };
        if (&one.kind, &one.actions) != (&other.kind, &other.actions) {
            let (one, other) = (&one.actions, &other.actions);
            all.faults.push(format!("{at}: {address}: real {one}, simulated {other}"));
        }
        let names: BTreeSet<&String> =
            one.attributes.keys().chain(other.attributes.keys()).collect();
        for name in names {
            all.attributes += 1;
            let of = |change: &Change| change.attributes.get(name).cloned().unwrap_or_default();
            let (real, simulated) = (of(one), of(other));
            if real == simulated {
                all.equal += 1;
                continue;
            }
            let explains = |it: &Explained| {
                it.kind == one.kind && it.attribute == name && (it.holds)(&real, &simulated)
            };
            if let Some(number) = EXPLAINED.iter().position(explains) {
                all.explained += 1;
                all.met.insert(number);
                continue;
            }
            all.faults.push(format!(
                "{at}: {address}.{name}\n     real      {}\n     simulated {}",
                shown(&real),
                shown(&simulated)
            ));
        }
    }
    all
}

fn shown(attribute: &Attribute) -> Json {
    json!({ "value": attribute.value, "unknown": attribute.unknown, "sensitive": attribute.sensitive })
}
