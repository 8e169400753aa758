//! A stored state, as far as it is read: whose line it is, what is in it, whether two are the same.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::events::Output;

/// What is known about a stored state without its values.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StateSummary {
    /// Random name of this line of states.
    pub lineage: String,
    /// Grows with every change.
    pub serial: u64,
    /// Resource blocks in it; 0 after a destroy.
    #[serde(default, deserialize_with = "counted")]
    pub resources: usize,
}

fn counted<'de, D: Deserializer<'de>>(list: D) -> Result<usize, D::Error> {
    Vec::<IgnoredAny>::deserialize(list).map(|all| all.len())
}

/// Outputs and resources; of their attributes only the names.
#[derive(Default, Deserialize)]
pub(super) struct Contents {
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    attributes: Identifiers,
    /// Of what a replacement left over: it is not what the address means.
    #[serde(default)]
    deposed: Option<String>,
}

#[derive(Default, Deserialize)]
struct Identifiers {
    id: Option<String>,
    arn: Option<String>,
}

impl Contents {
    /// How many resources terraform manages.
    pub(super) fn managed(&self) -> usize {
        let managed = self.resources.iter().filter(|resource| resource.mode == "managed");
        let instances = managed.flat_map(|resource| &resource.instances);
        instances.filter(|instance| instance.deposed.is_none()).count()
    }

    /// Ids and ARNs of all that is in it.
    pub(super) fn ids(self) -> Vec<String> {
        let instances = self.resources.into_iter().flat_map(|resource| resource.instances);
        instances.flat_map(|it| [it.attributes.id, it.attributes.arn]).flatten().collect()
    }

    /// The outputs that are not sensitive.
    pub(super) fn outputs(self) -> Map<String, Value> {
        Output::open(self.outputs)
    }
}

/// Whether two states say the same. Terraform writes checks, and which attributes are sensitive, in
/// any order.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let read = |bytes: &[u8]| -> Option<Value> {
        let mut state: Value = serde_json::from_slice(bytes).ok()?;
        state.as_object_mut()?.remove("check_results");
        for resource in state.get_mut("resources")?.as_array_mut()? {
            for instance in resource.get_mut("instances")?.as_array_mut()? {
                if let Some(Value::Array(paths)) = instance.get_mut("sensitive_attributes") {
                    paths.sort_by_key(Value::to_string);
                }
            }
        }
        Some(state)
    };
    matches!((read(one), read(other)), (Some(one), Some(other)) if one == other)
}
